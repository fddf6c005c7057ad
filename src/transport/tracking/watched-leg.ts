/**
 * One leg that somebody on this thread watches: keeps the newest state, asks the order when news say that it changed, and tells the
 * watchers. It must never know how watchers are reached, nor how many there may be.
 *
 * Modes: `asking` (entered new; left by the order's first answer), `live`, `over` (nothing is told any more).
 */
import type { TrackedOrder } from '../../actors/order/protocol.ts';
import type { LiveFeed, OrderNews } from '../../ports.ts';
import type { ActorSystem } from '../../runtime/behaviour.ts';
import type { Clock } from '../../runtime/clock.ts';
import { snapshotOf, type TrackSnapshot } from './snapshot.ts';
import type { TrackingTicket } from './token.ts';
import { askTracked, ENDED, type NotRunning, type Tracked } from './tracked.ts';
import type { Watcher } from './watcher.ts';

export interface LegDeps {
  readonly system: ActorSystem;
  readonly feed: LiveFeed;
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
}

/** News may be lost: so old an answer is asked for again. */
const REFRESH_MS = 60_000;

export class WatchedLeg {
  readonly ticket: TrackingTicket;
  readonly watchers = new Set<Watcher>();
  /** The order's first answer. Never rejects. */
  readonly first: Promise<Tracked>;
  /** Reserved places, taken or about to be. */
  seats = 0;
  readonly #deps: LegDeps;
  #unsubscribe: (() => void) | null;
  readonly #over: () => void;
  #order: TrackedOrder | null = null;
  #heard: unknown;
  #end: NotRunning | null = null;
  #isAsking = false;
  #isStale = false;
  /** Monotonic. */
  #askedAtMs = Number.NEGATIVE_INFINITY;

  /** Listens before it asks, so that no change falls between. @param over called once when the leg is over. */
  constructor(ticket: TrackingTicket, deps: LegDeps, over: () => void) {
    const topic = `order/${ticket.orderId}`;
    this.ticket = ticket;
    this.#deps = deps;
    this.#over = over;
    this.#unsubscribe = deps.feed.subscribe(topic, (message) => this.#hear(message as OrderNews));
    this.#heard = deps.feed.last(topic);
    this.first = this.#ask();
  }

  /** How it ended; null while it runs. */
  get end(): NotRunning | null {
    return this.#end;
  }

  /** The newest state; null before the first answer and after the end. */
  snapshot(): TrackSnapshot | null {
    if (this.#order === null || this.#end !== null) return null;
    return snapshotOf(this.#order, this.ticket.leg, this.#heard, this.#deps.clock.nowMs());
  }

  /** Time passes: positions grow old, lost news are made good, silent connections are kept alive. */
  tick(): void {
    if (this.#deps.clock.monotonicMs() - this.#askedAtMs >= REFRESH_MS) void this.#ask();
    this.#show();
    for (const watcher of this.watchers) watcher.tick();
  }

  /** Stops listening, for good. The watchers are left as they are. */
  release(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }

  #hear(news: OrderNews): void {
    if (this.#end !== null) return;
    if (news.type === 'position' || news.type === 'elsewhere') {
      this.#heard = news;
      this.#show();
    } else if (news.type === 'changed' && news.version > (this.#order?.version ?? 0)) void this.#ask();
  }

  /** One question at a time; news during one lead to one more. */
  async #ask(): Promise<Tracked> {
    if (this.#isAsking) {
      this.#isStale = true;
      return this.first;
    }
    this.#isAsking = true;
    let tracked: Tracked;
    do {
      this.#isStale = false;
      this.#askedAtMs = this.#deps.clock.monotonicMs();
      tracked = await askTracked(this.#deps.system, this.ticket, this.#deps.clock.nowMs());
    } while (this.#isStale);
    this.#isAsking = false;
    return this.#settle(tracked);
  }

  #settle(tracked: Tracked): Tracked {
    if (this.#end !== null) return this.#end;
    if (tracked.kind === 'fault') {
      // What was known stays on show; the next tick asks again.
      this.#askedAtMs = Number.NEGATIVE_INFINITY;
      return tracked;
    }
    if (tracked.kind === 'running') this.#order = tracked.order;
    if (tracked.kind === 'running' && this.snapshot() !== null) this.#show();
    else this.#finish(tracked.kind === 'running' ? ENDED : tracked);
    return this.#end ?? tracked;
  }

  #show(): void {
    const snapshot = this.snapshot();
    if (snapshot !== null) for (const watcher of this.watchers) watcher.show(snapshot);
  }

  #finish(end: NotRunning): void {
    this.#end = end;
    const outcome = end.kind === 'ended' ? end.outcome : 'ended';
    for (const watcher of [...this.watchers]) watcher.finish(outcome);
    this.#over();
  }
}
