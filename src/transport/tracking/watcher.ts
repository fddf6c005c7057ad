/**
 * One client that watches a leg, whatever the transport. It is told the newest state, never a backlog: while it is behind nothing is
 * written, and when it has caught up it gets the difference to what it has. It must never know a socket.
 *
 * Modes: `flowing`, `behind` (entered when the sink says so; left by `caughtUp`, or closed after a minute), `closed`.
 */
import type { Clock } from '../../runtime/clock.ts';
import type { TrackSnapshot } from './snapshot.ts';
import type { TrackOutcome } from './tracked.ts';

/** Ready to be sent; `seq` is that of the content after it, null for the last message. */
export interface TrackMessage {
  readonly type: 'snapshot' | 'delta' | 'end';
  readonly seq: number | null;
  /** JSON: `{ type, now_ms, … }`, with `track` (whole or what changed), `base` (delta) or `outcome` (end). */
  readonly text: string;
}

/** Where messages go. */
export interface Sink {
  /** Takes the message in any case. @returns false when the client is behind. */
  send(message: TrackMessage): boolean;
  /** Proves that the connection lives. @returns false when the client is behind. */
  heartbeat(): boolean;
  /** Closes the connection in order: what was sent still arrives. `isOver`: there is nothing to come back for. */
  close(isOver: boolean): void;
}

export const HEARTBEAT_MS = 15_000;
/** A client that reads nothing for so long is gone. */
const BEHIND_MAX_MS = 60_000;
/** Then the client connects anew and continues where it was: balances load, and ends what nobody closed. */
export const LIFETIME_MS = 1_800_000;
export const STREAM_MAX_BYTES = 4_194_304;

export class Watcher {
  readonly #sink: Sink;
  readonly #clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
  /** Monotonic, like the two below. */
  readonly #openedAtMs: number;
  #mode: 'flowing' | 'behind' | 'closed' = 'flowing';
  #sent: TrackSnapshot | null = null;
  #newest: TrackSnapshot | null = null;
  #wroteAtMs: number;
  #behindSinceMs = 0;
  #bytes = 0;

  constructor(sink: Sink, clock: Pick<Clock, 'nowMs' | 'monotonicMs'>) {
    this.#sink = sink;
    this.#clock = clock;
    this.#openedAtMs = clock.monotonicMs();
    this.#wroteAtMs = this.#openedAtMs;
  }

  /** @param since what the client says to have already; it gets the whole state unless that is the present one. */
  begin(snapshot: TrackSnapshot, since: number | null): void {
    if (since === snapshot.seq) {
      this.#sent = snapshot;
      this.#newest = snapshot;
      this.#beat();
      return;
    }
    this.show(snapshot);
  }

  show(snapshot: TrackSnapshot): void {
    this.#newest = snapshot;
    if (this.#mode === 'flowing') this.#write();
  }

  /** The sink took everything that it was given. */
  caughtUp(): void {
    if (this.#mode !== 'behind') return;
    this.#mode = 'flowing';
    this.#write();
  }

  /** The leg is over: says so and closes, without waiting for a client that is behind. */
  finish(outcome: TrackOutcome): void {
    if (this.#mode === 'closed') return;
    this.#sink.send({ type: 'end', seq: null, text: JSON.stringify({ type: 'end', now_ms: this.#clock.nowMs(), outcome }) });
    this.#close(true);
  }

  /** Closes without a last message: the client is expected back. */
  dismiss(): void {
    if (this.#mode !== 'closed') this.#close(false);
  }

  /** Nothing is written any more: the client is gone. */
  gone(): void {
    this.#mode = 'closed';
  }

  tick(): void {
    if (this.#mode === 'closed') return;
    const monotonicMs = this.#clock.monotonicMs();
    const isStuck = this.#mode === 'behind' && monotonicMs - this.#behindSinceMs >= BEHIND_MAX_MS;
    if (isStuck || monotonicMs - this.#openedAtMs >= LIFETIME_MS || this.#bytes >= STREAM_MAX_BYTES) this.#close(false);
    else if (this.#mode === 'flowing' && monotonicMs - this.#wroteAtMs >= HEARTBEAT_MS) this.#beat();
  }

  #write(): void {
    const message = messageBetween(this.#sent, this.#newest, this.#clock.nowMs());
    if (message === null) return;
    this.#sent = this.#newest;
    this.#wroteAtMs = this.#clock.monotonicMs();
    this.#bytes += message.text.length;
    this.#heed(this.#sink.send(message));
  }

  #beat(): void {
    this.#wroteAtMs = this.#clock.monotonicMs();
    this.#heed(this.#sink.heartbeat());
  }

  #heed(isFlowing: boolean): void {
    if (isFlowing || this.#mode !== 'flowing') return;
    this.#mode = 'behind';
    this.#behindSinceMs = this.#clock.monotonicMs();
  }

  #close(isOver: boolean): void {
    this.#mode = 'closed';
    this.#sink.close(isOver);
  }
}

/** @returns null when there is nothing to say. */
function messageBetween(sent: TrackSnapshot | null, newest: TrackSnapshot | null, nowMs: number): TrackMessage | null {
  if (newest === null || newest.seq === sent?.seq) return null;
  const { seq } = newest;
  if (sent === null) return { type: 'snapshot', seq, text: JSON.stringify({ type: 'snapshot', now_ms: nowMs, track: newest }) };
  const changed = Object.fromEntries(
    Object.entries(newest).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(sent[name as keyof TrackSnapshot])),
  );
  return { type: 'delta', seq, text: JSON.stringify({ type: 'delta', now_ms: nowMs, base: sent.seq, track: changed }) };
}
