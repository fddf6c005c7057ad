/** A pool whose first answer is read and then held, so that a test can do something between the two. */
import type pg from 'pg';

interface SlowPool {
  readonly pool: pg.Pool;
  /** Resolves when the first query has its answer. */
  readonly read: Promise<void>;
  /** Hands that answer over. */
  open(): void;
}

export function slowed(pool: pg.Pool): SlowPool {
  let open: () => void = () => undefined;
  let hasRead: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const read = new Promise<void>((resolve) => (hasRead = resolve));
  const query = async (...args: unknown[]): Promise<unknown> => {
    const answer: unknown = await Reflect.apply(pool.query, pool, args);
    hasRead();
    await gate;
    return answer;
  };
  return { pool: new Proxy(pool, { get: (target, key) => (key === 'query' ? query : Reflect.get(target, key)) }), read, open };
}
