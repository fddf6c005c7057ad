/**
 * The bounded mailbox of one cell: system before command before telemetry. Queues exist only while they hold
 * something, because most activated actors are idle.
 */
import type { Envelope } from '../envelope.ts';
import { Ring } from './ring.ts';

/** A queue that grew no further than this is kept: dropping it costs more than it weighs. */
const KEPT_SLOTS = 64;

export interface MailboxLimits {
  readonly commandMax: number;
  readonly systemMax: number;
}

export class Mailbox {
  #system: Ring<Envelope> | null = null;
  #command: Ring<Envelope> | null = null;
  /** Telemetry keeps only the newest: an older position is worth nothing once a newer one is here. */
  #telemetry: Envelope | null = null;

  get size(): number {
    return (this.#system?.size ?? 0) + (this.#command?.size ?? 0) + (this.#telemetry === null ? 0 : 1);
  }

  /** @returns false when the lane is full. Telemetry never is: it replaces. */
  offer(message: Envelope, limits: MailboxLimits): boolean {
    if (message.lane === 'command') {
      this.#command ??= new Ring();
      if (this.#command.size >= limits.commandMax) return false;
      this.#command.push(message);
      return true;
    }
    if (message.lane === 'telemetry') {
      this.#telemetry?.reply?.answer({ ok: false, fault: { code: 'runtime.superseded' } });
      this.#telemetry = message;
      return true;
    }
    this.#system ??= new Ring();
    if (this.#system.size >= limits.systemMax) return false;
    this.#system.push(message);
    return true;
  }

  /** Back to the front, past the bound: it was admitted before. */
  putBack(message: Envelope): void {
    this.#system ??= new Ring();
    this.#system.unshift(message);
  }

  take(): Envelope | undefined {
    const system = this.#system;
    if (system !== null) {
      const message = system.shift();
      if (message !== undefined) return message;
      this.#system = null;
    }
    const command = this.#command;
    if (command !== null) {
      const message = command.shift();
      if (message !== undefined) return message;
    }
    const newest = this.#telemetry ?? undefined;
    this.#telemetry = null;
    return newest;
  }

  /** Frees the queue of an actor that went idle. */
  shrink(): void {
    if (this.#command !== null && this.#command.size === 0 && this.#command.slots > KEPT_SLOTS) this.#command = null;
  }

  drain(): Envelope[] {
    const all: Envelope[] = [];
    for (let message = this.take(); message !== undefined; message = this.take()) all.push(message);
    return all;
  }
}
