/**
 * Keeps the sums over threads from going down: what a replaced thread had counted stays in them, and so does what a thread that
 * does not answer in time said last. A monitor takes any step down for a restart of the process and counts the whole sum again.
 * It must never know what is counted.
 */
import { AggregatorRegistry } from 'prom-client';
import type { ThreadMetrics } from './metrics.ts';

interface ThreadReport {
  readonly thread: number;
  /** Grows by one with each replacement, which starts its counters at zero. */
  readonly restarts: number;
  readonly metrics: ThreadMetrics;
}

interface Memory {
  restarts: number;
  /** The last report, only what accumulates. */
  last: ThreadMetrics;
  /** The sum of the last reports of earlier lives. */
  past: ThreadMetrics;
}

export class SteadySums {
  readonly #memories = new Map<number, Memory>();

  /** @returns the reports' metrics, and beside them what has to be added to them. */
  async add(reports: readonly ThreadReport[]): Promise<ThreadMetrics[]> {
    const silent = new Set(this.#memories.keys());
    for (const report of reports) {
      silent.delete(report.thread);
      await this.#remember(report);
    }
    const missing = [...silent].map((thread) => this.#memories.get(thread)?.last ?? []);
    const past = [...this.#memories.values()].map((memory) => memory.past);
    return [...reports.map(({ metrics }) => metrics), ...missing, ...past].filter((metrics) => metrics.length > 0);
  }

  async #remember({ thread, restarts, metrics }: ThreadReport): Promise<void> {
    const last = metrics.filter(accumulates);
    const known = this.#memories.get(thread);
    if (known === undefined) {
      this.#memories.set(thread, { restarts, last, past: [] });
      return;
    }
    // Taken and written without a pause: two collections may run at once.
    const ended = known.restarts < restarts ? [known.past, known.last].filter((part) => part.length > 0) : null;
    if (known.restarts > restarts) return;
    known.restarts = restarts;
    known.last = last;
    if (ended !== null && ended.length > 0)
      known.past = await AggregatorRegistry.aggregate(ended.map((part) => [...part])).getMetricsAsJSON();
  }
}

/** prom-client types the kind as a number, and sends its name. */
function accumulates({ type }: ThreadMetrics[number]): boolean {
  const kind = String(type);
  return kind === 'counter' || kind === 'histogram';
}
