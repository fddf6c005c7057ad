/**
 * How long a cockatiel circuit stays open, by a clock that is never set: cockatiel compares times of day, and a clock that was set back
 * would keep a service that is well shut out for as long as the step. It must never know what is called.
 */
import type { IBackoff, IBackoffFactory } from 'cockatiel';

/** For `halfOpenAfter`. */
export function pauseOf(openMs: number, monotonicMs: () => number): IBackoffFactory<unknown> {
  const next = (): IBackoff<unknown> => {
    const untilMs = monotonicMs() + openMs;
    return {
      // Looked at with every call: longer than any time since, or shorter.
      get duration() {
        return monotonicMs() < untilMs ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
      },
      next,
    };
  };
  return { next };
}
