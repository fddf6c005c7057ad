/** A driver who signs out while the phone's disk is slow is out: nothing of theirs goes on beside the next driver. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pageModule } from './page-modules.ts';

interface SessionModule {
  Session: new (token: string, host: object) => { start(): Promise<void>; stop(): void };
}
const { Session } = await pageModule<SessionModule>('session/session');

/** A database that answers only when it is let: what it was asked, oldest first. */
let asked: (() => void)[];
let links: number;

beforeEach(() => {
  asked = [];
  links = 0;
  vi.stubGlobal('location', { origin: 'http://127.0.0.1' });
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('fetch', async () => new Response(null, { status: 503 }));
  vi.stubGlobal(
    'WebSocket',
    class {
      constructor() {
        links++;
      }
      close(): void {
        links--;
      }
    },
  );
  vi.stubGlobal('indexedDB', { open: () => later(() => DATABASE) });
});
afterEach(() => void vi.unstubAllGlobals());

const nothing = { result: undefined };
const DATABASE = {
  close: () => undefined,
  transaction: () =>
    later(() => undefined, { objectStore: () => ({ getAll: () => ({ result: [] }), get: () => nothing, put: () => nothing }) }),
};

/** A request, or a transaction, as browsers have them. */
function later(result: () => unknown, more: object = {}): object {
  const request: { result?: unknown; onsuccess?: () => void; oncomplete?: () => void } = { ...more };
  asked.push(() => {
    request.result = result();
    request.onsuccess?.();
    request.oncomplete?.();
  });
  return request;
}

/** Lets the database answer whatever it is asked until the start is over. */
async function letAnswer(starting: Promise<void>): Promise<void> {
  let isOver = false;
  const over = starting.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    asked.shift()?.();
    await new Promise(setImmediate);
  }
  await over;
}

const HOST = { changed: () => undefined, news: () => undefined, signedOut: () => undefined };

it('a session that is not stopped opens its link once the disk has answered', async () => {
  const session = new Session('t', HOST);
  await letAnswer(session.start());
  expect(links).toBe(1);
  session.stop();
});

it('stopped before the database is open, or before it is read, it opens none', async () => {
  for (const answers of [0, 1, 2]) {
    const session = new Session('t', HOST);
    const starting = session.start();
    for (let i = 0; i < answers; i++) {
      await expect.poll(() => asked.length).toBeGreaterThan(0);
      asked.shift()?.();
    }
    session.stop();
    await letAnswer(starting);
    expect(links).toBe(0);
  }
});
