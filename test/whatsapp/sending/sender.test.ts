/** A message goes out once under its own id, at the pace that Meta allows, and what became of it is always told. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SendAgainInput } from '../../../src/actors/conversation/protocol.ts';
import type { TenantView } from '../../../src/actors/tenant/view.ts';
import type { SecretBox, TenantDirectory } from '../../../src/ports.ts';
import type { GraphClient } from '../../../src/transport/whatsapp/sending/graph-client.ts';
import { attemptOf, type Sender, type SenderDeps } from '../../../src/transport/whatsapp/sending/sender.ts';
import { type FakeGraph, startFakeGraph } from '../../fakes/graph.ts';
import { PHONE_NUMBER_ID } from '../bodies.ts';
import { SECRET, stage } from '../ingest-harness.ts';
import { clientOf, INPUT, run, SEALED, SETTLE_MS, sealedFor, secrets, senderOn, TOKEN, UUID } from './sender-harness.ts';

let graph: FakeGraph;
let client: GraphClient;

const senderWith = (overrides: Partial<SenderDeps> = {}, accessToken?: string | null): Sender => senderOn(client, overrides, accessToken);

beforeEach(async () => {
  graph = await startFakeGraph({ token: TOKEN });
  client = clientOf(graph.url);
});
afterEach(async () => {
  await client.close();
  await graph.close();
});

describe('a message', () => {
  it('goes out once, under its opaque id, and comes back with the id that Meta gave it', async () => {
    const outcome = await run(senderWith());
    expect(outcome).toEqual({ type: 'send_succeeded', opaqueId: 'msg_1', whatsappId: graph.accepted[0]?.id });
    expect(graph.accepted).toHaveLength(1);
    expect(graph.accepted[0]).toMatchObject({ phoneNumberId: PHONE_NUMBER_ID, recipient: '27711234567', opaque: 'msg_1' });
  });

  it('goes to a user id as `recipient` when there is no phone number', async () => {
    await run(senderWith(), { ...INPUT, to: { waId: null, userId: 'ZA.5' } });
    expect(graph.accepted[0]?.body).toMatchObject({ recipient: 'ZA.5' });
    expect(graph.accepted[0]?.body).not.toHaveProperty('to');
  });

  it('to nobody fails without a call', async () => {
    const outcome = await run(senderWith(), { ...INPUT, to: { waId: null, userId: null } });
    expect(outcome).toMatchObject({ type: 'send_failed', retryAfterMs: null });
    expect(graph.counts.requests).toBe(0);
  });

  it('leaves only after a held sender is let go', async () => {
    const sender = senderWith();
    sender.hold(true);
    const outcome = run(sender);
    await run(senderWith(), { ...INPUT, opaqueId: 'other' });
    expect(graph.accepted.map((message) => message.opaque)).toEqual(['other']);
    sender.hold(false);
    expect((await outcome).type).toBe('send_succeeded');
  });

  it('gets its delivery status back through the webhook', async () => {
    const door = await stage();
    await run(senderWith());
    const message = graph.accepted[0]!;
    expect(await graph.postStatus({ url: door.url, secret: SECRET }, message, 'delivered')).toBe(200);
    expect(door.asked[0]?.command).toMatchObject({ type: 'status', whatsappId: message.id, opaqueId: 'msg_1', status: 'delivered' });
    door.close();
  });
});

describe('a message that was taken and failed on its way', () => {
  const AGAIN: SendAgainInput = { opaqueId: 'msg_1', to: INPUT.to, again: true };
  const again = { id: 'msg_1#again' };

  it('goes out again as it was, under the same opaque id', async () => {
    const asked: unknown[] = [];
    const outbound = async (...key: unknown[]) => {
      asked.push(key);
      return INPUT.body;
    };
    await run(senderWith());
    const outcome = await run(senderWith({ sent: { outbound, taken: async () => null } }), AGAIN, again);
    expect(asked).toEqual([[7, 'cus_1', 'msg_1']]);
    expect(graph.accepted).toHaveLength(2);
    expect(graph.accepted[1]?.body).toEqual(graph.accepted[0]?.body);
    expect(outcome).toEqual({ type: 'send_succeeded', opaqueId: 'msg_1', whatsappId: graph.accepted[1]?.id });
  });

  it('stays failed, without a call, when its person was erased meanwhile', async () => {
    expect(await run(senderWith(), AGAIN, again)).toMatchObject({ type: 'send_failed', opaqueId: 'msg_1', retryAfterMs: null });
    expect(graph.counts.requests).toBe(0);
  });
});

describe('a tenant without an access token', () => {
  it('is served by the sandbox, a rerun with the same id', async () => {
    const sender = senderWith({ sandbox: true }, null);
    const [first, again, other] = [
      await run(sender),
      await run(sender, INPUT, { resumed: true }),
      await run(sender, { ...INPUT, opaqueId: 'msg_2' }),
    ];
    expect(first).toMatchObject({ type: 'send_succeeded', whatsappId: expect.stringMatching(/^wamid\.SBX[\w-]{22}$/) });
    expect(again).toEqual(first);
    expect(other).not.toMatchObject({ whatsappId: (first as { whatsappId: string }).whatsappId });
    expect(graph.counts.requests).toBe(0);
  });

  it('cannot send when the sandbox is off', async () => {
    expect(await run(senderWith({}, null))).toMatchObject({ type: 'send_failed', code: 'whatsapp.not_configured', retryAfterMs: null });
  });
});

describe('an access token', () => {
  it('that cannot be opened is tried again slowly and never sent', async () => {
    const sealed = secrets.seal(TOKEN, 'tenant:another:whatsapp.access_token');
    expect(await run(senderWith({}, sealed))).toMatchObject({ type: 'send_failed', code: 'whatsapp.not_configured', retryAfterMs: 60_000 });
    expect(graph.counts.requests).toBe(0);
  });

  it('is opened once for what goes out in one moment, and never for another shop', async () => {
    let opened = 0;
    const counting: SecretBox = {
      ...secrets,
      open: (sealed, context) => {
        opened++;
        return secrets.open(sealed, context);
      },
    };
    const shop = { uuid: UUID };
    const view = async (): Promise<TenantView> =>
      ({
        tenantId: 7,
        ...shop,
        settings: { whatsapp: { phoneNumberId: PHONE_NUMBER_ID, wabaId: '1', accessToken: SEALED } },
      }) as TenantView;
    const sender = senderWith({ secrets: counting, tenants: { view } as unknown as TenantDirectory });
    for (const opaqueId of ['msg_1', 'msg_2']) expect(await run(sender, { ...INPUT, opaqueId })).toMatchObject({ type: 'send_succeeded' });
    expect(opened).toBe(1);
    shop.uuid = 'another';
    expect(await run(sender, { ...INPUT, opaqueId: 'msg_3' })).toMatchObject({ code: 'whatsapp.not_configured' });
  });

  it('that Meta refuses stops the messages of its shop, which go out with the next token', async () => {
    const shop = { whatsapp: { phoneNumberId: PHONE_NUMBER_ID, wabaId: '1', accessToken: sealedFor('expired') } };
    const view = { tenantId: 7, uuid: UUID, settings: shop } as TenantView;
    const warnings: unknown[] = [];
    const warn = (facts: object): void => void warnings.push(facts);
    const sender = senderWith({ warn, tenants: { view: async () => structuredClone(view) } as unknown as TenantDirectory });
    const first = run(sender);
    await expect.poll(() => warnings).toEqual([{ tenantId: 7, graphCode: 190 }]);
    const second = run(sender, { ...INPUT, opaqueId: 'msg_2' });
    shop.whatsapp.accessToken = SEALED;
    expect(await Promise.all([first, second])).toMatchObject([{ type: 'send_succeeded' }, { type: 'send_succeeded' }]);
    // The second never went out under the refused one.
    expect(graph.counts.requests).toBe(3);
    expect(sender.counters).toMatchObject({ sent: 2, failed: 0, retried: 0, tokensRefused: 1 });
  });

  it('that stays refused does not hold a thread that stops', async () => {
    const stop = new AbortController();
    const waiting = run(senderWith({}, sealedFor('expired')), INPUT, { signal: stop.signal });
    await expect.poll(() => graph.counts.requests).toBe(1);
    stop.abort();
    await expect(waiting).rejects.toThrow();
  });
});

describe('an error of the Graph API', () => {
  it.each([
    ['unknown', 131_000, 500, 1, 1_000],
    ['unknown, third try', 131_000, 500, 3, 4_000],
    ['unknown, last try', 131_000, 500, 5, null],
    ['pair rate, first', 131_056, 400, 1, 1_000],
    ['pair rate, third', 131_056, 400, 3, 16_000],
    ['throughput', 130_429, 429, 1, 1_000],
    ['application rate', 80_007, 400, 1, 60_000],
    ['maintenance', 131_057, 400, 1, 60_000],
    ['generic', 135_000, 400, 1, 1_000],
    ['generic, again', 135_000, 400, 2, null],
    ['window closed', 131_047, 400, 1, 1_000],
    ['undeliverable', 131_026, 400, 1, null],
    ['bad parameter', 131_009, 400, 1, null],
    ['permission', 200, 403, 1, null],
    ['account locked', 131_031, 403, 1, null],
    ['template paused', 132_015, 400, 1, 300_000],
  ])('decides by code when to try again: %s', async (_name, code, status, attempt, retryAfterMs) => {
    graph.script({ kind: 'error', status, code });
    const outcome = await run(senderWith(), INPUT, { id: attempt === 1 ? 'msg_1' : `msg_1#${attempt}` });
    expect(outcome).toEqual({ type: 'send_failed', opaqueId: 'msg_1', code: 'whatsapp.refused', graphCode: code, retryAfterMs });
  });

  it('may ask for a longer pause', async () => {
    graph.script({ kind: 'error', status: 429, code: 4, retryAfterS: 120 });
    expect(await run(senderWith())).toMatchObject({ retryAfterMs: 120_000 });
  });

  it('is spread in time by at most a fifth', async () => {
    graph.script({ kind: 'error', status: 500, code: 131_000 });
    expect(await run(senderWith({ random: () => 0.999_999 }))).toMatchObject({ retryAfterMs: 1_200 });
  });
});

describe('an outcome that nobody knows', () => {
  it.each([
    ['no answer in time', { kind: 'hang' } as const],
    ['a connection cut after the request', { kind: 'drop' } as const],
    ['a gateway that gave up', { kind: 'raw', status: 504, text: '<html>' } as const],
    ['an acceptance without an id', { kind: 'raw', status: 200, text: '{}' } as const],
  ])('leaves time for a status to settle it before the next try: %s', async (_name, step) => {
    graph.script(step);
    const outcome = await run(senderWith({ settleMs: 5_000 }));
    expect(outcome).toEqual({
      type: 'send_failed',
      opaqueId: 'msg_1',
      code: 'whatsapp.unknown_outcome',
      graphCode: null,
      retryAfterMs: 5_000,
    });
    expect(graph.counts.requests).toBe(1);
  });

  it('settles longer with each try, and ends', async () => {
    const seen: unknown[] = [];
    for (const attempt of [2, 3, 5]) {
      graph.script({ kind: 'drop' });
      seen.push(await run(senderWith({ settleMs: 5_000 }), INPUT, { id: `msg_1#${attempt}` }));
    }
    expect(seen).toMatchObject([{ retryAfterMs: 10_000 }, { retryAfterMs: 20_000 }, { retryAfterMs: null }]);
  });

  it('of an earlier run waits for its status before it sends again', async () => {
    const startedMs = performance.now();
    await run(senderWith(), INPUT, { resumed: true });
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(SETTLE_MS - 2);
    expect(graph.accepted).toHaveLength(1);
  });

  it.each(['sent', 'delivered', 'read', 'failed'])(
    'of an earlier run that a status proves meanwhile is not sent a second time: %s',
    async (status) => {
      const asked: unknown[] = [];
      const taken = async (...key: unknown[]) => {
        asked.push(key);
        return { whatsappId: 'wamid.EARLIER', status };
      };
      const outcome = await run(senderWith({ sent: { outbound: async () => null, taken } }), INPUT, { id: 'msg_1#2', resumed: true });
      expect(outcome).toEqual({ type: 'send_succeeded', opaqueId: 'msg_1', whatsappId: 'wamid.EARLIER' });
      expect(asked).toEqual([[7, 'cus_1', 'msg_1']]);
      expect(graph.counts.requests).toBe(0);
    },
  );

  it.each([
    ['failed', 1],
    ['delivered', 0],
  ])('of an earlier run that goes out again is sent only while its first way is known to have failed: %s', async (status, requests) => {
    const sent = { outbound: async () => INPUT.body, taken: async () => ({ whatsappId: 'wamid.FIRST', status }) };
    const again = { opaqueId: 'msg_1', to: INPUT.to, again: true } as const;
    await run(senderWith({ sent }), again, { id: 'msg_1#again', resumed: true });
    expect(graph.counts.requests).toBe(requests);
  });

  it('of an earlier run is not sent again when the actor is stopped meanwhile', async () => {
    const abort = new AbortController();
    const outcome = run(senderWith({ settleMs: 60_000 }), INPUT, { resumed: true, signal: abort.signal });
    abort.abort();
    await expect(outcome).rejects.toThrow();
    expect(graph.counts.requests).toBe(0);
  });
});

describe('a Graph API that is away', () => {
  it('was certainly not reached when nobody listens', async () => {
    const gone = await startFakeGraph();
    await gone.close();
    const own = clientOf(gone.url);
    expect(await run(senderWith({ graph: own }))).toMatchObject({ code: 'whatsapp.unreachable', retryAfterMs: 1_000 });
    await own.close();
  });

  const twice = () => graph.script({ kind: 'error', status: 500, code: 131_016 }, { kind: 'error', status: 500, code: 131_016 });

  it('opens the circuit: nothing is asked of it then', async () => {
    const own = clientOf(graph.url, { failures: 2, openMs: 60_000 });
    const sender = senderWith({ graph: own });
    twice();
    await run(sender);
    await run(sender);
    expect(await own.send(PHONE_NUMBER_ID, TOKEN, {}, new AbortController().signal)).toMatchObject({ kind: 'open' });
    expect(graph.counts.requests).toBe(2);
    await own.close();
  });

  it('opens the circuit; messages wait it out without losing a try', async () => {
    const own = clientOf(graph.url, { failures: 2, openMs: 60 });
    const sender = senderWith({ graph: own });
    twice();
    await run(sender);
    // Before it opens: how long the test itself takes from then on is no matter.
    const startedMs = performance.now();
    await run(sender);
    expect((await run(sender)).type).toBe('send_succeeded');
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(60);
    expect(graph.counts.requests).toBe(3);
    await own.close();
  });
});

it('the attempt is read from the end of the effect id', () => {
  expect(['msg', 'msg#2', 'a#1#12', 'msg#x'].map(attemptOf)).toEqual([1, 2, 12, 1]);
});
