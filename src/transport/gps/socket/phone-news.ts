/**
 * What one phone is told of its driver, in an order that ends with the present state: the snapshot, then all news that came since it
 * was asked for. It must never know what the phone says.
 *
 * Modes: `waiting` (entered new; news are kept) · `telling` (entered by `begin`).
 */
import type { DriverNews, DriverOffer, DriverView } from '../../../actors/driver/protocol.ts';
import { newsMessage, offerMessage, snapshotMessages } from './driver-wire.ts';
import type { OfferWaits } from './offer-waits.ts';

/** News that wait for the snapshot; a phone for which more come connects again. */
const EARLY_MAX = 64;

/** The phone's end. Calls on a closed one do nothing. */
export interface PhoneWire {
  send(text: string): void;
  ping(payload: string): void;
  close(code: number, reason: string): void;
}

export class PhoneNews {
  readonly #wire: PhoneWire;
  readonly #waits: OfferWaits;
  /** null once the snapshot has been sent. */
  #early: DriverNews[] | null = [];

  constructor(wire: PhoneWire, waits: OfferWaits) {
    this.#wire = wire;
    this.#waits = waits;
  }

  begin(view: DriverView): void {
    for (const message of snapshotMessages(view)) this.#wire.send(message);
    if (view.offer !== null) this.#offer(view.offer);
    const early = this.#early ?? [];
    this.#early = null;
    for (const news of early) this.#send(news);
  }

  /** @returns false when more came than may wait for the snapshot */
  tell(news: DriverNews): boolean {
    if (this.#early === null) this.#send(news);
    else if (this.#early.length < EARLY_MAX) this.#early.push(news);
    else return false;
    return true;
  }

  #send(news: DriverNews): void {
    if (news.type === 'offer') {
      this.#offer(news.offer);
      return;
    }
    const message = newsMessage(news);
    if (message !== null) this.#wire.send(message);
  }

  /** The ping goes after the offer on the same way: who answers it has the offer. */
  #offer(offer: DriverOffer): void {
    this.#wire.send(offerMessage(offer));
    const ping = this.#waits.sent(offer.offerId);
    if (ping !== null) this.#wire.ping(ping);
  }
}
