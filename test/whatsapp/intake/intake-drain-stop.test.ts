/** A drain of the intake log that is stopped says of its lanes only what it still makes sure of. Time is virtual. */
import { expect, it } from 'vitest';
import { VirtualClock } from '../../../src/runtime/clock.ts';
import { IntakeBoard } from '../../../src/transport/whatsapp/intake/intake-board.ts';
import { IntakeDrain } from '../../../src/transport/whatsapp/intake/intake-drain.ts';
import { intakeLaneOf } from '../../../src/transport/whatsapp/intake/intake-lane.ts';
import { parseWebhook } from '../../../src/transport/whatsapp/webhook/webhook-parse.ts';
import { MemoryIntakeLog } from '../../support/memory-intake-log.ts';
import { envelope, NOW_MS, textOf } from '../bodies.ts';

/** Failures in a row after which a sender's parts are stalled. */
const STALLED_AFTER = 10;

it('keeps them occupied when the failure that would make a sender stalled comes after the stop: nobody is told of it any more', async () => {
  const [log, clock, board] = [new MemoryIntakeLog(), new VirtualClock(NOW_MS), new IntakeBoard(IntakeBoard.allocate(1))];
  let taken = 0;
  let fail: (durable: boolean) => void = () => {};
  const isTaken = (): boolean => taken >= STALLED_AFTER;
  let read: () => void = () => {};
  let isReading = false;
  const drain = new IntakeDrain({
    log,
    board,
    handover: {
      take: () => (++taken < STALLED_AFTER ? Promise.resolve(false) : new Promise((resolve) => (fail = resolve))),
    },
    thread: 0,
    threads: 1,
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    random: () => 0.5,
    after: (ms, task) => clock.after(ms, task),
    warn: () => undefined,
  });
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) {
      clock.advance(10);
      for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const body = envelope({ messages: [textOf('hello', 'stuck', '1')] });
  log.put(intakeLaneOf(parseWebhook(body, NOW_MS)[0]!), [Buffer.from(JSON.stringify(body))]);
  drain.start();
  await until(isTaken);
  log.onRead = () => {
    isReading = true;
    return new Promise((resolve) => (read = resolve));
  };
  await until(() => isReading);
  const stopped = drain.stop();
  fail(false);
  await new Promise((resolve) => setImmediate(resolve));
  read();
  await stopped;
  expect([board.occupied(0), board.anyStalled, log.chunks.length]).toEqual([true, false, 1]);
});
