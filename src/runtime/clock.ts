/** Time as the runtime sees it. The only place in `runtime/` that touches the wall clock, so that tests own time. */

export interface Clock {
  nowMs(): number;
  /** Runs `task` once after `delayMs`. @returns a function that cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

/** Node runs a task with a longer delay at once; a longer timer is armed in steps. */
const LONGEST_TIMEOUT_MS = 2_147_000_000;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, task) {
    if (delayMs <= LONGEST_TIMEOUT_MS) {
      const handle = setTimeout(task, Math.max(0, delayMs));
      return () => clearTimeout(handle);
    }
    let cancel = systemClock.after(LONGEST_TIMEOUT_MS, () => {
      cancel = systemClock.after(delayMs - LONGEST_TIMEOUT_MS, task);
    });
    return () => cancel();
  },
};

/** Virtual time for simulations: nothing runs until `advance`. One owner advances it. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #counter = 0;
  #tasks: { dueAtMs: number; order: number; task: () => void }[] = [];

  constructor(startMs = 1_000_000) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const entry = { dueAtMs: this.#nowMs + Math.max(0, delayMs), order: this.#counter++, task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  }

  get pending(): number {
    return this.#tasks.length;
  }

  /** Moves time to the next task (or by `byMs` when given) and runs what became due, in order. @returns how many ran. */
  advance(byMs?: number): number {
    const untilMs = byMs === undefined ? Math.min(...this.#tasks.map((entry) => entry.dueAtMs)) : this.#nowMs + byMs;
    if (!Number.isFinite(untilMs)) return 0;
    let ran = 0;
    for (;;) {
      const due = this.#tasks.filter((entry) => entry.dueAtMs <= untilMs).sort((a, b) => a.dueAtMs - b.dueAtMs || a.order - b.order)[0];
      if (due === undefined) break;
      this.#tasks = this.#tasks.filter((entry) => entry !== due);
      this.#nowMs = Math.max(this.#nowMs, due.dueAtMs);
      due.task();
      ran++;
    }
    this.#nowMs = untilMs;
    return ran;
  }
}
