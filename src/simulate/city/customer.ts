/** A simulated customer with a sandbox phone: orders by chat, as anybody would, and reads the code for the door. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LatLng } from '../../geo/distance.ts';
import type { ChatMessage, CityServer } from './server.ts';

const POLL_MS = 150;
const ANSWER_MS = 20_000;
const CODE_MS = 10_000;
const WATCH_MS = 5_000;
const DELIVERY_MS = 3_600_000;
/** As the notice of a driver shows it. */
const OTP = /\*(\d{4})\*/;
const ORDERS = ['2 kota and a coke pls', '1 kota', 'ngicela ama-vetkoek amabili necoke', '1x kota 2xcoke', '3 vetkoek', '2 russian kota'];

export class Customer {
  readonly waId: string;
  readonly #server: CityServer;

  constructor(server: CityServer, waId: string) {
    this.#server = server;
    this.waId = waId;
  }

  /** From the first word to the confirmed order. @returns its short code. @throws Error when the chat does not get there */
  async order(place: LatLng, pick: number): Promise<string> {
    await this.#server.phone({ wa_id: this.waId, text: ORDERS[pick % ORDERS.length] as string, name: `Customer ${this.waId.slice(-4)}` });
    await this.#tapFirst('text');
    const asked = await this.#answer(2);
    if (asked === null) throw new Error('the chat did not ask where to');
    await this.#server.phone({ wa_id: this.waId, location: { lat: place.lat, lng: place.lng } });
    await this.#tapFirst('place', 3);
    const placed = await this.#answer(4);
    const code = /\*([2-9A-HJ-NP-Z]{3})\*/.exec(textOf(placed))?.[1];
    if (code === undefined) throw new Error(`no order in: ${textOf(placed).slice(0, 80)}`);
    return code;
  }

  /** The code that the notice of this order's driver names. @returns null when there is none in time */
  async doorCode(orderCode: string): Promise<string | null> {
    const untilMs = Date.now() + CODE_MS;
    while (Date.now() < untilMs) {
      const texts = (await this.#outgoing()).map(textOf).filter((text) => text.includes(`*${orderCode}*`));
      const code = texts.findLast((text) => OTP.test(text));
      if (code !== undefined) return OTP.exec(code)?.[1] ?? null;
      await sleep(POLL_MS);
    }
    return null;
  }

  /** Waits until the shop says that it is delivered. @returns false when that takes longer than anybody waits */
  async over(signal: AbortSignal): Promise<boolean> {
    const untilMs = Date.now() + DELIVERY_MS;
    while (Date.now() < untilMs && !signal.aborted) {
      const view = await this.#server.owner<{ open_order_id: string | null }>('GET', `/v1/conversations/${this.waId}`).catch(() => null);
      if (view !== null && view.open_order_id === null) return true;
      await sleep(WATCH_MS, undefined, { signal }).catch(() => undefined);
    }
    return false;
  }

  async #tapFirst(what: string, count = 1): Promise<void> {
    const answer = await this.#answer(count);
    const button = answer?.content?.buttons?.[0]?.id;
    if (button === undefined) throw new Error(`no button after the ${what}: ${textOf(answer).slice(0, 80)}`);
    await this.#server.phone({ wa_id: this.waId, reply_id: button });
  }

  /** The `count`th message of the shop. */
  async #answer(count: number): Promise<ChatMessage | null> {
    const untilMs = Date.now() + ANSWER_MS;
    while (Date.now() < untilMs) {
      const answer = (await this.#outgoing())[count - 1];
      if (answer !== undefined) return answer;
      await sleep(POLL_MS);
    }
    return null;
  }

  async #outgoing(): Promise<readonly ChatMessage[]> {
    return (await this.#server.chat(this.waId)).filter((message) => message.direction === 'out');
  }
}

function textOf(message: ChatMessage | null | undefined): string {
  return message?.text ?? '(nothing)';
}
