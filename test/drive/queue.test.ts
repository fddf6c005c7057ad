/** The driver app's queue: nothing that a driver did is lost, doubled or reordered, whatever the network does. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Action, pageModule, type QueueModule } from './page-modules.ts';

const queue = await pageModule<QueueModule>('session/queue');

function filled(...steps: (readonly [key: string, type: string, otp?: string])[]): readonly Action[] {
  return steps.reduce<readonly Action[]>((held, [key, type, otp], index) => {
    const message = otp === undefined ? { type } : { type, otp };
    return queue.enqueue(held, queue.actionOf(`id-${index}`, key, message, index)).queue;
  }, []);
}
const types = (held: readonly Action[]): string[] => held.map(({ message }) => message.type);

describe('the queue', () => {
  it('a double tap is one action, and the same step later is another', () => {
    expect(types(filled(['ord', 'arrived'], ['ord', 'arrived'], ['ord', 'picked_up'], ['ord', 'arrived']))).toEqual([
      'arrived',
      'picked_up',
      'arrived',
    ]);
  });

  it('another code replaces the one that was not sent, but follows the one that was', () => {
    const held = filled(['ord', 'delivered', '1111'], ['ord', 'delivered', '2222']);
    expect(held.map(({ message }) => message.otp)).toEqual(['2222']);
    const onTheWire = queue.markSent(held, 'id-1', 5);
    const both = queue.enqueue(onTheWire, queue.actionOf('id-9', 'ord', { type: 'delivered', otp: '3333' }, 9)).queue;
    expect(both.map(({ message }) => message.otp)).toEqual(['2222', '3333']);
  });

  it('takes the reason of a refusal after the refusal, and once', () => {
    const say = (held: readonly Action[], id: string, reason?: string) =>
      queue.enqueue(held, queue.actionOf(id, 'off_1', { type: 'decline', ...(reason === undefined ? {} : { reason }) }, 1)).queue;
    const held = say(say(say([], 'id-0'), 'id-1', 'too_far'), 'id-2', 'too_far');
    expect(held.map(({ message }) => [message.id, message.reason])).toEqual([
      ['id-0', undefined],
      ['id-1', 'too_far'],
    ]);
  });

  it('of wishes about the shift the last one counts', () => {
    const held = ['online', 'offline', 'online'].reduce<readonly Action[]>((before, status, index) => {
      return queue.enqueue(before, queue.actionOf(`id-${index}`, queue.SHIFT_KEY, { type: 'status', status }, index)).queue;
    }, []);
    expect(held.map(({ message }) => message.status)).toEqual(['online']);
  });

  it('what is about one thing goes one by one and in order, different things side by side', () => {
    const held = filled(['a', 'arrived'], ['a', 'picked_up'], ['b', 'accept']);
    expect(types(queue.due(held, 10))).toEqual(['arrived', 'accept']);
    const sent = queue.markSent(held, 'id-0', 10);
    expect(types(queue.due(sent, 10))).toEqual(['accept']);
    expect(types(queue.due(queue.settle(sent, 'id-0'), 10))).toEqual(['picked_up', 'accept']);
  });

  it('without an answer it is overdue, and after a break it goes again at once', () => {
    const sent = queue.markSent(filled(['a', 'arrived']), 'id-0', 10);
    expect(queue.overdue(sent, 9 + queue.ANSWER_WITHIN_MS)).toEqual([]);
    expect(queue.overdue(sent, 10 + queue.ANSWER_WITHIN_MS)).toHaveLength(1);
    expect(queue.nextDueMs(sent)).toBe(10 + queue.ANSWER_WITHIN_MS);
    expect(types(queue.due(queue.unsent(sent), 11))).toEqual(['arrived']);
  });

  it('a clock that is set back by an hour or a year holds nothing up', () => {
    for (const backMs of [3_600_000, 366 * 86_400_000]) {
      const nowMs = 2_000_000_000_000;
      const sent = queue.markSent(filled(['a', 'arrived']), 'id-0', nowMs);
      expect(queue.overdue(sent, nowMs - backMs)).toHaveLength(1);
      const putOff = queue.postpone(sent, 'id-0', nowMs, 1);
      expect(queue.due(putOff, nowMs)).toEqual([]);
      expect(types(queue.due(putOff, nowMs - backMs))).toEqual(['arrived']);
    }
  });

  it('a refusal of the machinery is tried again, one of the domain is final', () => {
    for (const code of ['runtime.timeout', 'runtime.overloaded', 'request.overloaded', 'gps.rate_limited', null]) {
      expect([code, queue.isTransient(code)]).toEqual([code, true]);
    }
    for (const code of ['delivery.otp_wrong', 'offer.closed', 'driver.invalid_field']) {
      expect([code, queue.isTransient(code)]).toEqual([code, false]);
    }
  });

  it('waits longer each time, never longer than half a minute, never the same for all', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
        const ms = queue.backoffMs(attempt, random);
        expect(ms).toBeGreaterThanOrEqual(250);
        expect(ms).toBeLessThanOrEqual(Math.min(30_000, 1_000 * 2 ** attempt));
      }),
    );
    expect(queue.backoffMs(3, 0.1)).not.toBe(queue.backoffMs(3, 0.9));
  });

  it('says no to the driver’s face when it is full, and keeps what it has', () => {
    const steps = Array.from({ length: queue.ACTIONS_MAX }, (_, index) => [`ord_${index}`, 'arrived'] as const);
    const held = filled(...steps);
    const result = queue.enqueue(held, queue.actionOf('more', 'ord_x', { type: 'arrived' }, 1));
    expect(result).toMatchObject({ added: false, full: true });
    expect(result.queue).toBe(held);
  });

  it('comes back from storage in its order, without what is not its own', () => {
    const held = filled(['a', 'arrived'], ['a', 'picked_up'], ['b', 'accept']);
    const stored: unknown[] = [null, { id: 'x' }, ...queue.markSent(held, 'id-0', 3)].toReversed();
    expect(queue.restored(stored)).toEqual(held.map((action) => ({ ...action, attempts: action.id === 'id-0' ? 1 : 0 })));
  });
});

type Chance = 'tap' | 'send' | 'lose' | 'answer' | 'later' | 'break' | 'reload';

it('under any weather every action reaches the server at least once, in the order of its matter, with one id', () => {
  const chances = fc.constantFrom<Chance>('tap', 'send', 'lose', 'answer', 'later', 'break', 'reload');
  fc.assert(
    fc.property(fc.array(fc.tuple(chances, fc.nat(2), fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 80 }), (weather) => {
      let held: readonly Action[] = [];
      let nowMs = 0;
      const taken: string[] = [];
      const first: string[] = [];
      const send = (isLost: boolean): void => {
        for (const action of queue.due(held, nowMs)) {
          held = queue.markSent(held, action.id, nowMs);
          if (!isLost && !first.includes(action.id)) first.push(action.id);
        }
      };
      for (const [chance, matter, random] of weather) {
        nowMs += 1_000;
        const onTheWire = held.find((action) => action.sentAtMs !== null && first.includes(action.id));
        if (chance === 'tap') {
          const id = `${matter}-${taken.length}`;
          held = queue.enqueue(held, queue.actionOf(id, `ord_${matter}`, { type: `step-${taken.length}` }, nowMs)).queue;
          taken.push(id);
        } else if (chance === 'send' || chance === 'lose') send(chance === 'lose');
        else if (chance === 'answer' && onTheWire !== undefined) held = queue.settle(held, onTheWire.id);
        else if (chance === 'later' && onTheWire !== undefined) held = queue.postpone(held, onTheWire.id, nowMs, random);
        else if (chance === 'break') held = queue.unsent(held);
        else if (chance === 'reload') held = queue.restored([...held].toReversed());
      }
      // Fair weather comes at last.
      while (held.length > 0) {
        held = queue.unsent(held);
        nowMs += 60_000;
        send(false);
        for (const action of held) if (action.sentAtMs !== null) held = queue.settle(held, action.id);
      }
      expect(first.toSorted()).toEqual(taken.toSorted());
      for (const matter of ['0', '1', '2']) {
        const of = (ids: readonly string[]): string[] => ids.filter((id) => id.startsWith(`${matter}-`));
        expect(of(first)).toEqual(of(taken));
      }
    }),
    { numRuns: 300 },
  );
});
