/** Undoes what a start has done, in reverse order and in bounded time, whatever hangs. It must never know what the steps are about. */
import { ThreadHangs } from './fleet.ts';

export interface Undo {
  readonly what: string;
  /** How long the step may take. @param leftMs what is left of the time for all; zero when it is used up */
  limitMs(leftMs: number): number;
  run(leftMs: number): Promise<unknown>;
}

/** Something could not be stopped in order. What was acknowledged is durable all the same. */
export class StopProblem extends Error {
  /** A thread does not end: a process that holds one cannot exit, only be killed. */
  readonly threadHangs: boolean;

  constructor(failures: readonly unknown[]) {
    super(failures.map((failure) => (failure instanceof Error ? failure.message : String(failure))).join('; '));
    this.threadHangs = failures.some((failure) => failure instanceof ThreadHangs);
  }
}

/**
 * One step that fails or hangs does not keep the others from running.
 * @param withinMs for all of them together, as far as their limits go by it
 * @throws StopProblem at the end, with everything that went wrong
 */
export async function unwind(steps: readonly Undo[], withinMs: number, monotonicMs: () => number): Promise<void> {
  const untilMs = monotonicMs() + withinMs;
  const failures: unknown[] = [];
  for (const step of [...steps].reverse()) {
    const leftMs = Math.max(0, untilMs - monotonicMs());
    await within(step, leftMs).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw new StopProblem(failures);
}

async function within(step: Undo, leftMs: number): Promise<unknown> {
  const limitMs = step.limitMs(leftMs);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${step.what} took longer than ${Math.round(limitMs)} ms`)), limitMs);
  });
  const run = async (): Promise<unknown> => await step.run(leftMs);
  return await Promise.race([run(), late]).finally(() => clearTimeout(timer));
}
