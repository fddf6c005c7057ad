/** What the driver app has to say of deliveries: kept until the server has it or will never take it. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pageModule } from './page-modules.ts';

interface Piece {
  readonly id: string;
  readonly orderId: string;
  readonly takenAtMs: number;
}
interface ProofsModule {
  Proofs: new (
    host: object,
  ) => {
    readonly waiting: readonly Piece[];
    load(): Promise<void>;
    add(order: { orderId: string; code: string }, content: object): Promise<boolean>;
    wake(): void;
    opened(): void;
    stop(): void;
  };
}
const { Proofs } = await pageModule<ProofsModule>('session/proofs');
const ORDER = { orderId: 'ord_1', code: 'K1F' };
const NOTE = { kind: 'note', type: 'application/json', body: '{}' };

let answer: Response;
let nowMs: number;
beforeEach(() => {
  nowMs = 2_000_000_000_000;
  vi.stubGlobal('fetch', async () => answer);
});
afterEach(() => void vi.unstubAllGlobals());

/** A phone whose disk holds these pieces and answers when it is let. */
function phone(onDisk: readonly Piece[], isBlocked: boolean) {
  const ended: unknown[] = [];
  const dropped: string[] = [];
  let changes = 0;
  let lockouts = 0;
  let letRead = (): void => undefined;
  const read = new Promise<void>((resolve) => {
    letRead = resolve;
  });
  const store = {
    proofs: () => read.then(() => [...onDisk]),
    putProof: async () => undefined,
    dropProof: async (id: string) => void dropped.push(id),
  };
  const proofs = new Proofs({
    store,
    token: 't',
    newId: () => 'new',
    nowMs: () => nowMs,
    random: () => 1,
    changed: () => changes++,
    isBlocked: () => isBlocked,
    ended: (_piece: Piece, code: string | null) => ended.push(code),
    lockedOut: () => lockouts++,
  });
  return { proofs, ended, dropped, letRead, changes: () => changes, lockouts: () => lockouts };
}

it('a piece that is added while the disk is still being read stays', async () => {
  const { proofs, letRead } = phone([{ id: 'old', orderId: 'ord_1', takenAtMs: 1 }], true);
  const loading = proofs.load();
  await proofs.add(ORDER, NOTE);
  letRead();
  await loading;
  expect(proofs.waiting.map(({ id }) => id)).toEqual(['old', 'new']);
});

it('of a driver that is locked out, or whose sign-in is no good, it waits, of any other refusal it is said and dropped', async () => {
  for (const [status, code, kept, said] of [
    [409, 'driver.suspended', 1, []],
    [401, 'auth.expired', 1, []],
    [403, 'auth.forbidden', 1, []],
    [409, 'delivery.not_yours', 0, ['delivery.not_yours']],
  ] as const) {
    answer = Response.json({ code }, { status });
    const { proofs, ended, dropped, changes } = phone([], false);
    await proofs.add(ORDER, NOTE);
    const before = changes();
    await expect.poll(changes).toBeGreaterThan(before);
    expect([proofs.waiting.length, ended, dropped.length]).toEqual([kept, [...said], 1 - kept]);
    proofs.stop();
  }
});

it('what HTTP calls passing is tried again, whoever says it', async () => {
  for (const status of [408, 425, 429, 500, 502, 503, 504, 511]) {
    answer = Response.json({ code: 'proof.full' }, { status });
    const { proofs, ended, changes, lockouts } = phone([], false);
    await proofs.add(ORDER, NOTE);
    const before = changes();
    await expect.poll(changes).toBeGreaterThan(before);
    expect([status, proofs.waiting.length, ended, lockouts()]).toEqual([status, 1, [], 0]);
    proofs.stop();
  }
});

it('of a sign-in that is over, whoever keeps it is told at once', async () => {
  for (const [status, code] of [
    [401, 'auth.token_expired'],
    [403, 'auth.forbidden'],
    [409, 'driver.suspended'],
  ] as const) {
    answer = Response.json({ code }, { status });
    const { proofs, lockouts } = phone([], false);
    await proofs.add(ORDER, NOTE);
    await expect.poll(lockouts).toBe(1);
    expect(proofs.waiting.length).toBe(1);
    proofs.stop();
  }
});

/** A phone whose one proof met a server that was away, and is there again. */
async function withOnePutOff(): Promise<Pick<ReturnType<typeof phone>, 'proofs' | 'ended'>> {
  const { proofs, ended, letRead, changes } = phone([], false);
  letRead();
  await proofs.load();
  answer = new Response(null, { status: 503 });
  await proofs.add(ORDER, NOTE);
  const before = changes();
  await expect.poll(() => changes()).toBeGreaterThan(before);
  answer = new Response(null, { status: 201 });
  return { proofs, ended };
}

it('what was put off goes when the clock is set back by a year, and not a year later', async () => {
  const { proofs, ended } = await withOnePutOff();
  nowMs -= 366 * 86_400_000;
  proofs.wake();
  await expect.poll(() => ended).toEqual([null]);
  proofs.stop();
});

it('what was put off because the server was away goes as soon as it is there again', async () => {
  const { proofs, ended } = await withOnePutOff();
  // The clock stands, so its pause does not end.
  proofs.opened();
  await expect.poll(() => ended).toEqual([null]);
  proofs.stop();
});
