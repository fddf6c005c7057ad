/** When a tenant's copy may be read again. Pure; must never know what is in it. */
import { LRUCache } from 'lru-cache';

/** Shortest time between two readings of one tenant's copy. */
const RELOAD_MIN_MS = 250;
/**
 * Where only stock has changed: so many times as long as the last reading took. Ten thousand products take 50 ms, most of it this
 * thread's; at four readings a second a few such shops would leave no time for all the others. Small shops are read as soon as ever.
 */
const STOCK_PAUSE_FACTOR = 50;
/** However long it took: a database that was slow once must not keep sold goods on the menu. */
const STOCK_PAUSE_MAX_MS = 10_000;

interface Reading {
  readonly beganMs: number;
  /** Of the last one that ended; 0 before that. */
  readonly tookMs: number;
}

export class ReloadPace {
  readonly #readings: LRUCache<number, Reading>;

  /** @param tenantsMax remembered; who was forgotten may be read at once. */
  constructor(tenantsMax: number) {
    this.#readings = new LRUCache({ max: tenantsMax });
  }

  began(tenantId: number, nowMs: number): void {
    this.#readings.set(tenantId, { beganMs: nowMs, tookMs: this.#readings.get(tenantId)?.tookMs ?? 0 });
  }

  ended(tenantId: number, nowMs: number): void {
    const reading = this.#readings.get(tenantId);
    if (reading !== undefined) this.#readings.set(tenantId, { ...reading, tookMs: Math.max(0, nowMs - reading.beganMs) });
  }

  /** @param isStockOnly nothing else has changed. @returns ms until it may be read again; 0 at once. */
  waitMs(tenantId: number, nowMs: number, isStockOnly: boolean): number {
    const reading = this.#readings.get(tenantId);
    if (reading === undefined) return 0;
    const sinceMs = nowMs - reading.beganMs;
    // The clock was set back.
    if (sinceMs < 0) return 0;
    const stockPauseMs = Math.min(STOCK_PAUSE_MAX_MS, STOCK_PAUSE_FACTOR * reading.tookMs);
    return Math.max(0, (isStockOnly ? Math.max(RELOAD_MIN_MS, stockPauseMs) : RELOAD_MIN_MS) - sinceMs);
  }
}
