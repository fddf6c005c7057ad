/** Who gets the places where commands wait, when there are not enough for all. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DurableBehaviour } from '../../src/runtime/behaviour.ts';
import { Admission } from '../../src/runtime/cell/admission.ts';
import { LIMITS, ref, startRuntime } from '../support/runtime.ts';

const MAX = 100;

/** A bound that does not hold ends the test instead of looping. */
const FAR_TOO_MANY = 100_000;

function fill(admission: Admission, tenantId: number): number {
  const share = admission.shareOf(tenantId);
  let taken = 0;
  while (taken < FAR_TOO_MANY && admission.enter(share)) taken++;
  return taken;
}

describe('places to wait', () => {
  it('a tenant alone gets half of them, and the next ones always find room', () => {
    const admission = new Admission(MAX);
    expect(fill(admission, 1)).toBe(50);
    expect(fill(admission, 2)).toBe(25);
    expect(fill(admission, 3)).toBeGreaterThan(0);
    expect(admission.waiting).toBeLessThan(MAX);
  });

  it('are free again when a command leaves', () => {
    const admission = new Admission(MAX);
    fill(admission, 1);
    const share = admission.shareOf(1);
    admission.leave(share);
    expect(admission.enter(share)).toBe(true);
    expect(admission.enter(share)).toBe(false);
  });

  it('are a share as long as somebody of the tenant has it, and one for all of them', () => {
    const admission = new Admission(MAX);
    const [first, second] = [admission.shareOf(1), admission.shareOf(1)];
    expect(second).toBe(first);
    admission.giveBack(first);
    expect([admission.shareOf(1) === first, admission.tenants]).toEqual([true, 1]);
    admission.giveBack(first);
    admission.giveBack(second);
    expect(admission.tenants).toBe(0);
  });

  it('are never more than there are, and none is lost, whatever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.boolean()), { maxLength: 400 }), (moves) => {
        const admission = new Admission(20);
        const held = new Map<number, number>();
        for (const [tenantId, comes] of moves) {
          const share = admission.shareOf(tenantId);
          const had = held.get(tenantId) ?? 0;
          if (comes && admission.enter(share)) held.set(tenantId, had + 1);
          else if (!comes && had > 0) {
            admission.leave(share);
            held.set(tenantId, had - 1);
          }
          const sum = [...held.values()].reduce((all, one) => all + one, 0);
          expect(admission.waiting).toBe(sum);
          expect(sum).toBeLessThanOrEqual(20);
        }
      }),
    );
  });
});

describe('a flooded thread', () => {
  const slow: DurableBehaviour<null, 'go', { type: 'went'; data: null }> = {
    durable: true,
    kind: 'slow',
    kindCode: 60,
    stateVersion: 1,
    initial: () => null,
    decide: () => ({ ok: true, events: [{ type: 'went', data: null }], reply: 'done' }),
    evolve: () => null,
  };

  it('tells the flooding tenant to come again, serves the others, and has every place back afterwards', async () => {
    const { runtime } = await startRuntime({ behaviours: [slow], limits: { ...LIMITS, mailboxTotal: 40 } });
    const flood = Array.from({ length: 200 }, (_, i) => runtime.ask({ ...ref(`f${i}`, 1, 'slow'), tenantId: 1 }, 'go'));
    const other = Array.from({ length: 5 }, (_, i) => runtime.ask({ ...ref(`o${i}`, 2, 'slow'), tenantId: 2 }, 'go'));
    const flooded = await Promise.all(flood);
    expect(flooded.filter((answer) => answer.ok)).toHaveLength(20);
    expect(flooded.filter((answer) => !answer.ok && 'fault' in answer && answer.fault.code === 'runtime.overloaded')).toHaveLength(180);
    expect((await Promise.all(other)).every((answer) => answer.ok)).toBe(true);
    expect(runtime.admission.waiting).toBe(0);
    await runtime.close();
  });

  it('has every place back when an actor crashes, is quarantined or loses its batch', async () => {
    const broken: typeof slow = {
      ...slow,
      kind: 'broken',
      kindCode: 61,
      decide: () => {
        throw new Error('planted');
      },
    };
    const { runtime } = await startRuntime({
      behaviours: [broken],
      limits: { ...LIMITS, mailboxTotal: 40, poisonTries: 1, restartsPerMinute: 1 },
    });
    const answers = await Promise.all(Array.from({ length: 10 }, () => runtime.ask(ref('b', 1, 'broken'), 'go')));
    expect(answers.every((answer) => !answer.ok)).toBe(true);
    expect(runtime.admission.waiting).toBe(0);
    await runtime.close();
  });
});
