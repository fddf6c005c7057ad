/** A start on an embedded server that another process runs and may be just about to end. It must never know what is done on it. */
import { isOutage, startProblem } from '../persistence/postgres/outage.ts';
import { TAKEOVER_WAIT_MS } from '../persistence/postgres/shard-lease.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';

/** How often a start looks whether the embedded server is there again. */
const TAKEOVER_POLL_MS = 100;

/**
 * Whoever runs a shared server may be just about to end: what was under way is done again on the server that is started in its place.
 * Nothing is begun again after TAKEOVER_WAIT_MS, nor on a server that nobody else ran.
 * @param task may be done in part, then wholly
 * @throws CodedError with what an operator can do
 */
export async function throughTakeover<T>(
  { wasShared }: { readonly wasShared: boolean },
  task: () => Promise<T>,
  clock: Pick<Clock, 'monotonicMs' | 'after'> = systemClock,
): Promise<T> {
  const untilMs = clock.monotonicMs() + TAKEOVER_WAIT_MS;
  for (;;) {
    try {
      return await task();
    } catch (error) {
      if (!wasShared || !isOutage(error) || clock.monotonicMs() >= untilMs) throw startProblem(error);
      await new Promise<void>((resolve) => void clock.after(TAKEOVER_POLL_MS, resolve));
    }
  }
}
