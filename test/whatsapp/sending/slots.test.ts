/** Slots go round: whoever waits with thousands under one key takes no turn of another. */
import { describe, expect, it } from 'vitest';
import { Slots } from '../../../src/transport/whatsapp/sending/slots.ts';

/** Takes a slot under this key, and notes when it has it. */
function take(slots: Slots, key: string, taken: string[]): void {
  void slots.take(key)?.then(() => taken.push(key));
}

async function released(slots: Slots, times: number): Promise<void> {
  for (let i = 0; i < times; i++) slots.release();
  await Promise.resolve();
}

describe('slots', () => {
  it('are had at once while one is free, without a promise', () => {
    const slots = new Slots(2);
    expect([slots.take('a'), slots.take('a')]).toEqual([null, null]);
    expect(slots.take('a')).toBeInstanceOf(Promise);
  });

  it('go to the keys in turn: one that comes behind a flood of another waits for one slot, not for the flood', async () => {
    const slots = new Slots(1);
    void slots.take('flood');
    const taken: string[] = [];
    for (let i = 0; i < 1_000; i++) take(slots, 'flood', taken);
    take(slots, 'small', taken);
    take(slots, 'other', taken);
    take(slots, 'small', taken);
    await released(slots, 6);
    expect(taken).toEqual(['flood', 'small', 'other', 'flood', 'small', 'flood']);
  });

  it('go under one key to the longest waiter, and none is lost or given twice', async () => {
    const slots = new Slots(3);
    const order: number[] = [];
    for (let i = 0; i < 3; i++) void slots.take('a');
    for (let i = 0; i < 500; i++) void slots.take('a')?.then(() => order.push(i));
    await released(slots, 503);
    expect(order).toEqual(Array.from({ length: 500 }, (_, i) => i));
    expect([slots.take('b'), slots.take('a'), slots.take('b')]).toEqual([null, null, null]);
    expect(slots.take('b')).not.toBeNull();
  });
});
