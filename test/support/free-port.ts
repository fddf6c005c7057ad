/** A port for a program that has to know it before it listens, and again after it was killed. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Above what services are known by, and below what the system gives to whoever asks for any port, outgoing connections among them. */
const [FIRST, LAST] = [12_000, 32_000];
const TRIES_MAX = 100;

/** @returns one that nobody listens on now, and that the system gives to nobody else. @throws Error when none is found */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const port = randomInt(FIRST, LAST);
    if (await isFree(port)) return port;
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
