/** The links of this thread to its siblings: envelopes out, answers back. Knows threads, not actors. */

import type { MessagePort } from 'node:worker_threads';
import type { Answer, Lane } from '../behaviour.ts';
import type { EntityRef } from '../entity.ts';
import { type EnvelopeFields, NO_DEADLINE } from '../envelope.ts';
import { Link, type LinkCredit } from './link.ts';

/** Few shapes with fixed key order: msgpackr's structure table stays small. */
interface WireTell {
  readonly k: 0;
  readonly to: EntityRef;
  readonly m: unknown;
  /** Correlation id of an ask; 0 for a tell. */
  readonly ask: number;
  readonly id: string | null;
  readonly fp: string | null;
  readonly store: boolean;
  readonly dl: number;
  readonly lane: Lane;
  readonly cor: string | null;
}

interface WireAnswer {
  readonly k: 1;
  readonly ask: number;
  readonly a: Answer;
}

interface WireNotice {
  readonly k: 2;
  readonly n: unknown;
}

export type WireMessage = WireTell | WireAnswer | WireNotice;

/** @param ask its id, or 0 for a tell. @param deadlineMs monotonic, or NO_DEADLINE */
export function wireTell(to: EntityRef, message: unknown, options: EnvelopeFields, ask: number, deadlineMs: number): WireTell {
  return {
    k: 0,
    to: { tenantId: to.tenantId, kind: to.kind, id: to.id, shard: to.shard },
    m: message,
    ask,
    id: options.commandId ?? null,
    fp: options.fingerprint ?? null,
    store: options.storeReply ?? true,
    dl: deadlineMs === NO_DEADLINE ? 0 : deadlineMs,
    lane: options.lane ?? 'command',
    cor: options.correlationId ?? null,
  };
}

export class Mesh {
  readonly #links = new Map<number, Link<WireMessage>>();
  readonly #credit: LinkCredit;
  readonly #receive: (message: WireMessage, from: Link<WireMessage>) => void;

  /** @param receive `from` is where an answer has to go: the thread that takes a dead one's place counts its asks anew. */
  constructor(credit: LinkCredit, receive: (message: WireMessage, from: Link<WireMessage>) => void) {
    this.#credit = credit;
    this.#receive = receive;
  }

  /** A new generation of the link to `thread`; the old one is thrown away with its structure tables. */
  connect(thread: number, port: MessagePort): void {
    this.#links.get(thread)?.close();
    const link = new Link<WireMessage>(port, this.#credit, (message) => this.#receive(message, link));
    this.#links.set(thread, link);
  }

  disconnect(thread: number): void {
    this.#links.get(thread)?.close();
    this.#links.delete(thread);
  }

  /**
   * @param urgent passes the credit window; answers and invalidations do, what may be lost does not
   * @returns 'full' when the credit window is used up, 'gone' when there is no such thread now.
   */
  send(thread: number, message: WireMessage, urgent: boolean = message.k !== 0): 'sent' | 'full' | 'gone' {
    const link = this.#links.get(thread);
    if (link === undefined || link.closed) return 'gone';
    return link.send(message, urgent) ? 'sent' : 'full';
  }

  /** Tells every sibling; one that is gone will start with fresh caches anyway. */
  broadcast(notice: unknown, urgent = true): void {
    for (const thread of this.#links.keys()) this.send(thread, { k: 2, n: notice }, urgent);
  }

  close(): void {
    for (const thread of [...this.#links.keys()]) this.disconnect(thread);
  }
}
