/**
 * The executor of simulations: nothing runs until `step`, and a seed decides which ready slot goes next,
 * so one number replays a whole interleaving.
 */
import type { Executor, Slot, Turn } from './executor.ts';

interface SlotState {
  readonly turn: Turn;
  wanted: number;
  busy: boolean;
  stopped: boolean;
}

/** mulberry32: a small, good-enough generator whose whole state is one number. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export class DeterministicExecutor implements Executor {
  readonly #random: () => number;
  readonly #ready: SlotState[] = [];
  readonly #slots = new Set<SlotState>();

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  spawn(_group: number, turn: Turn): Slot {
    const slot: SlotState = { turn, wanted: 0, busy: false, stopped: false };
    this.#slots.add(slot);
    return {
      schedule: () => {
        if (slot.stopped) return;
        slot.wanted++;
        if (slot.wanted === 1 && !slot.busy) this.#ready.push(slot);
      },
      stop: () => {
        slot.stopped = true;
        this.#slots.delete(slot);
      },
    };
  }

  /** Runs one turn of one ready slot. @returns false when none is ready. */
  step(): boolean {
    while (this.#ready.length > 0) {
      const at = Math.floor(this.#random() * this.#ready.length);
      const slot = this.#ready[at] as SlotState;
      this.#ready[at] = this.#ready[this.#ready.length - 1] as SlotState;
      this.#ready.pop();
      if (slot.stopped || slot.wanted === 0) continue;
      slot.wanted--;
      slot.busy = true;
      const result = slot.turn();
      if (result === undefined) this.#settle(slot);
      else void result.then(() => this.#settle(slot));
      return true;
    }
    return false;
  }

  close(): void {
    for (const slot of this.#slots) slot.stopped = true;
    this.#slots.clear();
    this.#ready.length = 0;
  }

  #settle(slot: SlotState): void {
    slot.busy = false;
    if (slot.wanted > 0 && !slot.stopped) this.#ready.push(slot);
  }
}
