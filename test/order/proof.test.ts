/** Proof of a delivery: who may add it and when, once each, kept for ever, shown to no customer. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AddProof, ProofAuthor, ProofList, ProofReply } from '../../src/actors/order/protocol.ts';
import { assigned, carried, DRIVER, OTHER, OTP, step } from './delivery-desk.ts';
import { Desk } from './harness.ts';

const HIM: ProofAuthor = { role: 'driver', id: DRIVER.id };
const SHOP: ProofAuthor = { role: 'vendor', id: 'thandi' };
const DAY_MS = 86_400_000;

const photo = (hash: string, by: ProofAuthor = HIM, stored = true): AddProof => ({
  type: 'add_proof',
  piece: { kind: 'photo', hash, mediaType: 'image/jpeg', sizeBytes: 1_000 },
  by,
  stored,
});

function atDoor(): Desk {
  const desk = carried();
  step(desk, 'arrived');
  return desk;
}

function delivered(): Desk {
  const desk = atDoor();
  step(desk, 'delivered', undefined, OTP);
  return desk;
}

function proofsOf(desk: Desk, by: ProofAuthor = SHOP): ProofList {
  const answer = desk.send({ type: 'proofs', by });
  if (!answer.ok) throw new Error(answer.refusal.code);
  return answer.reply as ProofList;
}

const refused = (code: string) => ({ ok: false, refusal: { code } });

describe('proof of a delivery', () => {
  it('is taken from the door until a day after the hand-over, and not a second longer', () => {
    expect(assigned().send(photo('a'))).toMatchObject(refused('delivery.wrong_phase'));
    expect(carried().send(photo('a'))).toMatchObject(refused('delivery.wrong_phase'));
    expect(new Desk().placed().send(photo('a', SHOP))).toMatchObject(refused('delivery.wrong_phase'));
    expect(new Desk().send(photo('a', SHOP))).toMatchObject(refused('order.not_found'));
    const desk = atDoor();
    expect(desk.send(photo('a'))).toMatchObject({ ok: true, reply: { customerId: 'cus_1', proof: { n: 1, hash: 'a', byId: DRIVER.id } } });
    step(desk, 'delivered', undefined, OTP);
    const deliveredAtMs = desk.nowMs;
    // A command of the desk comes a second after the one before it.
    desk.nowMs = deliveredAtMs + DAY_MS - 1_000;
    expect(desk.send(photo('b'))).toMatchObject({ ok: true, reply: { proof: { n: 2 } } });
    expect(desk.send(photo('c'))).toMatchObject(refused('proof.too_late'));
    expect(proofsOf(desk).proofs.map(({ hash }) => hash)).toEqual(['a', 'b']);
  });

  it('comes from the driver who carried it or from the shop, and from nobody else', () => {
    const desk = delivered();
    expect(desk.send(photo('a', { role: 'driver', id: OTHER.id }))).toMatchObject(refused('delivery.not_yours'));
    expect(desk.send({ type: 'proofs', by: { role: 'driver', id: OTHER.id } })).toMatchObject(refused('delivery.not_yours'));
    expect(desk.send(photo('a', SHOP))).toMatchObject({ ok: true, reply: { proof: { by: 'vendor', byId: 'thandi' } } });
    expect(proofsOf(desk, HIM)).toEqual(proofsOf(desk, SHOP));
  });

  it('that is sent again is answered as it is, also when there is no more room or time', () => {
    const desk = delivered();
    for (const hash of ['a', 'b', 'c', 'd', 'e']) desk.send(photo(hash));
    expect(desk.send(photo('f'))).toMatchObject(refused('proof.full'));
    desk.nowMs += 10 * DAY_MS;
    expect(desk.send(photo('b'))).toMatchObject({ ok: true, events: [], reply: { proof: { n: 2 } } });
    expect(proofsOf(desk).proofs.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5]);
  });

  it('is asked about without being written down', () => {
    const desk = delivered();
    const asked = desk.send(photo('a', HIM, false));
    expect(asked).toMatchObject({ ok: true, events: [], reply: { customerId: 'cus_1', proof: null } satisfies ProofReply });
    expect(proofsOf(desk).proofs).toEqual([]);
  });

  it('is in no view and no row of the order, and outlives the erasure of the customer', () => {
    const desk = delivered();
    desk.send(photo('the-hash'));
    expect(JSON.stringify([desk.view(), desk.writes])).not.toContain('the-hash');
    expect(desk.replayed()).toEqual(desk.state);
    expect(desk.replayed(true).order?.delivery?.proofs).toEqual(desk.state.order?.delivery?.proofs);
  });

  it('never grows over its bound and never loses or renumbers a piece, whatever comes', () => {
    const commands = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), fc.boolean(), fc.boolean()), { maxLength: 30 });
    fc.assert(
      fc.property(commands, (given) => {
        const desk = delivered();
        const expected: string[] = [];
        for (const [hash, isHis, stored] of given) {
          desk.send(photo(hash, isHis ? HIM : { role: 'driver', id: OTHER.id }, stored));
          if (isHis && stored && !expected.includes(hash) && expected.length < 5) expected.push(hash);
        }
        expect(proofsOf(desk).proofs.map(({ n, hash }) => [n, hash])).toEqual(expected.map((hash, index) => [index + 1, hash]));
      }),
      { numRuns: 100 },
    );
  });
});
