/**
 * Brings the driver's actions to the server: first onto the disk, then onto the wire, off the disk only with the answer. It must never
 * know what an action means.
 *
 * Modes: `closed` (nothing goes out) and `open` (entered by `opened`, left by `closed`): in both, actions are taken in.
 */
import {
  actionOf,
  BACKOFF_MAX_MS,
  due,
  enqueue,
  isTransient,
  markSent,
  nextDueMs,
  overdue,
  postpone,
  rejoined,
  restored,
  settle,
  unsent,
} from './queue.js';

export class Outbox {
  queue = [];
  #open = false;
  #timer = null;
  /** What an earlier page left is being read for the first time: what is new comes behind it. */
  #loading = null;
  /** The matters on which the driver spoke before it was read; null once it is. */
  #touched = new Set();
  #isLate = false;
  /** Actions that are not on the disk yet: they wait a moment longer, and nobody is told yet that they are kept. */
  #landing = new Set();

  /**
   * @param host `{ store, send(message), newId(), nowMs(), random(), changed(), answered(action, answer), suspect() }`;
   *   `suspect` is called when the link swallows what it is given
   */
  constructor(host) {
    this.host = host;
  }

  /**
   * Takes back what an earlier page left behind, once; may be called until it succeeds. Only the first time anything waits for it: a step
   * at the door must not wait again for a disk that was late.
   * @throws what the disk throws
   */
  async load() {
    if (this.#touched === null) return;
    const reading = this.host.store.actions();
    if (!this.#isLate) this.#loading = reading.catch(() => undefined);
    try {
      const found = restored(await reading);
      // Stopped meanwhile: what is on the disk by now may be another session's.
      if (this.#touched === null) return;
      this.#rejoin(found);
    } catch (error) {
      this.#isLate = true;
      throw error;
    } finally {
      this.#loading = null;
    }
    this.host.changed();
    this.pump();
  }

  #rejoin(found) {
    const { store } = this.host;
    const meanwhile = this.queue;
    this.queue = rejoined(found, meanwhile, this.#touched);
    this.#touched = null;
    const ids = this.queue.map(({ id }) => id);
    void this.#forget(found.map(({ id }) => id).filter((id) => !ids.includes(id)));
    // Perhaps nothing of what was done meanwhile has reached the disk.
    for (const action of this.queue.slice(this.queue.length - meanwhile.length)) void store.putAction(action, []).catch(() => undefined);
  }

  /** What a reload would find again, oldest first. Where the disk refuses, it is kept as well as it can be. */
  get kept() {
    return this.queue.filter(({ id }) => !this.#landing.has(id));
  }

  /**
   * Takes an action in. @param about words for the screen, kept with it
   * @returns false when it was there already or there is no room (`full` tells which)
   */
  async add(key, message, about) {
    const { host } = this;
    while (this.#loading !== null) await this.#loading;
    this.#touched?.add(key);
    const before = this.queue;
    const { queue, added, full } = enqueue(before, { ...actionOf(host.newId(), key, message, host.nowMs()), about });
    if (!added) return { added, full };
    this.queue = queue;
    const action = queue.at(-1);
    this.#landing.add(action.id);
    host.changed();
    const replaced = before.filter((old) => !queue.includes(old)).map(({ id }) => id);
    // A disk that refuses must not keep the action from the server (the store itself says that it keeps nothing), nor bring back what it replaced.
    await host.store.putAction(action, replaced).catch(() => void this.#forget(replaced));
    this.#landing.delete(action.id);
    host.changed();
    this.pump();
    return { added, full };
  }

  async #forget(ids) {
    for (const id of ids) await this.host.store.dropAction(id).catch(() => undefined);
  }

  opened() {
    this.#open = true;
    this.queue = unsent(this.queue);
    this.pump();
  }

  /** For good: nothing more is read. */
  stop() {
    this.#touched = null;
    this.closed();
  }

  closed() {
    this.#open = false;
    this.queue = unsent(this.queue);
    clearTimeout(this.#timer);
    this.host.changed();
  }

  /** @param answer `{ id, ok, code, … }`; one for an action that is not ours any more says nothing */
  answer(answer) {
    const { host } = this;
    const action = this.queue.find((item) => item.id === answer.id);
    if (action === undefined) return;
    if (!answer.ok && isTransient(answer.code)) {
      this.queue = postpone(this.queue, action.id, host.nowMs(), host.random());
    } else {
      this.queue = settle(this.queue, action.id);
      // Should the disk keep it, it goes out once more after a restart with the same id, and the server answers the same.
      host.store.dropAction(action.id).catch(() => undefined);
      host.answered(action, answer);
    }
    host.changed();
    this.pump();
  }

  /** Sends what may go and sets the clock for the next time. */
  pump() {
    clearTimeout(this.#timer);
    if (!this.#open) return;
    const { host } = this;
    const nowMs = host.nowMs();
    if (overdue(this.queue, nowMs).length > 0) {
      host.suspect();
      return;
    }
    for (const action of due(this.queue, nowMs)) {
      if (this.#landing.has(action.id) || !host.send(action.message)) continue;
      this.queue = markSent(this.queue, action.id, nowMs);
    }
    host.changed();
    const nextMs = nextDueMs(this.queue);
    if (nextMs !== null) this.#timer = setTimeout(() => this.pump(), Math.min(BACKOFF_MAX_MS, Math.max(50, nextMs - nowMs)));
  }
}
