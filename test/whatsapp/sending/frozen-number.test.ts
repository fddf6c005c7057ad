/** A shop whose account Meta has frozen sends nothing until it is put right, an operator hears of it, and other shops go on. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TenantView } from '../../../src/actors/tenant/view.ts';
import type { TenantDirectory } from '../../../src/ports.ts';
import type { GraphClient } from '../../../src/transport/whatsapp/sending/graph-client.ts';
import type { Sender } from '../../../src/transport/whatsapp/sending/sender.ts';
import { type FakeGraph, startFakeGraph } from '../../fakes/graph.ts';
import { clientOf, INPUT, run, SEALED, senderOn, TOKEN, UUID } from './sender-harness.ts';

const FROZEN = "Meta refuses a message because of the shop's account: messages wait until it is put right";
const REFUSED = "Meta refuses a message because of the shop's account";
const THAWED = 'Meta sends for this number again: its messages go on';
const LOOK_MS = 60;

let graph: FakeGraph;
let client: GraphClient;
let warnings: (readonly [object, string])[];
let stop: AbortController;
/** By the sender's clock, which only the test moves. */
let nowMs: number;
/** How often the sender asked for the time: each look of a waiting message is one. */
let looks: number;

beforeEach(async () => {
  graph = await startFakeGraph({ token: TOKEN });
  client = clientOf(graph.url);
  warnings = [];
  stop = new AbortController();
  nowMs = 0;
  looks = 0;
});
afterEach(async () => {
  stop.abort();
  await client.close();
  await graph.close();
});

/** Every tenant has a number of its own. */
function senderOfShops(): Sender {
  const view = async (tenantId: number): Promise<TenantView> =>
    ({
      tenantId,
      uuid: UUID,
      settings: { whatsapp: { phoneNumberId: `2000${tenantId}`, wabaId: '1', accessToken: SEALED } },
    }) as TenantView;
  return senderOn(client, {
    tenants: { view } as unknown as TenantDirectory,
    thawLookMs: LOOK_MS,
    warn: (facts, text) => void warnings.push([facts, text]),
    nowMs: () => {
      looks++;
      return nowMs;
    },
  });
}

function send(sender: Sender, opaqueId: string, tenantId = 7): Promise<unknown> {
  const ref = { tenantId, kind: 'conversation', id: `cus_${opaqueId}`, shard: 96 };
  return sender.handler({ ref, id: opaqueId, input: { ...INPUT, opaqueId }, resumed: false, signal: stop.signal });
}

/** Long enough for a message that may not go to have looked many times. */
async function lookedAround(): Promise<void> {
  const until = looks + 10;
  await expect.poll(() => looks, { interval: 2 }).toBeGreaterThan(until);
}

describe('a number that Meta has frozen', () => {
  it.each([368, 131_031, 131_037, 131_042, 131_045])('(%i) is asked of no more, and an operator hears of it once', async (code) => {
    graph.script({ kind: 'error', status: 403, code });
    const sender = senderOfShops();
    expect(await send(sender, 'first')).toMatchObject({ type: 'send_failed', graphCode: code, retryAfterMs: null });
    void send(sender, 'second').catch(() => undefined);
    void send(sender, 'third').catch(() => undefined);
    await lookedAround();
    expect(graph.counts.requests).toBe(1);
    expect(warnings).toEqual([[{ tenantId: 7, phoneNumberId: '20007', graphCode: code }, FROZEN]]);
    expect([sender.accountFaults, sender.frozenNumbers]).toEqual([1, 1]);
  });

  it('holds what came meanwhile, and lets it go when one message finds that it may send again', async () => {
    graph.script({ kind: 'error', status: 403, code: 131_042 });
    const sender = senderOfShops();
    await send(sender, 'first');
    const held = [send(sender, 'second'), send(sender, 'third')];
    await lookedAround();
    nowMs = LOOK_MS;
    expect(await Promise.all(held)).toMatchObject([{ type: 'send_succeeded' }, { type: 'send_succeeded' }]);
    expect(warnings.map(([, text]) => text)).toEqual([FROZEN, THAWED]);
    expect(sender.frozenNumbers).toBe(0);
    expect(await send(sender, 'fourth')).toMatchObject({ type: 'send_succeeded' });
  });

  it('is asked by one message at a time, at the cost of that one alone', async () => {
    graph.script({ kind: 'error', status: 403, code: 131_031 }, { kind: 'error', status: 403, code: 131_031 });
    const sender = senderOfShops();
    await send(sender, 'first');
    const held = [send(sender, 'second'), send(sender, 'third')];
    await lookedAround();
    nowMs = LOOK_MS;
    expect(await Promise.race(held)).toMatchObject({ type: 'send_failed', graphCode: 131_031, retryAfterMs: null });
    await lookedAround();
    expect(graph.counts.requests).toBe(2);
    nowMs = 2 * LOOK_MS;
    const ends = (await Promise.all(held)).map((outcome) => (outcome as { type: string }).type);
    expect(ends.sort()).toEqual(['send_failed', 'send_succeeded']);
  });

  it('costs no other shop anything', async () => {
    graph.script({ kind: 'error', status: 403, code: 131_031 });
    const sender = senderOfShops();
    await send(sender, 'first');
    expect(await send(sender, 'other', 8)).toMatchObject({ type: 'send_succeeded' });
  });

  it('does not hold a thread that stops', async () => {
    graph.script({ kind: 'error', status: 403, code: 131_031 });
    const sender = senderOfShops();
    await send(sender, 'first');
    const waiting = send(sender, 'second');
    stop.abort();
    await expect(waiting).rejects.toThrow();
  });
});

describe('a refusal that a person has to look at', () => {
  it.each([3, 10, 200, 299, 130_497, 131_048, 131_064, 132_001, 132_016, 133_010, 136_025])(
    '(%i) is final and told once an hour, and freezes nobody: the next message goes out',
    async (code) => {
      const refusal = { kind: 'error', status: 403, code } as const;
      graph.script(refusal, refusal, refusal);
      const sender = senderOfShops();
      for (const opaqueId of ['a', 'b']) expect(await send(sender, opaqueId)).toMatchObject({ graphCode: code, retryAfterMs: null });
      const said = [{ tenantId: 7, phoneNumberId: '20007', graphCode: code }, REFUSED];
      expect(warnings).toEqual([said]);
      nowMs = 3_600_000;
      await send(sender, 'c');
      expect(warnings).toEqual([said, said]);
      expect([sender.accountFaults, sender.frozenNumbers]).toEqual([3, 0]);
      expect(await send(sender, 'd')).toMatchObject({ type: 'send_succeeded' });
    },
  );

  it.each([131_026, 131_047, 131_009, 131_056, 130_429])('is none that is about one message or its pace: %i', async (code) => {
    graph.script({ kind: 'error', status: 400, code });
    const sender = senderOfShops();
    await run(sender);
    expect([warnings, sender.accountFaults]).toEqual([[], 0]);
  });
});
