/**
 * All tracking links that are being watched on one thread, whatever the transport: who may watch, how many, how long. It must never
 * know HTTP sockets nor decide what a watcher may see.
 */
import type { Clock } from '../../runtime/clock.ts';
import { Problem } from '../http/problem.ts';
import { PollGate } from './poll-gate.ts';
import { snapshotOf, type TrackSnapshot } from './snapshot.ts';
import type { TrackingTicket } from './token.ts';
import { askTracked, ENDED, problemOf } from './tracked.ts';
import { type LegDeps, WatchedLeg } from './watched-leg.ts';
import { type Sink, Watcher } from './watcher.ts';

interface HubOptions extends LegDeps {
  readonly clock: Clock;
  readonly limits?: Partial<HubLimits>;
}

export interface HubLimits {
  readonly watchersPerLink: number;
  readonly watchersPerThread: number;
  readonly callsPerSecond: number;
  readonly callsBurst: number;
}

const HUB_LIMITS: HubLimits = { watchersPerLink: 20, watchersPerThread: 10_000, callsPerSecond: 1, callsBurst: 20 };

/** A reserved place: `sit` or `leave`, once. */
export interface Seat {
  /** @param since the `seq` that the client has; null for none. The returned watcher's `gone` and `caughtUp` are the sink's to call. */
  sit(sink: Sink, since: number | null): Watcher;
  /** Also ends the watcher. Calling it again does nothing. */
  leave(): void;
}

/** How soon a position is shown as old, and the grain of heartbeats. */
const TICK_MS = 5_000;
const GATE_KEYS = 50_000;
const FULL_RETRY_S = '10';
const MS_PER_S = 1_000;

export class TrackingHub {
  readonly counters = { refusedRate: 0, refusedFull: 0, ended: 0 };
  readonly #options: HubOptions;
  readonly #limits: HubLimits;
  readonly #gate: PollGate;
  readonly #legs = new Map<string, WatchedLeg>();
  #seats = 0;
  #isDraining = false;
  #cancelTick: (() => void) | null = null;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#limits = { ...HUB_LIMITS, ...options.limits };
    this.#gate = new PollGate(this.#limits.callsPerSecond, this.#limits.callsBurst, GATE_KEYS);
  }

  get watchers(): number {
    return this.#seats;
  }

  nowMs(): number {
    return this.#options.clock.nowMs();
  }

  /** Counts one call of this link. @throws Problem 429 with the time to wait */
  admit(ticket: TrackingTicket): void {
    const waitMs = this.#gate.take(keyOf(ticket), this.#options.clock.monotonicMs());
    if (waitMs === 0) return;
    this.counters.refusedRate++;
    throw tooMany(String(Math.ceil(waitMs / MS_PER_S)), 'This link was opened too often. Wait a moment.');
  }

  /** The present state, once. @throws Problem `tracking.ended`, `tracking.not_found`, or a fault's */
  async look(ticket: TrackingTicket): Promise<TrackSnapshot> {
    const watched = this.#legs.get(keyOf(ticket))?.snapshot() ?? null;
    if (watched !== null) return watched;
    const tracked = await askTracked(this.#options.system, ticket, this.nowMs());
    if (tracked.kind !== 'running') throw problemOf(tracked);
    const heard = this.#options.feed.last(`order/${ticket.orderId}`);
    const snapshot = snapshotOf(tracked.order, ticket.leg, heard, this.nowMs());
    if (snapshot === null) throw problemOf(ENDED);
    return snapshot;
  }

  /** Reserves a place and waits for the first state. @throws Problem as `look`, and 429 or 503 when there are too many watchers */
  async open(ticket: TrackingTicket): Promise<Seat> {
    const leg = this.#reserve(ticket);
    const tracked = await leg.first;
    const end = leg.end ?? (tracked.kind === 'running' ? null : tracked);
    if (end === null && !this.#isDraining) return this.#seatAt(leg);
    this.#free(leg);
    // Whoever sits down after the others were sent away would stay until the very end.
    throw end === null ? new Problem('runtime.unavailable') : problemOf(end);
  }

  /** No new watchers; those there are are sent away to come back elsewhere. */
  drain(): void {
    this.#isDraining = true;
    for (const leg of [...this.#legs.values()]) for (const watcher of [...leg.watchers]) watcher.dismiss();
  }

  #reserve(ticket: TrackingTicket): WatchedLeg {
    if (this.#isDraining) throw new Problem('runtime.unavailable');
    const known = this.#legs.get(keyOf(ticket));
    if ((known?.seats ?? 0) >= this.#limits.watchersPerLink) {
      this.counters.refusedFull++;
      throw tooMany(FULL_RETRY_S, 'Too many people watch this delivery.');
    }
    if (this.#seats >= this.#limits.watchersPerThread) {
      this.counters.refusedFull++;
      throw new Problem('request.overloaded', { headers: { 'retry-after': FULL_RETRY_S } });
    }
    const leg = known ?? this.#listen(ticket);
    leg.seats++;
    this.#seats++;
    this.#armTick();
    return leg;
  }

  #listen(ticket: TrackingTicket): WatchedLeg {
    const key = keyOf(ticket);
    const leg = new WatchedLeg(ticket, this.#options, () => {
      this.counters.ended++;
      leg.release();
      if (this.#legs.get(key) === leg) this.#legs.delete(key);
    });
    this.#legs.set(key, leg);
    return leg;
  }

  #seatAt(leg: WatchedLeg): Seat {
    let watcher: Watcher | null = null;
    let isTaken = true;
    return {
      sit: (sink, since) => {
        watcher = new Watcher(sink, this.#options.clock);
        const snapshot = leg.snapshot();
        if (snapshot === null) watcher.finish(leg.end?.kind === 'ended' ? leg.end.outcome : 'ended');
        else {
          leg.watchers.add(watcher);
          watcher.begin(snapshot, since);
        }
        return watcher;
      },
      leave: () => {
        if (!isTaken) return;
        isTaken = false;
        watcher?.gone();
        if (watcher !== null) leg.watchers.delete(watcher);
        this.#free(leg);
      },
    };
  }

  #free(leg: WatchedLeg): void {
    leg.seats--;
    this.#seats--;
    if (leg.seats > 0) return;
    leg.release();
    if (this.#legs.get(keyOf(leg.ticket)) === leg) this.#legs.delete(keyOf(leg.ticket));
  }

  #armTick(): void {
    this.#cancelTick ??= this.#options.clock.after(TICK_MS, () => {
      this.#cancelTick = null;
      for (const leg of [...this.#legs.values()]) leg.tick();
      if (this.#legs.size > 0) this.#armTick();
    });
  }
}

function keyOf(ticket: TrackingTicket): string {
  return `${ticket.tenantId}/${ticket.orderId}/${ticket.leg}`;
}

/** API callers see their own excess as 429. */
function tooMany(retryAfterS: string, detail: string): Problem {
  return new Problem('request.overloaded', { status: 429, detail, headers: { 'retry-after': retryAfterS } });
}
