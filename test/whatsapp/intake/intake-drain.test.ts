/** What waits in the intake log is worked on once each, in order, and nothing that waits holds others up. Time is virtual. */
import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/runtime/clock.ts';
import { IntakeBoard } from '../../../src/transport/whatsapp/intake/intake-board.ts';
import { IntakeDrain } from '../../../src/transport/whatsapp/intake/intake-drain.ts';
import { INTAKE_LANES, intakeLaneOf, senderOf } from '../../../src/transport/whatsapp/intake/intake-lane.ts';
import { parseWebhook, type WebhookPart } from '../../../src/transport/whatsapp/webhook/webhook-parse.ts';
import { MemoryIntakeLog } from '../../support/memory-intake-log.ts';
import { envelope, NOW_MS, textOf } from '../bodies.ts';

let log: MemoryIntakeLog;
let board: IntakeBoard;
let clock: VirtualClock;
let handed: string[];
let warnings: string[];
let onTake: (id: string) => Promise<boolean> | boolean;
let drain: IntakeDrain;

const idOf = (part: WebhookPart): string => (part.kind === 'message' ? part.command.whatsappId : part.kind);

function newDrain(thread = 0, threads = 1): IntakeDrain {
  return new IntakeDrain({
    log,
    board,
    handover: {
      async take(part) {
        handed.push(idOf(part));
        return onTake(idOf(part));
      },
    },
    thread,
    threads,
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    random: () => 0.5,
    after: (ms, task) => clock.after(ms, task),
    warn: (_facts, text) => warnings.push(text),
  });
}

beforeEach(() => {
  log = new MemoryIntakeLog();
  board = new IntakeBoard(IntakeBoard.allocate(2));
  clock = new VirtualClock(NOW_MS);
  handed = [];
  warnings = [];
  onTake = () => true;
  drain = newDrain();
});

const post = (waId: string, ...ids: string[]): object => envelope({ messages: ids.map((id) => textOf('hello', id, waId)) });
function put(body: object): void {
  log.put(intakeLaneOf(parseWebhook(body, NOW_MS)[0]!), [Buffer.from(JSON.stringify(body))]);
}

function senderIsStalled(waId: string): boolean {
  return board.stalled(0).has(senderOf(parseWebhook(post(waId, 'any'), NOW_MS)[0]!)!);
}

/** Until everything that can happen now has happened. */
async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
}
async function run(ms: number): Promise<void> {
  for (const untilMs = clock.nowMs() + ms; clock.nowMs() < untilMs; ) {
    clock.advance(10);
    await settle();
  }
}

describe('what waits', () => {
  it('is handed over and then removed, and the lanes are free only after that', async () => {
    put(post('1', 'a'));
    put(post('2', 'b'));
    let release: (durable: boolean) => void = () => {};
    onTake = (id) => (id === 'a' ? new Promise((resolve) => (release = resolve)) : true);
    drain.start();
    await settle();
    expect(handed.sort()).toEqual(['a', 'b']);
    expect([log.chunks.length, board.occupied(0), drain.inWork]).toEqual([1, true, 1]);
    release(true);
    await run(50);
    expect([log.chunks.length, board.occupied(0), drain.inWork]).toEqual([0, false, 0]);
    await drain.stop();
  });

  it('of one sender is handed over in order, the next only when the one before is durable, over chunks and failures', async () => {
    put(post('1', 'a', 'b'));
    put(post('1', 'c'));
    put(post('2', 'x'));
    let tries = 0;
    onTake = (id) => id !== 'a' || ++tries === 3;
    drain.start();
    await settle();
    expect(handed).toEqual(['a', 'x']);
    await run(2_000);
    expect(handed).toEqual(['a', 'x', 'a', 'a', 'b', 'c']);
    expect(log.chunks).toEqual([]);
    await drain.stop();
  });

  it('is never given up: a sender that always fails waits, the others go on', async () => {
    put(post('1', 'stuck'));
    onTake = (id) => id !== 'stuck';
    drain.start();
    await run(20_000);
    for (let i = 0; i < 20; i++) put(post(String(100 + i), `m${i}`));
    board.appended(0, 1);
    await run(1_000);
    expect(handed.filter((id) => id !== 'stuck')).toHaveLength(20);
    expect(log.chunks).toHaveLength(1);
    onTake = () => true;
    await run(6_000);
    expect(log.chunks).toEqual([]);
    await drain.stop();
  });

  it('of senders that fail for long holds nobody up, however much of it there is, and is done in order once it can be', async () => {
    onTake = (id) => !id.startsWith('stuck');
    drain.start();
    await run(100);
    for (let i = 0; i < 600; i++) {
      put(post(String(i % 3), `stuck${String(i).padStart(3, '0')}`));
      board.appended(0, 1);
      if (i % 20 === 0) await run(1_000);
    }
    for (let i = 0; i < 20; i++) put(post(String(100 + i), `m${i}`));
    board.appended(0, 1);
    await run(20_000);
    expect(handed.filter((id) => id.startsWith('m'))).toHaveLength(20);
    expect(log.chunks).toHaveLength(600);
    onTake = () => true;
    handed.length = 0;
    await run(10_000);
    for (const sender of [0, 1, 2]) {
      const own = handed.filter((id) => id.startsWith('stuck') && Number(id.slice(5)) % 3 === sender);
      expect(own).toEqual([...own].sort());
      expect(own).toHaveLength(200);
    }
    expect([log.chunks, drain.inWork, board.occupied(0)]).toEqual([[], 0, false]);
    await drain.stop();
  });

  it('of senders that fail for long occupies the lanes for them alone, until the last part of each is done', async () => {
    put(post('1', 'stuck1', 'stuck2'));
    put(post('2', 'b'));
    onTake = (id) => !id.startsWith('stuck');
    drain.start();
    await run(500);
    expect([board.occupied(0), board.anyStalled]).toEqual([true, false]);
    await run(10_000);
    expect([board.occupied(0), senderIsStalled('1'), senderIsStalled('2')]).toEqual([false, true, false]);
    expect(board.waiting(0)).toEqual({ messages: 1, bytes: expect.any(Number) });
    expect(board.waiting(0).bytes).toBeGreaterThan(0);
    let release: (durable: boolean) => void = () => {};
    onTake = (id) => (id === 'stuck2' ? new Promise((resolve) => (release = resolve)) : true);
    await run(10_000);
    expect(handed.at(-1)).toBe('stuck2');
    expect(senderIsStalled('1')).toBe(true);
    release(true);
    await run(100);
    expect([log.chunks, board.anyStalled]).toEqual([[], false]);
    await drain.stop();
  });

  it('of such senders is said to be full at a half of what may be read of it, and others are still read', async () => {
    onTake = (id) => !id.startsWith('stuck');
    drain.start();
    put(post('1', 'stuck'));
    await run(15_000);
    const full = (): boolean => board.stalled(0).isFull;
    const large = { pad: 'x'.repeat(1024 * 1024) };
    for (let i = 1; i < 16; i++) put({ ...post('1', `stuck${i}`), ...large });
    board.appended(0, 1);
    await run(1_000);
    expect([full(), board.occupied(0)]).toEqual([false, false]);
    put({ ...post('1', 'stuck16'), ...large });
    board.appended(0, 1);
    await run(1_000);
    expect([full(), board.occupied(0)]).toEqual([true, false]);
    put(post('2', 'm'));
    board.appended(0, 1);
    await run(1_000);
    expect(handed).toContain('m');
    onTake = () => true;
    await run(10_000);
    expect([full(), log.chunks, board.anyStalled]).toEqual([false, [], false]);
    await drain.stop();
  });

  it('of a worker that died is anybody\u2019s until its successor has looked: nothing is stalled before that', async () => {
    put(post('1', 'stuck'));
    onTake = () => false;
    drain.start();
    await run(15_000);
    expect([board.occupied(0), senderIsStalled('1')]).toEqual([false, true]);
    let release: (durable: boolean) => void = () => {};
    onTake = () => new Promise((resolve) => (release = resolve));
    await run(6_000);
    const dead = drain.stop();
    board.found(0, { messages: 1, bytes: 100 });
    expect([board.occupied(0), senderIsStalled('1')]).toEqual([true, false]);
    board.stalled(0).add(senderOf(parseWebhook(post('1', 'stuck'), NOW_MS)[0]!)!);
    // What the dead one still hears changes nothing that its successor knows.
    release(true);
    await dead;
    expect(senderIsStalled('1')).toBe(true);
  });

  it('of a thousand such senders in one large post holds nobody up: their text is in memory once', async () => {
    const posted = (sender: number): object => ({ ...textOf('x'.repeat(200), `stuck${sender}`, `9${sender}`) });
    const senders = Array.from({ length: 1_000 }, (_, sender) => sender);
    const body = envelope({ messages: senders.map(posted) });
    for (const lane of new Set(parseWebhook(body, NOW_MS).map(intakeLaneOf))) log.put(lane, [Buffer.from(JSON.stringify(body))]);
    onTake = (id) => !id.startsWith('stuck');
    drain.start();
    await run(30_000);
    put(post('1', 'm'));
    board.appended(0, 1);
    await run(1_000);
    expect(handed).toContain('m');
    onTake = () => true;
    await run(10_000);
    expect([log.chunks, drain.inWork]).toEqual([[], 0]);
    await drain.stop();
  });

  it('and cannot be opened holds nobody up, however much of it there is', async () => {
    for (let i = 0; i < 600; i++) log.put(i % INTAKE_LANES, null);
    for (let i = 0; i < 40; i++) put(post(String(i), `m${i}`));
    drain.start();
    await run(10_000);
    expect(handed).toHaveLength(40);
    expect(log.chunks).toHaveLength(600);
    await drain.stop();
  });

  it('and is unreadable does not hold the others up, and stays', async () => {
    log.put(0, null);
    for (const waId of ['1', '2', '3', '4', '5', '6', '7', '8', '9']) put(post(waId, waId));
    drain.start();
    await run(500);
    expect(handed.sort()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(log.chunks).toHaveLength(1);
    expect(warnings).toEqual(['intake chunk sealed under another key']);
    await drain.stop();
  });

  it('is one post of several lanes: each part is handed over once', async () => {
    const parts = ['1', '2', '3', '4'].map((waId) => textOf('hello', `m${waId}`, waId));
    const body = envelope({ messages: parts });
    const lanes = new Set(parseWebhook(body, NOW_MS).map(intakeLaneOf));
    expect(lanes.size).toBeGreaterThan(1);
    for (const lane of lanes) log.put(lane, [Buffer.from(JSON.stringify(body))]);
    drain.start();
    await settle();
    expect(handed.sort()).toEqual(['m1', 'm2', 'm3', 'm4']);
    await drain.stop();
  });

  it('was written for lanes of another number of workers: together they take all of it, none twice', async () => {
    for (let i = 0; i < 40; i++) put(post(String(i), `m${i}`));
    board = new IntakeBoard(IntakeBoard.allocate(3));
    const three = [0, 1, 2].map((thread) => newDrain(thread, 3));
    for (const one of three) one.start();
    await run(100);
    expect([...handed].sort()).toEqual(Array.from({ length: 40 }, (_, i) => `m${i}`).sort());
    expect(log.chunks).toEqual([]);
    for (const one of three) await one.stop();
  });
});

describe('a drain', () => {
  it('finds what was committed late, without being told', async () => {
    drain.start();
    await run(100);
    expect(board.occupied(0)).toBe(false);
    put(post('1', 'late'));
    await run(6_000);
    expect(handed).toEqual(['late']);
    await drain.stop();
  });

  it('reads at a bounded pace while the log cannot be read, and goes on after', async () => {
    put(post('1', 'a'));
    let reads = 0;
    log.onRead = () => {
      reads++;
      return Promise.reject(new Error('database away'));
    };
    drain.start();
    await run(5_000);
    expect(reads).toBeLessThanOrEqual(5_000 / 250 + 1);
    log.onRead = async () => {};
    await run(500);
    expect(handed).toEqual(['a']);
    await drain.stop();
  });

  it('tries again to remove what is done, and does not hand it over again', async () => {
    put(post('1', 'a'));
    let tries = 0;
    log.onRemove = () => (++tries < 3 ? Promise.reject(new Error('database away')) : Promise.resolve());
    drain.start();
    await run(2_000);
    expect([handed, tries, log.chunks.length, board.occupied(0)]).toEqual([['a'], 3, 0, false]);
    await drain.stop();
  });

  it('that stops ends what is under way, starts nothing more, and leaves the rest in the log', async () => {
    put(post('1', 'a', 'b'));
    put(post('2', 'c'));
    let release: (durable: boolean) => void = () => {};
    onTake = (id) => (id === 'c' ? true : new Promise((resolve) => (release = resolve)));
    drain.start();
    await settle();
    let stopped = false;
    const stop = drain.stop().then(() => {
      stopped = true;
    });
    await settle();
    expect(stopped).toBe(false);
    release(true);
    await stop;
    expect(handed).toEqual(['a', 'c']);
    expect(log.chunks).toHaveLength(1);
    const next = newDrain();
    onTake = () => true;
    next.start();
    await run(100);
    // What was handed over before is recognised by its command id; here it is only seen to come again.
    expect(handed.slice(2)).toEqual(['a', 'b']);
    await next.stop();
    expect(clock.pending).toBe(0);
  });

  it('holds a bounded number of parts, and hands a bounded number over at a time', async () => {
    for (let i = 0; i < 1_500; i++) put(post(String(i), `m${i}`));
    let release: () => void = () => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    onTake = () => gate.then(() => true);
    drain.start();
    await run(300);
    expect(handed).toHaveLength(256);
    expect(drain.inWork).toBeLessThan(512 + 2 * INTAKE_LANES);
    release();
    await run(500);
    expect(handed).toHaveLength(1_500);
    expect(new Set(handed).size).toBe(1_500);
    expect(log.chunks).toEqual([]);
    await drain.stop();
  });

  it('reads no more than a bounded number of bytes before some of it is done', async () => {
    for (let i = 0; i < 24; i++) put({ ...post(String(i % 4), `m${i}`), pad: 'x'.repeat(4 * 1024 * 1024) });
    let release: () => void = () => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    onTake = () => gate.then(() => true);
    drain.start();
    await run(100);
    expect(drain.inWork).toBeGreaterThan(4);
    expect(drain.inWork).toBeLessThan(18);
    release();
    await run(500);
    expect(new Set(handed).size).toBe(24);
    expect(log.chunks).toEqual([]);
    await drain.stop();
  });
});

describe('a clock that is set back', () => {
  it('prolongs neither the rest after a failure nor the time between looks', async () => {
    log.onRead = async () => {
      throw new Error('away');
    };
    put(post('1', 'a'));
    drain.start();
    await settle();
    expect(warnings).toHaveLength(1);
    log.onRead = async () => {};
    clock.step(-3_600_000);
    for (let ms = 0; ms < 300; ms += 10) {
      clock.advance(10);
      await settle();
    }
    expect(handed).toEqual(['a']);
  });
});
