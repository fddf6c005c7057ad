/** What one shift brought, from two views of the same driver. Pure; must never read a clock. */

/**
 * Follows the shift through the views. A record: `{ sinceMs, startMinor, startDeliveries, endMs, minor, deliveries }`; `endMs` is null
 * while it runs.
 * @param record of before, or null. @returns the record now; null when there never was a shift
 */
export function shiftAfter(record, view, nowMs) {
  const { totalMinor, deliveries } = view.earnings;
  if (view.online && view.onlineSinceMs !== null) {
    const runs = record !== null && record.sinceMs === view.onlineSinceMs;
    const start = runs ? record : { sinceMs: view.onlineSinceMs, startMinor: totalMinor, startDeliveries: deliveries };
    return {
      sinceMs: start.sinceMs,
      startMinor: start.startMinor,
      startDeliveries: start.startDeliveries,
      endMs: null,
      minor: totalMinor - start.startMinor,
      deliveries: deliveries - start.startDeliveries,
    };
  }
  if (record === null || record.endMs !== null) return record;
  return { ...record, endMs: nowMs, minor: totalMinor - record.startMinor, deliveries: deliveries - record.startDeliveries };
}
