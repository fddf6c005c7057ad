/**
 * When old command ids and dead letters are forgotten: a round now and then, in steps with a pause between them. On one thread of the node
 * that owns the shards, so in one place. It must never know how anything is stored.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../../observability/log.ts';
import type { Metrics } from '../../observability/metrics.ts';
import { forgetBeforeMs, LETTERS_MAX, type Retention } from '../../persistence/postgres/stores/retention.ts';

/** A round reads all ids once. */
const ROUND_MS = 6 * 3_600_000;
/** Until the next try after a round that failed. */
const RETRY_MS = 10 * 60_000;
/** Between two steps: with steps of some milliseconds nobody else waits for them. */
const PAUSE_MS = 100;
/** What waits longer than this is worth a word: ids pile up until it is finished. */
const HELD_MS = 86_400_000;

export interface ForgettingOptions {
  readonly retention: Retention;
  readonly commandDays: number;
  readonly deadLetterDays: number;
  readonly deadLettersMax: number;
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly metrics: Pick<Metrics, 'counter'>;
  readonly pauses?: { readonly roundMs: number; readonly retryMs: number; readonly stepMs: number };
}

/** Begins at once. @returns its end: resolves when no step is under way any more. A round that fails is said, and comes again. */
export function keepForgetting(options: ForgettingOptions): () => Promise<void> {
  const { retention, log } = options;
  const pauses = options.pauses ?? { roundMs: ROUND_MS, retryMs: RETRY_MS, stepMs: PAUSE_MS };
  const help = 'Rows that were forgotten because of their age or number.';
  const counter = options.metrics.counter('wakala_retention_removed_total', help, ['kind']);
  const stop = new AbortController();
  const pause = (ms: number): Promise<void> => wait(ms, undefined, { signal: stop.signal, ref: false });

  /** @param step removes some, and says whether there may be more. */
  async function all(kind: string, step: () => Promise<{ readonly removed: number; readonly more: boolean }>): Promise<number> {
    let sum = 0;
    for (;;) {
      const { removed, more } = await step();
      sum += removed;
      counter.inc({ kind }, removed);
      if (!more) return sum;
      await pause(pauses.stepMs);
    }
  }

  async function round(): Promise<void> {
    const horizon = await retention.horizon();
    const heldMs = horizon.unfinishedMs === null ? 0 : horizon.nowMs - horizon.unfinishedMs;
    if (heldMs > HELD_MS)
      log.warn({ heldMs: Math.round(heldMs) }, 'command ids are kept longer: an effect or a post of the intake log is not finished');
    let page: number | null = 0;
    const commands = await all('command', async () => {
      const { removed, nextPage } = await retention.forgetCommands(forgetBeforeMs(horizon, options.commandDays), page ?? 0);
      page = nextPage;
      return { removed, more: nextPage !== null };
    });
    const beyondMs = await retention.deadLettersBeyond(options.deadLettersMax);
    if (beyondMs !== null) log.warn({ max: options.deadLettersMax }, 'more dead letters than are kept: the oldest are forgotten');
    const lettersBeforeMs = Math.max(forgetBeforeMs({ ...horizon, unfinishedMs: null }, options.deadLetterDays), beyondMs ?? 0);
    const deadLetters = await all('dead_letter', async () => {
      const removed = await retention.forgetDeadLetters(lettersBeforeMs);
      return { removed, more: removed === LETTERS_MAX };
    });
    if (commands + deadLetters > 0) log.info({ commands, deadLetters }, 'old command ids and dead letters forgotten');
  }

  async function rounds(): Promise<void> {
    while (!stop.signal.aborted) {
      const nextMs = await round().then(
        () => pauses.roundMs,
        (error: unknown) => {
          if (!stop.signal.aborted) log.warn({ error }, 'old command ids and dead letters were not forgotten');
          return pauses.retryMs;
        },
      );
      await pause(nextMs).catch(() => undefined);
    }
  }

  const running = rounds();
  return async () => {
    stop.abort();
    await running;
  };
}
