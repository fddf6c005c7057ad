/** A port for a program that has to know it before it listens, and again after it was killed. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Above what services are known by, and below what the system gives to whoever asks for any port, outgoing connections among them. */
const [FIRST, LAST] = [12_000, 32_000];
/** Files that run beside each other take theirs from slices of their own: what one has chosen it does not listen on yet. */
const SLICES = 8;
const SLICE = Number(process.env.VITEST_POOL_ID ?? 0) % SLICES;
const SLICE_PORTS = (LAST - FIRST) / SLICES;
const TRIES_MAX = 100;
const given = new Set<number>();

/** @returns one that nobody listens on now, that the system gives to nobody else, and that it was not before. @throws Error when none is found */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const port = FIRST + SLICE * SLICE_PORTS + randomInt(SLICE_PORTS);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`no free port between ${FIRST} and ${LAST}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
