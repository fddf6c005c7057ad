/**
 * Offers that something is waited for in one session: the phone's pong after the offer was sent, and the outcome of an accept that is
 * being decided. Bounded; it must never know the actor.
 */
import type { AcceptOutcome } from '../../../actors/driver/protocol.ts';
import type { Clock } from '../../../runtime/clock.ts';

/** A phone that answers later than this has not been there in time. */
export const DELIVERY_MAX_MS = 5_000;
/** How long the order may take to say who got it. */
export const SETTLE_MAX_MS = 8_000;
/** Offers that one session keeps in mind; a driver has one open at a time. */
const KEPT_MAX = 16;

type Settled = Exclude<AcceptOutcome, 'pending'>;

interface Sent {
  readonly offerId: string;
  /** Monotonic. */
  readonly atMs: number;
}

export class OfferWaits {
  readonly #clock: Clock;
  readonly #sent = new Map<string, Sent>();
  readonly #delivered = new Set<string>();
  readonly #settling = new Map<string, Set<(outcome: Settled | null) => void>>();
  #lastPing = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** An offer was sent. @returns the text to ping with; null when the phone has had it before */
  sent(offerId: string): string | null {
    if (this.#delivered.has(offerId)) return null;
    const ping = String(++this.#lastPing);
    this.#sent.set(ping, { offerId, atMs: this.#clock.monotonicMs() });
    for (const oldest of this.#sent.keys()) {
      if (this.#sent.size <= KEPT_MAX) break;
      this.#sent.delete(oldest);
    }
    return ping;
  }

  /** @returns the offer that this pong shows to be on the phone; null for any other pong, a late one, and for the second of an offer */
  ponged(ping: string): string | null {
    const sent = this.#sent.get(ping);
    if (sent === undefined) return null;
    this.#sent.delete(ping);
    if (this.#delivered.has(sent.offerId) || this.#clock.monotonicMs() - sent.atMs > DELIVERY_MAX_MS) return null;
    this.#delivered.add(sent.offerId);
    for (const oldest of this.#delivered) {
      if (this.#delivered.size <= KEPT_MAX) break;
      this.#delivered.delete(oldest);
    }
    return sent.offerId;
  }

  settled(offerId: string, outcome: Settled): void {
    for (const tell of this.#settling.get(offerId) ?? []) tell(outcome);
  }

  /** Begins to listen before the actor is asked, so that no outcome slips through. `outcome` is null after 8 s or when the session ends. */
  listen(offerId: string): { readonly outcome: Promise<Settled | null>; stop(): void } {
    let tell: (outcome: Settled | null) => void = () => undefined;
    const outcome = new Promise<Settled | null>((resolve) => {
      tell = resolve;
    });
    const waiting = this.#settling.get(offerId) ?? new Set();
    this.#settling.set(offerId, waiting);
    const cancel = this.#clock.after(SETTLE_MAX_MS, () => listener(null));
    const listener = (result: Settled | null): void => {
      cancel();
      waiting.delete(listener);
      if (waiting.size === 0 && this.#settling.get(offerId) === waiting) this.#settling.delete(offerId);
      tell(result);
    };
    waiting.add(listener);
    return { outcome, stop: () => listener(null) };
  }

  end(): void {
    for (const waiting of [...this.#settling.values()]) for (const listener of [...waiting]) listener(null);
    this.#sent.clear();
  }
}
