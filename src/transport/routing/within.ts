/** A limit on waiting. It must never know what is waited for. */

/**
 * Waits for `work` until it is done, `timeoutMs` have passed or `signal` is aborted, whichever comes first.
 * @returns null when it was not done; the signal handed to `work` is aborted then, and only then.
 */
export async function within<T>(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  work: (late: AbortSignal) => Promise<T>,
): Promise<T | null> {
  if (signal?.aborted === true) return null;
  const late = new AbortController();
  let giveUp = (): void => {};
  const givenUp = new Promise<null>((resolve) => {
    giveUp = () => {
      late.abort();
      resolve(null);
    };
  });
  const timer = setTimeout(giveUp, timeoutMs);
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([work(late.signal), givenUp]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}
