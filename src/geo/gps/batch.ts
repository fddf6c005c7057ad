/** Fixes that arrived together: their order, and which of their times tells how fast the device's clock is. Pure; must never judge a position. */
import { type Fix, GPS_LIMITS } from './fix.ts';

/** @returns places in `fixes` by the devices' times; what has no time comes first, equal times in the order given */
export function oldestFirst(fixes: readonly Fix[]): number[] {
  const times = fixes.map(({ atMs }) => (Number.isNaN(atMs) ? Number.NEGATIVE_INFINITY : atMs));
  const order = times.map((_, index) => index);
  // Compared and not subtracted: infinity less infinity is no number, and one such pair spoils the order of all.
  return order.sort((a, b) => compare(times[a] as number, times[b] as number));
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/**
 * The newest time that can be true beside the others: one in the future that would make the fix before it older than any buffer is a
 * wrong date, and would move the others with it.
 * @param order of `oldestFirst`
 * @returns null when there is none
 */
export function newestTimeMs(fixes: readonly Fix[], order: readonly number[], nowMs: number): number | null {
  for (let i = order.length - 1; i >= 0; i--) {
    const atMs = timeAt(fixes, order, i);
    if (!Number.isFinite(atMs)) continue;
    const beforeMs = timeAt(fixes, order, i - 1);
    const isAhead = atMs - nowMs > GPS_LIMITS.skewMs;
    const isOtherOfNow = beforeMs >= nowMs - GPS_LIMITS.pastMs;
    if (!(isAhead && isOtherOfNow && atMs - beforeMs > GPS_LIMITS.pastMs)) return atMs;
  }
  return null;
}

function timeAt(fixes: readonly Fix[], order: readonly number[], place: number): number {
  return fixes[order[place] ?? -1]?.atMs ?? Number.NaN;
}

/** Times of uploads that are remembered: two full batches, 8 KB of a driver who ever uploaded that many. */
export const UPLOADED_MAX = 1_000;

/** @param uploaded ascending. @returns whether it holds the time. O(log uploaded) */
export function wasUploaded(uploaded: readonly number[], atMs: number): boolean {
  let [low, high] = [0, uploaded.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((uploaded[middle] as number) < atMs) low = middle + 1;
    else high = middle;
  }
  return uploaded[low] === atMs;
}

/** @returns the times of both, ascending, each once; the newest when there are too many */
export function withUploaded(uploaded: readonly number[], more: readonly number[]): readonly number[] {
  if (more.length === 0) return uploaded;
  const all = [...new Set([...uploaded, ...more])].sort((a, b) => a - b);
  return all.slice(-UPLOADED_MAX);
}
