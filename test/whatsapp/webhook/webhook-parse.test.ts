/** Each part of a webhook body becomes one command with its sender, or is kept as unreadable; none is lost. */
import { describe, expect, it } from 'vitest';
import { PARTS_MAX, parseWebhook, type WebhookPart } from '../../../src/transport/whatsapp/webhook/webhook-parse.ts';
import { CARD, envelope, message, NOW_MS, PHONE_NUMBER_ID, SENT_S, status, textOf, USER_ID, WA_ID } from '../bodies.ts';

const parse = (body: unknown): WebhookPart[] => parseWebhook(body, NOW_MS);

function only<K extends WebhookPart['kind']>(body: unknown, kind: K): Extract<WebhookPart, { kind: K }> {
  const parts = parse(body);
  expect(parts.map((part) => part.kind)).toEqual([kind]);
  return parts[0] as Extract<WebhookPart, { kind: K }>;
}

const senderOf = (value: object) => only(envelope(value), 'message').command.contact;

describe('an inbound message', () => {
  it('becomes one command with its number, sender and time', () => {
    expect(only(message({ type: 'text', text: { body: '2 kota' } }), 'message')).toEqual({
      kind: 'message',
      phoneNumberId: PHONE_NUMBER_ID,
      command: {
        type: 'receive',
        whatsappId: 'wamid.IN1',
        contact: { waId: WA_ID, userId: USER_ID, name: 'Lerato K' },
        content: { kind: 'text', text: '2 kota' },
        sentAtMs: SENT_S * 1_000,
      },
    });
  });

  it.each([
    ['as text', String(SENT_S), SENT_S * 1_000],
    ['as a number', SENT_S, SENT_S * 1_000],
    ['in milliseconds', SENT_S * 1_000, SENT_S * 1_000],
    ['missing: now', undefined, NOW_MS],
    ['absurd: now', '1', NOW_MS],
    ['not a time: now', '<TIMESTAMP>', NOW_MS],
    ['ahead of now: now', String(SENT_S + 86_400), NOW_MS],
  ])('takes a timestamp %s', (_name, timestamp, expected) => {
    expect(only(message({ type: 'text', text: { body: 'a' }, timestamp }), 'message').command.sentAtMs).toBe(expected);
  });

  it('is unreadable, not lost, without an id, with an endless id or without any sender', () => {
    for (const broken of [{ id: undefined }, { id: '' }, { id: 'x'.repeat(600) }]) only(message(broken), 'unreadable');
    const nobody = only(envelope({ messages: [textOf('a', 'wamid.1', '')] }), 'unreadable');
    expect(nobody).toMatchObject({ reason: 'message without a sender', raw: { id: 'wamid.1' } });
    for (const odd of [null, 'text', 7, []]) only(envelope({ messages: [odd] }), 'unreadable');
  });

  it('of a group is kept apart: an answer would go to one person', () => {
    expect(only(message({ type: 'text', text: { body: 'a' }, group_id: '120@g.us' }), 'account').field).toBe('messages.group');
  });
});

describe('a message whose writer goes on in the same post', () => {
  const other = '27720000000';
  const followed = (messages: readonly object[], rest: object = {}): (string | boolean)[] =>
    parse(envelope({ messages, ...rest })).map((part) => part.kind === 'message' && (part.command.moreFollows ?? false));

  it.each([
    ['by number', [textOf('a', '1'), textOf('b', '2')], [true, false]],
    ['with others between', [textOf('a', '1'), textOf('b', '2', other), textOf('c', '3')], [true, false, false]],
    ['by user id', ['1', '2'].map((id) => ({ ...textOf('a', id, ''), from_user_id: USER_ID })), [true, false]],
    ['by number first and by both later', [textOf('a', '1'), { ...textOf('b', '2'), from_user_id: USER_ID }], [true, false]],
    ['in the order of the times', [{ ...textOf('b', '2'), timestamp: `${SENT_S + 1}` }, textOf('a', '1')], [true, false]],
    ['but not for the same message again', [textOf('a', '1'), textOf('a', '1')], [false, false]],
    ['nor for what somebody else writes', [textOf('a', '1'), textOf('b', '2', other)], [false, false]],
  ])('says so: %s', (_name, messages, expected) => expect(followed(messages)).toEqual(expected));

  it('says so across the changes of a post, and of one number alone', () => {
    const post = (metadata: object) => {
      const changes = [{ messages: [textOf('a', '1')] }, { messages: [textOf('b', '2')], ...metadata }].map(
        (value) => (envelope(value) as { entry: { changes: object[] }[] }).entry[0]?.changes[0],
      );
      return parse({ entry: [{ id: '1', changes }] }).map((part) => part.kind === 'message' && part.command.moreFollows);
    };
    expect(post({})).toEqual([true, undefined]);
    expect(post({ metadata: { phone_number_id: '999' } })).toEqual([undefined, undefined]);
  });
});

describe('the sender of a message', () => {
  it('is joined with the card of the same id, whatever the order', () => {
    const other = { profile: { name: 'Sipho' }, wa_id: '27720000000', user_id: 'ZA.77' };
    const parts = parse(envelope({ contacts: [other, CARD], messages: [textOf('a', 'wamid.1'), textOf('b', 'wamid.2', '27720000000')] }));
    expect(parts.map((part) => part.kind === 'message' && part.command.contact)).toEqual([
      { waId: WA_ID, userId: USER_ID, name: 'Lerato K' },
      { waId: '27720000000', userId: 'ZA.77', name: 'Sipho' },
    ]);
  });

  it('gets nothing from the one card of somebody else, and only the name from one that no id tells apart', () => {
    const senderWith = (card: object) => senderOf({ contacts: [card], messages: [textOf('a', 'wamid.1', '27720000000')] });
    const alone = { waId: '27720000000', userId: null };
    expect(senderWith(CARD)).toEqual({ ...alone, name: null });
    expect(senderWith({ ...CARD, wa_id: '' })).toEqual({ ...alone, name: 'Lerato K' });
    expect(senderWith({ profile: CARD.profile })).toEqual({ ...alone, name: 'Lerato K' });
  });

  it.each(['1234567890123456', '9'.repeat(25), '+27 711 234 567 890 123'])('is nobody by a number that no phone can have: %s', (from) => {
    const bare = textOf('a', 'wamid.1', from);
    expect(only(envelope({ messages: [bare] }), 'unreadable')).toMatchObject({ reason: 'message without a sender' });
    expect(senderOf({ messages: [{ ...bare, from_user_id: USER_ID }] })).toEqual({ waId: null, userId: USER_ID, name: null });
    expect(senderOf({ contacts: [CARD], messages: [bare] })).toEqual({ waId: WA_ID, userId: USER_ID, name: 'Lerato K' });
    expect(only(status({ recipient_id: from }), 'status').recipient).toEqual({ waId: null, userId: null });
  });

  it.each([
    '123456789012345',
    '+27 (71) 123-4567',
    '+27\u00a071\u202f123\u00a04567',
    '\u202a+27 71\u2011123\u20134567\u202c',
    '\u200e27711234567',
  ])('is the digits of a number that one can have: %s', (from) => {
    expect(senderOf({ messages: [textOf('a', 'wamid.1', from)] }).waId).toBe(from.replace(/\D/g, ''));
  });

  it('gets nothing from cards of others when there are several', () => {
    const contacts = [CARD, { ...CARD, wa_id: '1', user_id: 'ZA.1' }];
    expect(senderOf({ contacts, messages: [textOf('a', 'wamid.1', '27720000000')] })).toEqual({
      waId: '27720000000',
      userId: null,
      name: null,
    });
  });

  it.each([
    [
      'only a user id',
      { from: undefined, from_user_id: USER_ID },
      { profile: { username: '@lerato' }, user_id: USER_ID },
      { waId: null, userId: USER_ID, name: '@lerato' },
    ],
    ['an empty wa_id', { from: '', from_user_id: USER_ID }, { wa_id: '', user_id: USER_ID }, { waId: null, userId: USER_ID, name: null }],
    [
      'a user id in the place of the number',
      { from: USER_ID },
      { wa_id: USER_ID, user_id: USER_ID, profile: { name: 'L' } },
      { waId: null, userId: USER_ID, name: 'L' },
    ],
    ['a linked portfolio id in from', { from: 'ZA.ENT.5x' }, {}, { waId: null, userId: 'ZA.ENT.5x', name: null }],
    ['a number with plus and spaces', { from: '+27 71 123 4567' }, CARD, { waId: WA_ID, userId: USER_ID, name: 'Lerato K' }],
    ['no id of its own but one card', { from: undefined }, CARD, { waId: WA_ID, userId: USER_ID, name: 'Lerato K' }],
  ])('is known by %s', (_name, from, card, expected) => {
    expect(senderOf({ contacts: [card], messages: [{ ...textOf('a'), ...from }] })).toEqual(expected);
  });
});

describe('a delivery status', () => {
  it('carries id, opaque id, recipient and error code', () => {
    const part = only(
      status({ status: 'failed', errors: [{ code: 131047 }], biz_opaque_callback_data: 'msg_1', recipient_user_id: USER_ID }),
      'status',
    );
    expect(part).toEqual({
      kind: 'status',
      phoneNumberId: PHONE_NUMBER_ID,
      recipient: { waId: WA_ID, userId: USER_ID },
      command: {
        type: 'status',
        whatsappId: 'wamid.OUT9',
        opaqueId: 'msg_1',
        status: 'failed',
        atMs: SENT_S * 1_000,
        errorCode: 131_047,
        retryAfterMs: 1_000,
      },
    });
  });

  it.each([
    ['only a user id', { recipient_id: undefined, recipient_user_id: USER_ID }, {}, { waId: null, userId: USER_ID }],
    ['a user id in recipient_id', { recipient_id: USER_ID }, {}, { waId: null, userId: USER_ID }],
    ['the one card', { recipient_id: undefined }, { contacts: [CARD] }, { waId: WA_ID, userId: USER_ID }],
    ['a number that the card does not fit', { recipient_id: '27720000000' }, { contacts: [CARD] }, { waId: '27720000000', userId: null }],
    ['a group', { recipient_id: '120363418770915618@g.us', recipient_type: 'group' }, {}, { waId: null, userId: null }],
    ['a group that only its id tells', { recipient_id: '120363418770', group_id: 'Y2FwaV9ncm91cDox' }, {}, { waId: null, userId: null }],
    ['a group with digits only', { recipient_id: '120363418770915618', recipient_type: 'group' }, {}, { waId: null, userId: null }],
    ['a placeholder', { recipient_id: 'PHONE_NUMBER' }, {}, { waId: null, userId: null }],
  ])('goes to whom it names: %s', (_name, content, rest, expected) => {
    expect(only(status(content, rest), 'status').recipient).toEqual(expected);
  });

  it('has the code of its first error that has one', () => {
    const codeOf = (errors: unknown): unknown =>
      (only(status({ status: 'failed', errors }), 'status').command as { errorCode: unknown }).errorCode;
    expect(codeOf([null, { title: 'x' }, { code: '131026' }, { code: 1 }])).toBe(131_026);
    expect(codeOf([{ title: 'x' }])).toBeNull();
  });

  it('that says nothing about delivery is kept as it came; without id or name it is unreadable', () => {
    for (const named of ['deleted', 'captured', 'queued', 'answered_elsewhere', '__proto__'])
      expect(only(status({ status: named }), 'account')).toMatchObject({
        field: 'messages.status',
        value: { id: 'wamid.OUT9', status: named },
      });
    only(status({ status: undefined }), 'unreadable');
    only(status({ id: undefined }), 'unreadable');
    only(status({ status: undefined, type: 'payment' }), 'unreadable');
  });

  it('of a payment is news about money: its failure is not the message', () => {
    const payment = { reference_id: 'order-7', transaction: { status: 'failed' } };
    for (const named of ['failed', 'pending', 'captured', 'sent']) {
      expect(only(status({ status: named, type: 'payment' }), 'account')).toMatchObject({
        field: 'messages.status',
        value: { status: named },
      });
      expect(only(status({ status: named, payment }), 'account').value).toMatchObject({ payment });
    }
    expect(only(status({ status: 'failed', type: 'message', payment: null }), 'status').command.status).toBe('failed');
  });
});

describe('a post', () => {
  it('the order of its messages is that of their times, and of one second as they came, over all changes; what stands between stays', () => {
    const at = (id: string, s: number) => ({ ...textOf(id, id), timestamp: String(SENT_S + s) });
    const changes = [
      { field: 'messages', value: { metadata: { phone_number_id: '1' }, messages: [at('third', 2), null, at('first', 0)] } },
      { field: 'messages', value: { metadata: { phone_number_id: '1' }, messages: [at('fourth', 2), at('second', 1)] } },
    ];
    const seen = parse({ entry: [{ id: '1', changes }] }).map((part) => (part.kind === 'message' ? part.command.whatsappId : part.kind));
    expect(seen).toEqual(['first', 'unreadable', 'second', 'third', 'fourth']);
  });

  it('is walked to its end: every entry, change, message and status, messages first', () => {
    const change = (id: string) => ({
      field: 'messages',
      value: {
        metadata: { phone_number_id: id },
        statuses: [{ id: `st${id}`, status: 'sent', recipient_id: '1' }],
        messages: [textOf('a', `m${id}`), null, textOf('b', `n${id}`)],
      },
    });
    const body = { entry: [{ id: '1', changes: [change('1'), null, change('2')] }, null, { id: '2', changes: [change('3')] }] };
    const seen = parse(body).map((part) => (part.kind === 'message' || part.kind === 'status' ? part.command.whatsappId : part.kind));
    expect(seen).toEqual([
      'm1',
      'unreadable',
      'n1',
      'st1',
      'unreadable',
      'm2',
      'unreadable',
      'n2',
      'st2',
      'unreadable',
      'm3',
      'unreadable',
      'n3',
      'st3',
    ]);
  });

  it('keeps duplicates: the actor knows what it has', () => {
    expect(parse(envelope({ messages: [textOf('a'), textOf('a')] }))).toHaveLength(2);
  });

  it('may leave the field out of a change that holds messages', () => {
    expect(parse(envelope({ messages: [textOf('a')] }, undefined)).map((part) => part.kind)).toEqual(['message']);
  });

  it('with more parts than the bound loses none: the rest stays as it came', () => {
    const messages = Array.from({ length: PARTS_MAX + 7 }, (_, i) => textOf('a', `wamid.${i}`));
    const parts = parse(envelope({ messages }));
    expect(parts).toHaveLength(PARTS_MAX + 1);
    const last = parts[PARTS_MAX] as Extract<WebhookPart, { kind: 'unreadable' }>;
    expect(last.reason).toBe('too many parts in one post');
    expect((last.raw as { message: { id: string } }[]).map((rest) => rest.message.id)).toEqual(
      Array.from({ length: 7 }, (_, i) => `wamid.${PARTS_MAX + i}`),
    );
  });

  it('with account news keeps account, field, time and value', () => {
    expect(only(envelope({ event: 'FLAGGED' }, 'phone_number_quality_update'), 'account')).toMatchObject({
      wabaId: '110000000000001',
      field: 'phone_number_quality_update',
      time: SENT_S,
      value: { event: 'FLAGGED' },
    });
  });

  it.each([
    ['errors', { errors: [{ code: 130429 }] }, ['messages.errors']],
    ['calls', { calls: [{ id: 'wacid.1' }] }, ['messages.calls']],
    ['nothing', {}, ['messages.empty']],
    ['both', { errors: [{ code: 1 }], calls: [{}] }, ['messages.errors', 'messages.calls']],
  ])('with %s beside no message is account news', (_name, value, fields) => {
    expect(parse(envelope(value)).map((part) => part.kind === 'account' && part.field)).toEqual(fields);
  });

  it('with an interactive that has no body and errors beside it yields both', () => {
    const parts = parse(envelope({ messages: [{ from: WA_ID, id: 'wamid.1', type: 'interactive' }], errors: [{ code: 131_000 }] }));
    expect(parts.map((part) => part.kind)).toEqual(['message', 'account']);
  });

  it.each([
    ['from the shop', { from: '27710000007', to: WA_ID }],
    ['with its ends the wrong way round', { from: WA_ID, to: '27710000007' }],
    ['to a user id with the number missing', { from: '27710000007', to_user_id: USER_ID }],
  ])('with an answer from the Business app %s is about the customer, never the shop itself', (_name, ends) => {
    const echo = { ...ends, id: 'wamid.E1', timestamp: String(SENT_S), type: 'text', text: { body: 'on our way' } };
    const part = only(envelope({ contacts: [CARD], message_echoes: [echo] }, 'smb_message_echoes'), 'echo');
    expect(part.recipient).toEqual({ waId: WA_ID, userId: USER_ID });
    expect(part.command).toMatchObject({ contact: { waId: WA_ID, userId: USER_ID, name: 'Lerato K' }, text: 'on our way' });
  });

  it('with answers from the Business app yields one echo each', () => {
    const echoes = [
      { from: '1', to: WA_ID, id: 'wamid.E1', type: 'text' },
      { from: '1', to: WA_ID, id: 'wamid.E2', type: 'revoke' },
    ];
    expect(parse(envelope({ message_echoes: echoes }, 'smb_message_echoes')).map((part) => part.kind)).toEqual(['echo', 'echo']);
    expect(parse(envelope({ message_echoes: echoes, messages: [textOf('a')] })).map((part) => part.kind)).toEqual([
      'echo',
      'echo',
      'message',
    ]);
    expect(only(envelope({}, 'smb_message_echoes'), 'account').field).toBe('smb_message_echoes');
  });

  it.each([{ group_id: 'Y2FwaV9ncm91cDox' }, { recipient_type: 'group' }])('with an answer to a group makes nobody of it: %j', (group) => {
    const echo = { from: '1', to: '120363418770', id: 'wamid.E1', type: 'text', text: { body: 'hi' }, ...group };
    expect(only(envelope({ message_echoes: [echo] }, 'smb_message_echoes'), 'echo').recipient).toEqual({ waId: null, userId: null });
  });

  it.each([
    ['null', null],
    ['text', 'hello'],
    ['a list', []],
    ['no entry', {}],
    ['entry null', { entry: null }],
    ['entry an object', { entry: {} }],
    ['changes null', { entry: [{ id: '1', changes: null }] }],
    ['a change without a value', { entry: [{ changes: [{ field: 'messages' }] }] }],
    ['a value that is a list', { entry: [{ changes: [{ field: 'messages', value: [] }] }] }],
    ['messages without a number', { entry: [{ changes: [{ field: 'messages', value: { messages: [textOf('a')] } }] }] }],
  ])('that is not one is kept as unreadable: %s', (_name, body) => {
    expect(parse(body).map((part) => part.kind)).toEqual(['unreadable']);
  });

  it('without any entry has no parts', () => {
    expect(parse({ entry: [] })).toEqual([]);
  });
});
