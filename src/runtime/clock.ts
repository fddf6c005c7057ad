/** Time as the runtime sees it. The only place in `runtime/` that touches the clocks of the machine, so that tests own time. */

export interface Clock {
  /** The time of day, unix ms: for what is journaled, shown or agreed with others. It jumps when the machine's clock is set. */
  nowMs(): number;
  /**
   * Ms since some moment, the same one for all threads of the process: for durations and deadlines within one life of it. Never set,
   * so it only goes forward; means nothing outside the process.
   */
  monotonicMs(): number;
  /** Runs `task` once after `delayMs`. @returns a function that cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

/** Node runs a task with a longer delay at once; a longer timer is armed in steps. */
const LONGEST_TIMEOUT_MS = 2_147_000_000;

/** `performance.now()` is cheaper to read, but each thread counts it from its own start; `hrtime` is the same for all of them. */
const STARTED_MS = hrtimeMs() - performance.now();

function hrtimeMs(): number {
  const [s, ns] = process.hrtime();
  return s * 1_000 + ns / 1_000_000;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => STARTED_MS + performance.now(),
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

/** Virtual time for simulations: nothing runs until `advance`. One owner advances it. Timers follow the monotonic time, as Node's do. */
export class VirtualClock implements Clock {
  #monotonicMs = 0;
  /** What the time of day is ahead of the monotonic one. */
  #aheadMs: number;
  #counter = 0;
  #tasks: { dueAtMs: number; order: number; task: () => void }[] = [];

  constructor(startMs = 1_000_000) {
    this.#aheadMs = startMs;
  }

  nowMs(): number {
    return this.#aheadMs + this.#monotonicMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const entry = { dueAtMs: this.#monotonicMs + Math.max(0, delayMs), order: this.#counter++, task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  }

  get pending(): number {
    return this.#tasks.length;
  }

  /** Sets the time of day, back when negative. No time passes. */
  step(byMs: number): void {
    this.#aheadMs += byMs;
  }

  /** Moves time to the next task (or by `byMs` when given) and runs what became due, in order. @returns how many ran. */
  advance(byMs?: number): number {
    const untilMs = byMs === undefined ? Math.min(...this.#tasks.map((entry) => entry.dueAtMs)) : this.#monotonicMs + byMs;
    if (!Number.isFinite(untilMs)) return 0;
    let ran = 0;
    for (;;) {
      const due = this.#tasks.filter((entry) => entry.dueAtMs <= untilMs).sort((a, b) => a.dueAtMs - b.dueAtMs || a.order - b.order)[0];
      if (due === undefined) break;
      this.#tasks = this.#tasks.filter((entry) => entry !== due);
      this.#monotonicMs = Math.max(this.#monotonicMs, due.dueAtMs);
      due.task();
      ran++;
    }
    this.#monotonicMs = untilMs;
    return ran;
  }
}
