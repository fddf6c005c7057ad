/**
 * Metrics of one thread, and their sum over threads. It must never know what is measured: callers name it, under the
 * rules that are checked here (prefix, unit, bounded labels).
 */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client';

export type ThreadMetrics = readonly MetricObjectWithValues<MetricValue<string>>[];

const NAME = /^wakala_[a-z0-9_]+$/;
/** The ending of everything that only grows. Source: Prometheus, "Metric and label naming". */
const COUNTED = /_total$/;
/** Every other name says what it counts in. */
const UNITS =
  /_(seconds|bytes|messages|events|actors|shards|requests|connections|entries|ratio|info|state|commands|timers|effects|tenants|fixes|drivers|chunks|numbers)$/;
/** Labels whose values would grow with the business. */
const UNBOUNDED = new Set([
  'tenant',
  'tenant_id',
  'order',
  'order_id',
  'driver',
  'driver_id',
  'customer',
  'customer_id',
  'wa_id',
  'request_id',
  'entity',
  'path',
]);
/** Series of one metric; more fold into the label value `other`. */
const MAX_SERIES = 500;
const OTHER = 'other';
/** From half a millisecond to ten seconds. */
const DURATION_BUCKETS_S = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const LAG_RESOLUTION_MS = 10;
const NANOSECONDS = 1e9;
const MISNAMED = ['resources', 'handles', 'requests'] as const;

type Labels = Readonly<Record<string, string>>;
type Aggregation = 'sum' | 'max' | 'min' | 'average' | 'first';

interface CounterHandle {
  inc(labels?: Labels, by?: number): void;
}
interface GaugeHandle {
  set(value: number, labels?: Labels): void;
}
interface HistogramHandle {
  observe(value: number, labels?: Labels): void;
}

/** One a thread. Asking for a name again gives the same metric. */
export class Metrics {
  readonly registry = new Registry();
  readonly #made = new Map<string, CounterHandle | GaugeHandle | HistogramHandle>();
  #lag: IntervalHistogram | null = null;

  /** Monotonic; the name ends in `_total`. @throws RangeError for a name or label against the rules. */
  counter(name: string, help: string, labels: readonly string[] = []): CounterHandle {
    check(name, labels, COUNTED);
    return this.#once(name, () => {
      const counter = new Counter({ name, help, labelNames: [...labels], registers: [this.registry] });
      const bound = bounder(labels);
      return { inc: (values = {}, by = 1) => counter.inc(bound(values), by) };
    });
  }

  /** A counter that somebody else keeps, read when metrics are collected. It never goes down; the name ends in `_total`. */
  tally(name: string, help: string, read: () => number): void {
    check(name, [], COUNTED);
    this.#once(name, () => {
      let last = 0;
      const counter: Counter = new Counter({
        name,
        help,
        registers: [this.registry],
        collect: () => {
          const now = read();
          // What is read may have begun again, as a part that it sums up was replaced.
          if (now > last) counter.inc(now - last);
          last = now;
        },
      });
      return { inc: (_labels = {}, by = 1) => counter.inc(by) };
    });
  }

  /** `read` is called when metrics are collected; without it set the value yourself. */
  gauge(
    name: string,
    help: string,
    options: { labels?: readonly string[]; aggregate?: Aggregation; read?: () => number } = {},
  ): GaugeHandle {
    const labels = options.labels ?? [];
    check(name, labels, UNITS);
    return this.#once(name, () => {
      const { read } = options;
      const gauge: Gauge = new Gauge({
        name,
        help,
        labelNames: [...labels],
        registers: [this.registry],
        aggregator: options.aggregate ?? 'sum',
        ...(read === undefined ? {} : { collect: () => gauge.set(read()) }),
      });
      const bound = bounder(labels);
      return { set: (value, values = {}) => gauge.set(bound(values), value) };
    });
  }

  /** In base units (seconds, bytes). */
  histogram(name: string, help: string, labels: readonly string[] = [], buckets: readonly number[] = DURATION_BUCKETS_S): HistogramHandle {
    check(name, labels, UNITS);
    return this.#once(name, () => {
      const histogram = new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers: [this.registry] });
      const bound = bounder(labels);
      return { observe: (value, values = {}) => histogram.observe(bound(values), value) };
    });
  }

  /** Starts measuring this thread's event-loop lag; the worst thread is what is shown. */
  watchEventLoop(): void {
    if (this.#lag !== null) return;
    const lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
    lag.enable();
    this.#lag = lag;
    this.gauge('wakala_event_loop_lag_p99_seconds', 'Lag of the event loop since the last collection, 99th percentile, worst thread.', {
      aggregate: 'max',
      read: () => this.eventLoopLagP99S(),
    });
    this.gauge('wakala_event_loop_lag_max_seconds', 'Longest lag of the event loop since the last collection, worst thread.', {
      aggregate: 'max',
      read: () => {
        const seconds = beyondResolution(lag.max);
        lag.reset();
        return seconds;
      },
    });
  }

  /** 0 before `watchEventLoop`. */
  eventLoopLagP99S(): number {
    return this.#lag === null ? 0 : beyondResolution(this.#lag.percentile(99));
  }

  /** Memory, CPU and handles of the process: from one thread only. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.registry, prefix: 'wakala_' });
    // Gauges with the suffix of counters, each the sum of a labelled one.
    for (const kind of MISNAMED) this.registry.removeSingleMetric(`wakala_nodejs_active_${kind}_total`);
  }

  /** Plain data that can be posted to another thread. */
  async collect(): Promise<ThreadMetrics> {
    return await this.registry.getMetricsAsJSON();
  }

  stop(): void {
    this.#lag?.disable();
    this.#lag = null;
    this.registry.clear();
  }

  #once<T extends CounterHandle | GaugeHandle | HistogramHandle>(name: string, make: () => T): T {
    const known = this.#made.get(name);
    if (known !== undefined) return known as T;
    const made = make();
    this.#made.set(name, made);
    return made;
  }
}

/** The text of all threads' metrics together: counters and histograms are summed, gauges as they declare. */
export async function mergeMetrics(threads: readonly ThreadMetrics[]): Promise<string> {
  return await AggregatorRegistry.aggregate(threads.map((thread) => thread.map(onlyNumbers))).metrics();
}

/** A mean of nothing has no sample; prom-client would write it in a way that strict readers refuse. */
function onlyNumbers<T extends ThreadMetrics[number]>(metric: T): T {
  return { ...metric, values: metric.values.filter(({ value }) => !Number.isNaN(value)) };
}

function beyondResolution(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / NANOSECONDS - LAG_RESOLUTION_MS / 1000) : 0;
}

function check(name: string, labels: readonly string[], unit: RegExp): void {
  if (!NAME.test(name) || !unit.test(name)) throw new RangeError(`metric ${name} needs the prefix wakala_ and a unit at its end`);
  const bad = labels.find((label) => UNBOUNDED.has(label));
  if (bad !== undefined) throw new RangeError(`metric ${name} must not have the label ${bad}: its values are unbounded`);
}

/** Folds label sets beyond the limit, so that a mistake cannot fill memory. */
function bounder(labels: readonly string[]): (values: Labels) => Record<string, string> {
  const seen = new Set<string>();
  const folded = Object.fromEntries(labels.map((label) => [label, OTHER]));
  return (values) => {
    if (labels.length === 0) return {};
    const key = labels.map((label) => values[label] ?? '').join('\u0000');
    if (!seen.has(key)) {
      if (seen.size >= MAX_SERIES) return folded;
      seen.add(key);
    }
    return values;
  };
}
