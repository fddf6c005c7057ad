/** Reads what a program prints for Prometheus. Pure; it must never know what the figures mean. */

export interface Scraped {
  /** By name, without labels; series of one name are summed. */
  readonly values: ReadonlyMap<string, number>;
  /** Counts up to each upper bound, by name. */
  readonly buckets: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

export function metricsOf(text: string): Scraped {
  const values = new Map<string, number>();
  const buckets = new Map<string, Map<number, number>>();
  for (const line of text.split('\n')) {
    const match = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line);
    if (match === null) continue;
    const [, name = '', labels = '', value] = match;
    const bound = /le="([^"]+)"/.exec(labels)?.[1];
    if (bound === undefined) {
      values.set(name, (values.get(name) ?? 0) + Number(value));
      continue;
    }
    const histogram = name.replace(/_bucket$/, '');
    const known = buckets.get(histogram) ?? new Map<number, number>();
    buckets.set(histogram, known);
    const upper = bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound);
    known.set(upper, (known.get(upper) ?? 0) + Number(value));
  }
  return { values, buckets };
}

/** What was observed between two scrapes: upper bounds in order, with the count up to each. Empty when there is no such histogram. */
export function histogramDifference(after: Scraped, before: Scraped, name: string): readonly (readonly [number, number])[] {
  const earlier = before.buckets.get(name);
  const later = [...(after.buckets.get(name) ?? [])].sort(([a], [b]) => a - b);
  return later.map(([bound, count]) => [bound, count - (earlier?.get(bound) ?? 0)] as const);
}

/** Even within a bucket, as Prometheus reads it. NaN when nothing was observed; infinite beyond the last bound. */
export function percentileOf(histogram: readonly (readonly [number, number])[], share: number): number {
  const rank = (histogram[histogram.length - 1]?.[1] ?? 0) * share;
  let [below, counted] = [0, 0];
  for (const [bound, count] of histogram) {
    if (count >= rank && count > counted) {
      return Number.isFinite(bound) ? below + ((bound - below) * (rank - counted)) / (count - counted) : bound;
    }
    [below, counted] = [bound, count];
  }
  return Number.NaN;
}
