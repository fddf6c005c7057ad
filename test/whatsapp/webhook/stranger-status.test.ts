/** A status about somebody whom nobody here knows makes nobody a customer. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CARD, envelope, SENT_S, status, textOf, USER_ID, WA_ID } from '../bodies.ts';
import { type Stage, stage } from '../ingest-harness.ts';

const MARKETING_STOPPED = 131_050;

let door: Stage;
let introduced: string[];

beforeEach(async () => {
  door = await stage();
  introduced = [];
  door.onResolve = ({ waId, userId }) => {
    introduced.push(`${waId ?? userId}`);
    return `cus_${waId ?? userId}`;
  };
  door.onKnown = ({ waId }) => (introduced.includes(`${waId}`) ? `cus_${waId}` : null);
});
afterEach(() => door.close());

it.each([
  ['sent', {}],
  ['delivered', {}],
  ['read', { recipient_id: undefined, recipient_user_id: USER_ID }],
  ['failed', { errors: [{ code: 131_026 }] }],
])('%s: it is answered 200, counted, and neither told nor kept', async (named, more) => {
  for (let time = 0; time < 2; time++) expect((await door.post(status({ status: named, ...more }))).status).toBe(200);
  expect([introduced, door.asked, door.parked, door.handover.strangers]).toEqual([[], [], [], 2]);
});

it('costs its neighbours nothing, and reaches the conversation once its person is known', async () => {
  const statuses = ['1', WA_ID].map((recipient_id) => ({ id: `o${recipient_id}`, status: 'read', timestamp: `${SENT_S}`, recipient_id }));
  await door.post(envelope({ contacts: [CARD], messages: [textOf('hi', 'm1')] }));
  expect((await door.post(envelope({ statuses }))).status).toBe(200);
  expect(door.asked.map(({ to, command }) => [to.id, command.whatsappId])).toEqual([
    [`cus_${WA_ID}`, 'm1'],
    [`cus_${WA_ID}`, `o${WA_ID}`],
  ]);
  expect(door.handover.strangers).toBe(1);
});

it('that says that the person stopped marketing is told: who comes later must not be advertised to', async () => {
  const body = status({ status: 'failed', errors: [{ code: MARKETING_STOPPED }] });
  expect((await door.post(body)).status).toBe(200);
  expect(door.asked.map(({ to, command }) => [to.id, command.type])).toEqual([[`cus_${WA_ID}`, 'status']]);
  expect(door.handover.strangers).toBe(0);
});

it('is told to come again when nobody can say who is known', async () => {
  door.onKnown = () => Promise.reject(new Error('database away'));
  expect((await door.post(status({ status: 'read' }))).status).toBe(503);
  expect(door.handover.strangers).toBe(0);
});
