/** The order's transitions, cell by cell, against the table of docs/specs/order.md written out here. */
import { describe, expect, it } from 'vitest';
import type { OrderActorRole, OrderStatus, OrderTransition } from '../../src/actors/order/protocol.ts';
import { Desk } from './harness.ts';

const STATUSES: readonly OrderStatus[] = [
  'CREATED',
  'PAYMENT_PENDING',
  'PAID',
  'CONFIRMED',
  'PREPARING',
  'READY_FOR_PICKUP',
  'ASSIGNED_TO_DRIVER',
  'IN_TRANSIT',
  'DELIVERED',
  'CANCELLED',
  'REFUNDED',
  'EXPIRED',
];
const ROLES: readonly OrderActorRole[] = ['customer', 'vendor', 'driver', 'platform', 'system'];
const TRANSITIONS: readonly OrderTransition[] = ['accept', 'reject', 'prepare', 'ready', 'deliver', 'cancel', 'expire', 'refund'];

/** Status, transition, next status, who may (c customer, v vendor, d driver, p platform, s system). All else is refused. */
const ALLOWED: readonly (readonly [OrderStatus, OrderTransition, OrderStatus, string])[] = [
  ['CREATED', 'accept', 'CONFIRMED', 'vp'],
  ['CREATED', 'reject', 'CANCELLED', 'vp'],
  ['CREATED', 'cancel', 'CANCELLED', 'cvps'],
  ['CREATED', 'expire', 'EXPIRED', 's'],
  ['PAYMENT_PENDING', 'reject', 'CANCELLED', 'vp'],
  ['PAYMENT_PENDING', 'cancel', 'CANCELLED', 'cvps'],
  ['PAYMENT_PENDING', 'expire', 'EXPIRED', 's'],
  ['PAID', 'accept', 'CONFIRMED', 'vp'],
  ['PAID', 'reject', 'CANCELLED', 'vp'],
  ['PAID', 'cancel', 'CANCELLED', 'cvps'],
  ['CONFIRMED', 'reject', 'CANCELLED', 'vp'],
  ['CONFIRMED', 'prepare', 'PREPARING', 'vp'],
  ['CONFIRMED', 'cancel', 'CANCELLED', 'cvps'],
  ['PREPARING', 'ready', 'READY_FOR_PICKUP', 'vp'],
  ['PREPARING', 'cancel', 'CANCELLED', 'vps'],
  ['READY_FOR_PICKUP', 'deliver', 'DELIVERED', 'vps'],
  ['READY_FOR_PICKUP', 'cancel', 'CANCELLED', 'vps'],
  ['ASSIGNED_TO_DRIVER', 'cancel', 'CANCELLED', 'vps'],
  ['IN_TRANSIT', 'deliver', 'DELIVERED', 'vps'],
  ['IN_TRANSIT', 'cancel', 'CANCELLED', 'vp'],
  ['DELIVERED', 'refund', 'REFUNDED', 'vp'],
];

function expected(status: OrderStatus, transition: OrderTransition, role: OrderActorRole): OrderStatus | null {
  const cell = ALLOWED.find(([from, name, , who]) => from === status && name === transition && who.includes(role.charAt(0)));
  return cell?.[2] ?? null;
}

describe.each(STATUSES)('an order that is %s', (status) => {
  it.each(TRANSITIONS)('answers %s from every role as the table says', (transition) => {
    for (const role of ROLES) {
      const desk = new Desk().in(status);
      const answer = desk.step(transition, role, 'why');
      const next = expected(status, transition, role);
      if (next === null) {
        expect(answer, role).toEqual({ ok: false, refusal: { code: 'order.illegal_transition', details: { status, transition } } });
        expect(desk.view().status).toBe(status);
        continue;
      }
      expect(answer, role).toMatchObject({ ok: true, reply: { status: next } });
      expect(answer.ok && answer.events[0]?.type, role).toBe('status_changed');
      expect(desk.view().history.at(-1)).toEqual({ status: next, atMs: desk.nowMs - 1_000, by: role, byId: null, reason: 'why' });
    }
  });
});
