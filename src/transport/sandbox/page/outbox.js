/**
 * What a person has written and the server has not taken yet: kept over a reload, sent one after another, each under its own id, so that
 * a second try after a lost answer is no second message. Must never draw.
 *
 * States of a message: `sending` (its turn comes, also while there is no connection), `sent` (taken, not listed yet) and `failed` (the
 * server said no; it goes out again when the person says so).
 *
 * Tabs of one customer hold the same messages: what one takes in, the others show, and one of them sends at a time.
 */
import { getMessages, postMessage } from './api.js';

const PREFIX = 'wakala.sandbox.unsent.';
/** Written without a connection; more than that nobody wants to have sent later. */
export const UNSENT_MAX = 50;

/** As the server makes it from the sender's own id: so a message is known in the list even if the answer to it got lost. */
const whatsappIdOf = (id) => `wamid.${btoa(id)}`;

function newId() {
  const letters = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0'));
  return `page-${letters.join('')}`;
}

/**
 * Does `work(hasWaited)` while no other tab does. Where there are no locks (a page over plain HTTP), two tabs may send one message at
 * once: the server takes it once, by its id.
 */
async function alone(name, work) {
  const { locks } = navigator;
  if (locks === undefined) return work(false);
  const isDone = await locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock !== null) await work(false);
    return lock !== null;
  });
  if (!isDone) await locks.request(name, () => work(true));
}

const byTime = (items) => items.sort((a, b) => (a.at < b.at ? -1 : 1));

/** @returns the message that an entry of the storage holds; null when it holds none */
function parsed(text) {
  try {
    const item = JSON.parse(text ?? 'null');
    return item?.message && item.whatsapp_id ? item : null;
  } catch {
    // Someone else's content.
    return null;
  }
}

export class Outbox {
  items = [];
  #waId;
  #on;
  #prefix;
  #isSending = false;

  /** @param shopId whose phone it is; @param on `{ changed(), taken(item), refused(error), away(error) }` */
  constructor(shopId, waId, on) {
    this.#waId = waId;
    this.#on = on;
    this.#prefix = `${PREFIX}${shopId}.${waId}.`;
    this.items = this.#restored();
    addEventListener('storage', ({ key }) => key?.startsWith(this.#prefix) && this.#hear(key));
  }

  get isFull() {
    return this.items.filter((item) => item.pending !== 'sent').length >= UNSENT_MAX;
  }

  /** @param message for the server, @param shown `{ kind, body }` for the bubble, @param lastId of the newest message that the server lists; undefined for none */
  add(message, shown, lastId) {
    this.#take({ ...shown, message, id: newId() }, lastId);
  }

  /**
   * The chat in its order. A message that failed keeps its place behind the one that it was written after, those on their way come last:
   * by the order of the list and of writing, because the browser's clock may be wrong. @param listed by the server, oldest first
   */
  among(listed) {
    const of = (pending) => this.items.filter((item) => item.pending === pending);
    const order = [...listed, ...of('sent')];
    for (const item of of('failed')) {
      const at = order.findLastIndex(({ id, whatsapp_id: whatsappId }) => item.after === id || item.after === whatsappId);
      // Behind what failed at the same place before it.
      let place = at + 1;
      while (order[place]?.pending === 'failed') place += 1;
      order.splice(place, 0, item);
    }
    return [...order, ...of('sending')];
  }

  /** What was refused goes out as it was, at its new time, behind what waits. */
  again(id, lastId) {
    const failed = this.items.find((item) => item.id === id && item.pending === 'failed');
    if (failed === undefined) return;
    this.items = this.items.filter((item) => item !== failed);
    // Those that were written after it stay where they are.
    for (const item of this.items.filter((later) => later.after === failed.whatsapp_id)) {
      item.after = failed.after;
      if (item.pending !== 'sent') this.#keep(item);
    }
    const { message, kind, body } = failed;
    this.#take({ message, kind, body, id }, lastId);
  }

  /** The server lists these by now. @returns whether that changed anything */
  settle(whatsappIds) {
    const listed = this.items.filter((item) => whatsappIds.has(item.whatsapp_id));
    for (const item of listed) this.#forget(item);
    this.items = this.items.filter((item) => !listed.includes(item));
    return listed.length > 0;
  }

  /** Sends what waits, oldest first, until something is in the way: the server is away, or all is out. */
  async pump() {
    if (this.#isSending || this.#next() === undefined) return;
    this.#isSending = true;
    await alone(this.#prefix, async (hasWaited) => {
      if (!hasWaited || (await this.#learn())) await this.#sendAll();
      this.#isSending = false;
    });
    this.#on.changed();
  }

  /** Whoever waited asks what the other tab has sent: the lock comes sooner than news of the storage. @returns whether the server told */
  async #learn() {
    try {
      const { items } = await getMessages(this.#waId);
      const listed = new Set(items.map((item) => item.whatsapp_id));
      for (const item of this.items) if (listed.has(item.whatsapp_id)) item.pending = 'sent';
      return true;
    } catch (error) {
      this.#on.away(error);
      return false;
    }
  }

  async #sendAll() {
    for (let item = this.#next(); item !== undefined; item = this.#next()) {
      try {
        const { whatsapp_id: whatsappId } = await postMessage({ wa_id: this.#waId, id: item.id, ...item.message });
        Object.assign(item, { whatsapp_id: whatsappId, pending: 'sent' });
        this.#forget(item);
        this.#on.taken(item);
      } catch (error) {
        if (error.isAway) {
          this.#on.away(error);
          break;
        }
        Object.assign(item, { pending: 'failed', why: error.message });
        this.#keep(item);
        this.#on.refused(error);
      }
    }
  }

  /** Another tab took one in, was refused, tries again, or has it out: the storage says which. */
  #hear(key) {
    const id = key.slice(this.#prefix.length);
    const known = this.items.find((item) => item.id === id);
    const told = parsed(localStorage.getItem(key));
    if (told === null && known !== undefined) known.pending = 'sent';
    else if (told !== null) {
      // In place: it may be on its way at this moment.
      if (known === undefined) this.items.push(told);
      else Object.assign(known, told);
      byTime(this.items);
    }
    // Not sent from here at once: the tab that took it in is about to. Should it be gone, the next pump has it.
    this.#on.changed();
  }

  #next() {
    return this.items.find((item) => item.pending === 'sending');
  }

  #take(item, lastId) {
    // Never at the same time as the one before: after a reload the times alone tell the order.
    const atMs = Math.max(Date.now(), ...this.items.map(({ at }) => Date.parse(at) + 1));
    const taken = { ...item, whatsapp_id: whatsappIdOf(item.id), direction: 'in', at: new Date(atMs).toISOString(), pending: 'sending' };
    taken.after = this.items.at(-1)?.whatsapp_id ?? lastId;
    this.items.push(taken);
    this.#keep(taken);
    this.#on.changed();
    void this.pump();
  }

  /** One entry a message: two tabs of one customer never write over each other's. */
  #keep(item) {
    try {
      localStorage.setItem(this.#prefix + item.id, JSON.stringify(item));
    } catch {
      // Without storage it lives as long as the page.
    }
  }

  #forget(item) {
    try {
      localStorage.removeItem(this.#prefix + item.id);
    } catch {
      // Nothing was kept.
    }
  }

  #restored() {
    try {
      const keys = Object.keys(localStorage).filter((key) => key.startsWith(this.#prefix));
      return byTime(keys.map((key) => parsed(localStorage.getItem(key))).filter((item) => item !== null));
    } catch {
      // No storage: nothing is known to wait.
      return [];
    }
  }
}
