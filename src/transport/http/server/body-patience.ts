/**
 * How long a body that comes slowly is waited for, so that whoever is given up hears why. It must never know the socket or a handler.
 *
 * uWebSockets closes, without a word, a connection whose body has not brought `WINDOW_BYTES` more within its 10 s, which its ticks
 * make 8 to 12: no limit above that is ever reached, and one near it is a matter of luck. So the pace is asked for a little sooner
 * here, while an answer still arrives.
 */

/** 16 KiB/s for 10 s: what the library counts. */
const WINDOW_BYTES = 160 * 1024;
/** Sooner than the shortest of its windows, by more than a sweep of deadlines takes. */
const WINDOW_MS = 7_500;

export class BodyPatience {
  #sinceMs: number;
  #bytes = 0;

  /** @param nowMs monotonic, as everywhere here; when the head was read */
  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  /** When it ends, unless more comes. */
  get untilMs(): number {
    return this.#sinceMs + WINDOW_MS;
  }

  /** A piece has come. */
  took(bytes: number, nowMs: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= WINDOW_BYTES) this.restart(nowMs);
  }

  /** A window is full, or a pause is over, in which the library did not count. */
  restart(nowMs: number): void {
    this.#sinceMs = nowMs;
    this.#bytes = 0;
  }
}
