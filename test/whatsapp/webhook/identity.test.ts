/** A person stays one customer when number or user id changes, and news of one person never costs another. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Notice } from '../../../src/ports.ts';
import type { Answer } from '../../../src/runtime/behaviour.ts';
import { follow } from '../../../src/transport/whatsapp/webhook/follow.ts';
import { type Keys, NOBODY } from '../../../src/transport/whatsapp/webhook/people.ts';
import { envelope, message, NOW_MS, SENT_S, textOf, USER_ID, WA_ID } from '../bodies.ts';
import { type Stage, stage } from '../ingest-harness.ts';

const NEW_WA_ID = '27730000001';
const NEW_USER_ID = 'ZA.77';

/**
 * The directory's promise: a user id wins over a phone, a new key belongs to the customer of the key beside it, and a notice gives the new
 * keys to whom it is about.
 */
class Directory {
  readonly phones = new Map<string, string>();
  readonly users = new Map<string, string>();
  readonly told = new Map<string, string>();
  #made = 0;

  readonly resolve = async (_tenantId: number, { waId, userId }: Keys): Promise<string> => {
    const known = (userId === null ? undefined : this.users.get(userId)) ?? (waId === null ? undefined : this.phones.get(waId));
    const customerId = known ?? `cus_${++this.#made}`;
    if (waId !== null) this.phones.set(waId, customerId);
    if (userId !== null) this.users.set(userId, customerId);
    return customerId;
  };

  readonly moved = async (tenantId: number, from: Keys, to: Keys, { id }: Notice): Promise<string> => {
    const customerId = this.told.get(id) ?? (await this.resolve(tenantId, from));
    this.told.set(id, customerId);
    if (to.waId !== null) this.phones.set(to.waId, customerId);
    if (to.userId !== null) this.users.set(to.userId, customerId);
    return customerId;
  };

  readonly find = async (): Promise<null> => null;
}

let door: Stage;
let directory: Directory;

beforeEach(async () => {
  directory = new Directory();
  door = await stage();
  door.onResolve = (keys) => directory.resolve(7, keys);
  door.onMoved = (from, to, notice) => directory.moved(7, from, to, notice);
});
afterEach(() => door.close());

const whoWas = () => door.asked.map((one) => one.to.id);
const system = (content: object, from: object): object =>
  envelope({ messages: [{ id: 'wamid.SYS', timestamp: String(SENT_S), type: 'system', system: content, ...from }] });
const text = (from: object): object => envelope({ messages: [{ ...textOf('hi', 'wamid.T', ''), ...from }] });

describe('a person whose keys change stays one customer', () => {
  it.each([
    ['a number for a number', { from: WA_ID }, { type: 'user_changed_number', wa_id: NEW_WA_ID }, { from: NEW_WA_ID }],
    ['a number, as older bodies spell it', { from: WA_ID }, { type: 'customer_changed_number', new_wa_id: NEW_WA_ID }, { from: NEW_WA_ID }],
    [
      'a number, and with it the user id that nobody announced',
      { from: WA_ID, from_user_id: USER_ID },
      { type: 'user_changed_number', wa_id: NEW_WA_ID },
      { from: NEW_WA_ID, from_user_id: NEW_USER_ID },
    ],
    [
      'number and user id',
      { from: WA_ID, from_user_id: USER_ID },
      { type: 'user_changed_number', wa_id: NEW_WA_ID, user_id: NEW_USER_ID },
      { from_user_id: NEW_USER_ID },
    ],
    [
      'a number, when the news comes without a sender and names the old one beside',
      { from: WA_ID },
      { type: 'user_changed_number', wa_id: NEW_WA_ID, customer: WA_ID },
      { from: NEW_WA_ID },
      {},
    ],
    [
      'a number, when the news comes from the new one already',
      { from: WA_ID, from_user_id: USER_ID },
      { type: 'user_changed_number', new_wa_id: `+${NEW_WA_ID}`, customer: `+${WA_ID}` },
      { from: NEW_WA_ID },
      { from: NEW_WA_ID, from_user_id: NEW_USER_ID },
    ],
    [
      'a number, when what stands beside is no number',
      { from: WA_ID },
      { type: 'user_changed_number', wa_id: NEW_WA_ID, customer: 'OLD_PHONE_NUMBER_ID' },
      { from: NEW_WA_ID },
    ],
    [
      'a user id for a user id',
      { from_user_id: USER_ID },
      { type: 'user_changed_user_id', user_id: NEW_USER_ID },
      { from_user_id: NEW_USER_ID },
    ],
  ] as [string, object, object, object, object?][])('%s', async (_name, before, news, after, from = before) => {
    for (const body of [text(before), system(news, from), text(after)]) expect((await door.post(body)).status).toBe(200);
    expect(new Set(whoWas())).toEqual(new Set(['cus_1']));
    expect(door.asked).toHaveLength(3);
  });

  it('when the account field tells it, which is kept besides', async () => {
    await door.post(text({ from_user_id: USER_ID }));
    const update = { user_id: { previous: USER_ID, current: NEW_USER_ID } };
    const odd = [null, 7, {}, { user_id: { previous: USER_ID } }, { user_id: { previous: [], current: {} } }];
    expect((await door.post(envelope({ user_id_update: [...odd, update] }, 'user_id_update'))).status).toBe(200);
    expect(door.parked.map((one) => one.reason)).toEqual(['user_id_update']);
    await door.post(text({ from_user_id: NEW_USER_ID }));
    expect(whoWas()).toEqual(['cus_1', 'cus_1']);
  });

  it('and each notice says when it was given, so that one that is told late is known as that', async () => {
    const notices: Notice[] = [];
    door.onMoved = (_from, _to, notice) => `cus_${notices.push(notice)}`;
    await door.post(system({ type: 'user_changed_number', wa_id: NEW_WA_ID }, { from: WA_ID }));
    const update = { user_id: { previous: USER_ID, current: NEW_USER_ID } };
    const updates = [{ ...update, timestamp: String(SENT_S - 60) }, update];
    await door.post(envelope({ user_id_update: updates }, 'user_id_update'));
    // Without a time of its own, that of the entry.
    expect(notices.map(({ atMs }) => atMs / 1_000)).toEqual([SENT_S, SENT_S - 60, SENT_S]);
  });

  it('and the news is 503 until the new key is durable', async () => {
    door.onMoved = (_from, to) => (to.waId === NEW_WA_ID ? Promise.reject(new Error('database away')) : 'cus_1');
    const news = system({ type: 'user_changed_number', wa_id: NEW_WA_ID }, { from: WA_ID });
    expect((await door.post(news)).status).toBe(503);
    expect(door.asked).toEqual([]);
  });

  it('without drawing in the person who is given the old number later and moves on', async () => {
    await directory.resolve(7, { waId: WA_ID, userId: null });
    await follow(directory, 7, { waId: WA_ID, userId: null }, { waId: NEW_WA_ID, userId: null }, { id: 'wamid.1', atMs: NOW_MS });
    directory.phones.delete(WA_ID);
    const stranger = await directory.resolve(7, { waId: WA_ID, userId: 'ZA.stranger' });
    await follow(directory, 7, { waId: WA_ID, userId: null }, { waId: '27730000002', userId: null }, { id: 'wamid.2', atMs: NOW_MS });
    expect(directory.phones.get('27730000002')).toBe(stranger);
    expect(directory.phones.get(NEW_WA_ID)).not.toBe(stranger);
  });

  it('and is meant by the notice that is told again, when somebody else has the old number by then', async () => {
    const news = system({ type: 'user_changed_number', wa_id: NEW_WA_ID }, { from: WA_ID });
    for (const body of [text({ from: WA_ID }), news]) await door.post(body);
    directory.phones.set(WA_ID, 'cus_other');
    expect((await door.post(news)).status).toBe(200);
    expect(whoWas()).toEqual(['cus_1', 'cus_1', 'cus_1']);
    expect(directory.phones).toEqual(
      new Map([
        [WA_ID, 'cus_other'],
        [NEW_WA_ID, 'cus_1'],
      ]),
    );
  });

  it('and asks nothing of the directory when nothing is new', async () => {
    const asked: Keys[] = [];
    const customers = { ...directory, moved: async (_tenantId: number, from: Keys, to: Keys) => `cus_${asked.push(from, to)}` };
    const same = { waId: WA_ID, userId: USER_ID };
    for (const to of [same, NOBODY]) await follow(customers, 7, same, to, { id: 'wamid.1', atMs: NOW_MS });
    expect(asked).toEqual([]);
  });
});

/** None is a country, a dot and up to 128 letters and digits. */
const MALFORMED = ['user-1', 'ZA.', 'za.1', 'ZA.1 2', 'ZA.a_b', `ZA.${'1'.repeat(129)}`, 'ZA.1\n', WA_ID, 7];

describe('what is no user id is nobody, because Meta sends nothing to it', () => {
  it.each(MALFORMED)('%j as the only sender: the message is parked and counted, and its neighbours arrive', async (from_user_id) => {
    const post = envelope({ messages: [{ ...textOf('hi', 'wamid.ODD', ''), from_user_id }, textOf('2 kota', 'wamid.GOOD')] });
    expect((await door.post(post)).status).toBe(200);
    expect(door.asked.map((one) => one.command.whatsappId)).toEqual(['wamid.GOOD']);
    expect(door.parked).toMatchObject([{ reason: 'message from a malformed user id', body: { id: 'wamid.ODD' } }]);
    expect([door.handover.malformedUserIds, door.warnings.length]).toEqual([1, 1]);
    expect([...directory.users.keys()]).toEqual([]);
  });

  it.each(MALFORMED)('%j beside a number: the number alone is the sender', async (from_user_id) => {
    await door.post(envelope({ messages: [{ ...textOf('hi'), from_user_id }] }));
    expect(door.asked).toMatchObject([{ command: { contact: { waId: WA_ID, userId: null } } }]);
    expect(door.handover.malformedUserIds).toBe(0);
  });

  it.each(MALFORMED)('%j announced as the new one: the person stays who they were', async (current) => {
    await door.post(text({ from_user_id: USER_ID }));
    await door.post(system({ type: 'user_changed_user_id', user_id: current }, { from_user_id: USER_ID }));
    await door.post(envelope({ user_id_update: [{ user_id: { previous: USER_ID, current } }] }, 'user_id_update'));
    expect([...directory.users.keys()]).toEqual([USER_ID]);
    expect(whoWas()).toEqual(['cus_1', 'cus_1']);
  });

  it('a message without any sender is parked as that', async () => {
    await door.post(envelope({ messages: [textOf('hi', 'wamid.X', '')] }));
    expect(door.parked).toMatchObject([{ reason: 'message without a sender' }]);
    expect(door.handover.malformedUserIds).toBe(0);
  });
});

describe('a message that the shop wrote in the Business app', () => {
  const echo = (content: object): object =>
    envelope({ message_echoes: [{ from: '27710000007', id: 'wamid.E', ...content }] }, 'smb_message_echoes');

  it.each([
    ['a number', { to: WA_ID, type: 'text', text: { body: 'x' } }, WA_ID],
    ['a user id in the place of the number', { to: USER_ID, type: 'image', image: { id: '1' } }, USER_ID],
    ['a user id', { to_user_id: USER_ID }, USER_ID],
  ])('is kept, and the chat with its addressee hears of it: %s', async (_name, content, key) => {
    door.onResolve = ({ waId, userId }) => `cus_${waId ?? userId}`;
    expect((await door.post(echo({ timestamp: String(SENT_S), ...content }))).status).toBe(200);
    expect(door.parked).toMatchObject([{ reason: 'echo', body: { value: { id: 'wamid.E' } } }]);
    expect(door.asked).toMatchObject([
      {
        to: { kind: 'conversation', id: `cus_${key}` },
        command: { type: 'answered_elsewhere', whatsappId: 'wamid.E', atMs: SENT_S * 1_000 },
        options: { commandId: 'ec:wamid.E' },
      },
    ]);
  });

  it.each([
    ['a revocation, which says nothing', { to: WA_ID, type: 'revoke', revoke: { original_message_id: 'x' } }],
    ['one without an id', { id: undefined, to: WA_ID }],
    ['one to a group', { to: '1203@g.us' }],
  ])('is kept only: %s', async (_name, content) => {
    expect((await door.post(echo(content))).status).toBe(200);
    expect(door.parked.map((one) => one.reason)).toEqual(['echo']);
    expect(door.asked).toEqual([]);
  });

  it('costs none of its neighbours, and none of them costs it', async () => {
    const echoes = [null, 7, [], { to: {} }, { id: 'wamid.E', to: WA_ID, type: 'text', timestamp: 'x' }];
    expect((await door.post(envelope({ message_echoes: echoes, messages: [textOf('2 kota')] }))).status).toBe(200);
    expect(door.asked.map((one) => one.command.whatsappId)).toEqual(['wamid.E', 'wamid.IN1']);
    expect(door.asked[0]?.command).toMatchObject({ atMs: NOW_MS });
    expect(door.parked).toHaveLength(5);
  });
});

it('a failure at another time is other news, every other status is said once', async () => {
  const statuses = ['failed', 'failed', 'read', 'read'].map((named, i) => ({
    id: 'wamid.OUT',
    status: named,
    timestamp: String(SENT_S + i),
    recipient_id: WA_ID,
  }));
  expect((await door.post(envelope({ statuses }))).status).toBe(200);
  expect(new Set(door.asked.map((one) => one.options.commandId)).size).toBe(3);
});

it('one heap of odd entries never costs the order behind it', async () => {
  const heap: unknown[] = Array.from({ length: 6_000 }, (_, i) => (i % 2 === 0 ? null : { id: `odd${i}` }));
  const body = envelope({ contacts: heap, messages: [...heap, textOf('2 kota', 'wamid.GOOD')], statuses: heap });
  const news = { field: 'x', value: {} };
  const good = (message({ type: 'text', text: { body: 'menu' }, id: 'wamid.LAST' }) as { entry: { changes: unknown[] }[] }).entry[0]
    ?.changes[0];
  const entry = [...(body as { entry: unknown[] }).entry, { id: '1', changes: [...Array.from({ length: 3_000 }, () => news), good] }];
  expect((await door.post({ object: 'whatsapp_business_account', entry })).status).toBe(200);
  expect(door.asked.map((one) => one.command.whatsappId)).toEqual(['wamid.GOOD', 'wamid.LAST']);
});

describe('one message id that is said of several people at once', () => {
  it.each(['in several posts', 'in one post'])(
    'reaches one after the other, so that the later are duplicates and no collision: %s',
    async (how) => {
      door.onResolve = ({ waId, userId }) => `cus_${waId ?? userId}`;
      let [atOnce, most] = [0, 0];
      door.onAsk = async () => {
        most = Math.max(most, ++atOnce);
        await new Promise(setImmediate);
        atOnce--;
        return { ok: true, value: null };
      };
      const people = Array.from({ length: 6 }, (_, i) => textOf('hi', 'wamid.SAME', `2771000000${i}`));
      const posts = how === 'in one post' ? [envelope({ messages: people })] : people.map((one) => envelope({ messages: [one] }));
      const answers = await Promise.all(posts.map((post) => door.post(post)));
      expect(answers.map((answer) => answer.status)).toEqual(posts.map(() => 200));
      expect(door.asked.map((one) => one.options.commandId)).toEqual(people.map(() => 'wa:wamid.SAME'));
      expect(most).toBe(1);
    },
  );

  it('keeps nobody waiting who is said of another id, nor the later ones when the first fails', async () => {
    let fail: (answer: Answer) => void = () => undefined;
    door.onResolve = ({ waId, userId }) => `cus_${waId ?? userId}`;
    door.onAsk = ({ to }) => (to.id === 'cus_27710000001' ? new Promise((resolve) => (fail = resolve)) : { ok: true, value: null });
    const first = door.post(envelope({ messages: [textOf('hi', 'wamid.SAME', '27710000001')] }));
    await expect.poll(() => door.asked).toHaveLength(1);
    const second = door.post(envelope({ messages: [textOf('hi', 'wamid.SAME', '27710000002')] }));
    expect((await door.post(envelope({ messages: [textOf('hi', 'wamid.OTHER', '27710000002')] }))).status).toBe(200);
    fail({ ok: false, fault: { code: 'runtime.unavailable' } });
    expect([(await first).status, (await second).status]).toEqual([503, 200]);
  });
});
