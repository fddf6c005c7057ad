/** A webhook post is answered 200 only when all of it is durable, and what cannot be taken in never costs its neighbours. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../src/runtime/behaviour.ts';
import { CARD, envelope, message, NOW_MS, PHONE_NUMBER_ID, status, textOf, USER_ID, WA_ID } from './bodies.ts';
import { BODY_MAX_BYTES, type Stage, sign, stage, VERIFY_TOKEN } from './ingest-harness.ts';

const HELLO = message({ type: 'text', text: { body: 'hello' } });

let door: Stage;
const extra: Stage[] = [];
async function another(overrides: Parameters<typeof stage>[0]): Promise<Stage> {
  const one = await stage(overrides);
  extra.push(one);
  return one;
}

beforeEach(async () => {
  door = await stage();
});
afterEach(async () => {
  const all = [door, ...extra.splice(0)];
  for (const one of all) {
    await expect.poll(() => one.ingest.inFlight).toBe(0);
    one.close();
  }
});

async function expectProblem(response: Response, httpStatus: number, code: string): Promise<void> {
  expect(response.status).toBe(httpStatus);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toMatchObject({ status: httpStatus, code, type: `/docs#${code}`, request_id: expect.stringMatching(/.+/) });
  if (httpStatus === 503) expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
}

describe('verification of the subscription', () => {
  const get = (query: Record<string, string> | string): Promise<Response> => fetch(`${door.url}?${new URLSearchParams(query)}`);
  const good = { 'hub.mode': 'subscribe', 'hub.verify_token': VERIFY_TOKEN, 'hub.challenge': '<b>1158201444</b>' };

  it('repeats the challenge as plain text, without a signature', async () => {
    const response = await get(good);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await response.text()).toBe('<b>1158201444</b>');
  });

  it('refuses a wrong token or mode with 403', async () => {
    for (const bad of [{ 'hub.verify_token': 'x' }, { 'hub.verify_token': `${VERIFY_TOKEN}x` }, { 'hub.mode': 'unsubscribe' }]) {
      await expectProblem(await get({ ...good, ...bad }), 403, 'webhook.challenge_failed');
    }
  });

  it('refuses missing, empty, repeated and nested parameters with 400', async () => {
    for (const name of Object.keys(good)) {
      await expectProblem(await get({ ...good, [name]: '' }), 400, 'request.invalid');
      await expectProblem(await get(`${new URLSearchParams(good)}&${name}=again`), 400, 'request.invalid');
    }
    await expectProblem(await fetch(door.url), 400, 'request.invalid');
    await expectProblem(await get('hub[mode]=subscribe&hub.verify_token[]=x&hub.challenge=1'), 400, 'request.invalid');
  });

  it('never verifies when no token is configured', async () => {
    const open = await another({ verifyToken: '' });
    await expectProblem(
      await fetch(`${open.url}?hub.mode=subscribe&hub.verify_token=%20&hub.challenge=1`),
      403,
      'webhook.challenge_failed',
    );
  });
});

describe('a signed post', () => {
  it('is answered 200 with an empty body after its actor took it', async () => {
    const response = await door.post(HELLO);
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(door.asked).toHaveLength(1);
    expect(door.asked[0]).toMatchObject({
      to: { tenantId: 7, kind: 'conversation', id: `cus_${WA_ID}` },
      command: { type: 'receive', whatsappId: 'wamid.IN1', contact: { waId: WA_ID, userId: USER_ID } },
      options: { commandId: 'wa:wamid.IN1', storeReply: false },
    });
    expect(door.asked[0]?.to.shard).toBeGreaterThanOrEqual(3 * 32);
    expect(door.asked[0]?.to.shard).toBeLessThan(4 * 32);
    expect(door.asked[0]?.options.deadlineMs).toBeGreaterThan(NOW_MS);
  });

  it('is not answered before the actor answers', async () => {
    let settle: (answer: Answer) => void = () => {};
    door.onAsk = () => new Promise((resolve) => (settle = resolve));
    let answered = false;
    const response = door.post(HELLO).then((r) => {
      answered = true;
      return r;
    });
    await expect.poll(() => door.asked).toHaveLength(1);
    expect(answered).toBe(false);
    settle({ ok: true, value: null });
    expect((await response).status).toBe(200);
  });

  it('carries statuses to the same conversation under an id of their own', async () => {
    expect((await door.post(status({ status: 'read' }))).status).toBe(200);
    expect(door.asked[0]).toMatchObject({ to: { id: `cus_${WA_ID}` }, options: { commandId: 'st:wamid.OUT9:read' } });
  });

  it('counts refusals and duplicates as handled, and what is a dead letter already', async () => {
    const answers: Answer[] = [
      { ok: false, refusal: { code: 'tenant.suspended' } },
      { ok: true, value: null, duplicate: true },
      { ok: false, fault: { code: 'runtime.poison' } },
    ];
    for (const answer of answers) {
      door.onAsk = () => answer;
      expect((await door.post(HELLO)).status).toBe(200);
    }
  });

  it('arrives whole in any number of pieces', async () => {
    const body = Buffer.from(JSON.stringify(message({ type: 'text', text: { body: '🍞'.repeat(300) } })));
    const socket = connect(door.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.setNoDelay(true);
    socket.write(
      `POST /webhooks/whatsapp HTTP/1.1\r\nhost: x\r\nx-hub-signature-256: ${sign(body)}\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
    for (let at = 0; at < body.length; at += 97) {
      socket.write(body.subarray(at, at + 97));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(door.asked[0]?.command).toMatchObject({ content: { text: '🍞'.repeat(300) } });
    socket.destroy();
  });
});

describe('a batch', () => {
  it('reaches every actor, in the order of the post even when addresses are found out of order', async () => {
    const gates = new Map<string, () => void>();
    door.onResolve = ({ waId }) => new Promise((resolve) => gates.set(String(waId), () => resolve('cus_same')));
    const response = door.post(envelope({ messages: [textOf('a', 'm1', '1'), textOf('b', 'm2', '2'), textOf('c', 'm3', '3')] }));
    await expect.poll(() => gates.size).toBe(3);
    for (const waId of ['3', '1', '2']) gates.get(waId)?.();
    expect((await response).status).toBe(200);
    expect(door.asked.map((one) => one.command.whatsappId)).toEqual(['m1', 'm2', 'm3']);
  });

  it('with one failing part among good ones is 503, and the good ones are done', async () => {
    door.onAsk = ({ command }) =>
      command.whatsappId === 'm2' ? { ok: false, fault: { code: 'runtime.unavailable', retryAfterMs: 500 } } : { ok: true, value: null };
    const messages = ['m1', 'm2', 'm3'].map((id) => textOf('a', id));
    await expectProblem(await door.post(envelope({ messages })), 503, 'webhook.not_durable');
    expect(door.asked.map((one) => one.command.whatsappId)).toEqual(['m1', 'm2', 'm3']);
  });

  it('with unreadable parts among good ones is 200, and the unreadable are parked', async () => {
    expect((await door.post(envelope({ messages: [null, textOf('a', 'm1'), { id: 'm2' }] }))).status).toBe(200);
    expect(door.asked.map((one) => one.command.whatsappId)).toEqual(['m1']);
    expect(door.parked.map((one) => one.reason)).toEqual(['message without an id', 'message without a sender']);
  });

  it('of many hundred parts is handled in full', async () => {
    const messages = Array.from({ length: 700 }, (_, i) => textOf('a', `m${i}`));
    expect((await door.post(envelope({ messages }))).status).toBe(200);
    expect(door.asked.map((one) => one.command.whatsappId)).toEqual(messages.map((_, i) => `m${i}`));
  });

  it('with a person nobody can resolve is 503, and the others are done', async () => {
    door.onResolve = ({ waId }) => (waId === '2' ? Promise.reject(new Error('database away')) : 'cus_1');
    await expectProblem(
      await door.post(envelope({ messages: [textOf('a', 'm1', '2'), textOf('b', 'm2', '1')] })),
      503,
      'webhook.not_durable',
    );
    expect(door.asked.map((one) => one.command.whatsappId)).toEqual(['m2']);
  });
});

describe('what no actor can take', () => {
  it.each([
    [
      'an unknown number',
      {
        ...envelope({}),
        entry: [{ id: '1', changes: [{ field: 'messages', value: { metadata: { phone_number_id: '9' }, messages: [textOf('a')] } }] }],
      },
      'unknown phone number',
    ],
    ['account news', envelope({ event: 'FLAGGED' }, 'phone_number_quality_update'), 'phone_number_quality_update'],
    ['an echo that names nobody', envelope({ message_echoes: [{ id: 'wamid.E' }] }, 'smb_message_echoes'), 'echo'],
    ['a status that says nothing about delivery', status({ status: 'captured' }), 'messages.status'],
    ['a status without a recipient', status({ recipient_id: undefined }), 'status without a recipient'],
    ['a post without entries', { object: 'whatsapp_business_account', entry: null }, 'entry is not a list'],
  ])('is parked and answered 200: %s', async (_name, body, reason) => {
    expect((await door.post(body)).status).toBe(200);
    expect(door.parked).toHaveLength(1);
    expect(door.parked[0]).toMatchObject({ source: 'whatsapp', reason, body: expect.anything() });
    expect(door.asked).toEqual([]);
  });

  it('is parked under one key however often it comes, and under another at another time', async () => {
    for (const time of [1, 1, 2])
      await door.post({ entry: [{ id: '1', time, changes: [{ field: 'account_update', value: { event: 'X' } }] }] });
    expect(new Set(door.parked.map((one) => one.key)).size).toBe(2);
  });

  it('is parked as it came when it is signed but no JSON', async () => {
    const raw = Buffer.from([0x7b, 0x22, 0xff, 0xc3]);
    expect((await door.post(raw)).status).toBe(200);
    expect(Buffer.from(String(door.parked[0]?.body), 'latin1')).toEqual(raw);
  });

  it('may begin with a byte order mark: what follows is read', async () => {
    const raw = Buffer.from(`\ufeff${JSON.stringify(message({ type: 'text', text: { body: '2 kota' } }))}`);
    expect((await door.post(raw)).status).toBe(200);
    expect(door.asked.map((one) => one.command.whatsappId)).toEqual(['wamid.IN1']);
    expect(door.parked).toEqual([]);
  });

  it('is parked as text when it is nested too deep for any encoder', async () => {
    const raw = `{"entry":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    expect((await door.post(raw)).status).toBe(200);
    expect(door.parked[0]?.body).toBe(raw);
  });

  it('is 503 when it cannot be parked', async () => {
    door.onPark = () => Promise.reject(new Error('database away'));
    await expectProblem(await door.post(envelope({}, 'account_update')), 503, 'webhook.not_durable');
    expect(door.warnings).toEqual(['webhook part not durable']);
  });
});

describe('what is not durable', () => {
  it.each([
    ['a fault of the actor', () => (door.onAsk = () => ({ ok: false, fault: { code: 'runtime.overloaded', retryAfterMs: 100 } }))],
    ['a defect of the actor system', () => (door.onAsk = () => Promise.reject(new Error('defect')))],
    ['a tenant directory that is away', () => (door.onTenant = () => Promise.reject(new Error('away')))],
    ['a customer directory that is away', () => (door.onResolve = () => Promise.reject(new Error('away')))],
  ])('is told to come again: %s', async (_name, arrange) => {
    arrange();
    await expectProblem(await door.post(HELLO), 503, 'webhook.not_durable');
    expect(door.ingest.counters).toMatchObject({ accepted: 0, unavailable: 1 });
  });

  it('is 503 and said when a defect is in the way, and the next one is taken in', async () => {
    let isBroken = true;
    const verify = (): boolean => {
      if (isBroken) throw new Error('planted');
      return true;
    };
    const one = await another({ verify, inFlightMax: 1 });
    await expectProblem(await one.post(HELLO), 503, 'webhook.not_durable');
    expect(one.warnings).toEqual(['webhook post failed']);
    isBroken = false;
    expect((await one.post(HELLO)).status).toBe(200);
  });

  it('is refused early when too many posts are in work, or none are taken any more', async () => {
    const small = await another({ inFlightMax: 1 });
    let settle: (answer: Answer) => void = () => {};
    small.onAsk = () => new Promise((resolve) => (settle = resolve));
    const first = small.post(HELLO);
    await expect.poll(() => small.asked).toHaveLength(1);
    await expectProblem(await small.post(HELLO), 503, 'request.overloaded');
    settle({ ok: true, value: null });
    expect((await first).status).toBe(200);
    small.onAsk = () => ({ ok: true, value: null });
    expect((await small.post(HELLO)).status).toBe(200);
    small.ingest.drain();
    await expectProblem(await small.post(HELLO), 503, 'runtime.unavailable');
  });
});

describe('a post that does not say clearly where its body ends', () => {
  const hidden = 'POST /webhooks/whatsapp HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}';
  it.each([
    ['two lengths', `content-length: 0\r\ncontent-length: ${hidden.length}`, hidden],
    ['a coding other than chunked', 'transfer-encoding: xchunked', `0\r\n\r\n${hidden}`],
    ['two codings', 'transfer-encoding: chunked\r\ntransfer-encoding: identity', `0\r\n\r\n${hidden}`],
    ['a length and a coding', `content-length: ${hidden.length}\r\ntransfer-encoding: chunked`, `0\r\n\r\n${hidden}`],
  ])('is refused, and nothing behind it is taken for a request: %s', async (_, headers, rest) => {
    const socket = connect(door.port, '127.0.0.1').setEncoding('latin1');
    let answers = '';
    socket.on('data', (text: string) => {
      answers += text;
    });
    socket.write(`POST /webhooks/whatsapp HTTP/1.1\r\nhost: x\r\n${headers}\r\n\r\n${rest}`);
    await once(socket, 'close');
    expect(answers.match(/HTTP\/1\.1 \d+/g) ?? []).not.toContain('HTTP/1.1 401');
    expect((answers.match(/HTTP\/1\.1 /g) ?? []).length).toBeLessThanOrEqual(1);
  });
});

describe('a post that is not Meta’s', () => {
  it('is 401, whatever is wrong with the signature', async () => {
    const body = JSON.stringify(HELLO);
    for (const header of ['', 'x', sign(`${body} `), sign(body).toUpperCase(), `${sign(body)}, ${sign(body)}`]) {
      await expectProblem(await door.post(body, { 'x-hub-signature-256': header }), 401, 'webhook.invalid_signature');
    }
    await expectProblem(await fetch(door.url, { method: 'POST', body }), 401, 'webhook.invalid_signature');
    await expectProblem(await fetch(door.url, { method: 'POST' }), 401, 'webhook.invalid_signature');
    expect(door.asked).toEqual([]);
    expect(door.parked).toEqual([]);
    expect(door.ingest.counters.refusedSignature).toBe(7);
  });

  it('is 401 when the header is repeated, even if one of them fits', async () => {
    const body = JSON.stringify(HELLO);
    const answer = await rawPost(
      door.port,
      `x-hub-signature-256: ${sign(body)}\r\nX-Hub-Signature-256: ${sign(body)}\r\ncontent-length: ${body.length}`,
      body,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('is 413 over 4 MiB, announced or found out on the way', async () => {
    const declared = await rawPost(door.port, `content-length: ${BODY_MAX_BYTES + 1}`, '');
    expect(declared).toMatch(/^HTTP\/1\.1 413 /);
    expect(declared).toContain('request.too_large');
    const small = await another({ bodyMaxBytes: 1_000 });
    await expectProblem(await small.post('x'.repeat(1_001)), 413, 'request.too_large');
    expect((await small.post(JSON.stringify({ entry: [], pad: 'x'.repeat(900) }))).status).toBe(200);
  });

  it('is 408 when its body does not arrive in time', async () => {
    const impatient = await another({ bodyTimeoutMs: 20 });
    expect(await rawPost(impatient.port, 'content-length: 100', 'only this')).toMatch(/^HTTP\/1\.1 408 /);
  });
});

describe('a caller that goes away', () => {
  it('while the body is coming is forgotten', async () => {
    const socket = connect(door.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('POST /webhooks/whatsapp HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf');
    await expect.poll(() => door.ingest.inFlight).toBe(1);
    socket.destroy();
    await expect.poll(() => door.ingest.counters.aborted).toBe(1);
    expect((await door.post(HELLO)).status).toBe(200);
  });

  it('while the actors work loses nothing and breaks nothing', async () => {
    let settle: (answer: Answer) => void = () => {};
    door.onAsk = () => new Promise((resolve) => (settle = resolve));
    const body = JSON.stringify(HELLO);
    const socket = connect(door.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `POST /webhooks/whatsapp HTTP/1.1\r\nhost: x\r\nx-hub-signature-256: ${sign(body)}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await expect.poll(() => door.asked).toHaveLength(1);
    socket.destroy();
    await once(socket, 'close');
    settle({ ok: true, value: null });
    await expect.poll(() => door.ingest.inFlight).toBe(0);
    door.onAsk = () => ({ ok: true, value: null });
    expect((await door.post(envelope({ contacts: [CARD], messages: [textOf('b', 'm2')] }))).status).toBe(200);
  });
});

it('a number is found by its id alone, never by how it is displayed', async () => {
  const seen: string[] = [];
  door.onTenant = async (id) => {
    seen.push(id);
    return null;
  };
  await door.post(HELLO);
  expect(seen).toEqual([PHONE_NUMBER_ID]);
});

/** @returns everything that came back until the server was done or closed. */
async function rawPost(port: number, headers: string, body: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`POST /webhooks/whatsapp HTTP/1.1\r\nhost: x\r\n${headers}\r\n\r\n${body}`);
  let seen = '';
  for await (const chunk of socket) {
    seen += String(chunk);
    if (seen.includes('request_id')) break;
  }
  socket.destroy();
  return seen;
}
