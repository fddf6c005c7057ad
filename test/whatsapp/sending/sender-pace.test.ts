/** How fast messages leave, and whose: the pace of a number, the calls in flight, and fair turns between shops. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TenantView } from '../../../src/actors/tenant/view.ts';
import type { TenantDirectory } from '../../../src/ports.ts';
import type { GraphClient } from '../../../src/transport/whatsapp/sending/graph-client.ts';
import type { SenderDeps } from '../../../src/transport/whatsapp/sending/sender.ts';
import { type FakeGraph, startFakeGraph } from '../../fakes/graph.ts';
import { clientOf, INPUT, run, SEALED, senderOn, TOKEN, UUID } from './sender-harness.ts';

let graph: FakeGraph;
let client: GraphClient;
const senderWith = (overrides: Partial<SenderDeps>) => senderOn(client, overrides);

beforeEach(async () => {
  graph = await startFakeGraph({ token: TOKEN });
  client = clientOf(graph.url);
});
afterEach(async () => {
  await client.close();
  await graph.close();
});

describe('pace', () => {
  it('keeps one business number at its rate', async () => {
    const sender = senderWith({ perNumberPerSecond: 20 });
    const startedMs = performance.now();
    const outcomes = await Promise.all(Array.from({ length: 26 }, (_, i) => run(sender, { ...INPUT, opaqueId: `m${i}` })));
    // Twenty at once, the next six at 50 ms each.
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(280);
    expect(outcomes.every((outcome) => outcome.type === 'send_succeeded')).toBe(true);
  });

  it('never has more calls in flight than allowed', async () => {
    let most = 0;
    let now = 0;
    const counting: GraphClient = {
      close: async () => {},
      async send(...call) {
        most = Math.max(most, ++now);
        const answer = await client.send(...call);
        now--;
        return answer;
      },
    };
    const counted = senderWith({ inFlightMax: 2, graph: counting });
    await Promise.all(Array.from({ length: 10 }, (_, i) => run(counted, { ...INPUT, opaqueId: `m${i}` })));
    expect(most).toBe(2);
    expect(counted.counters.sent).toBe(10);
  });

  it('go to the shops in turn: one that floods a slow Graph API holds another up by a call, not by its flood', async () => {
    const called: string[] = [];
    const noting: GraphClient = {
      close: async () => {},
      send(...call) {
        called.push(call[0]);
        return client.send(...call);
      },
    };
    const viewOf = (tenantId: number) =>
      ({
        tenantId,
        uuid: UUID,
        settings: { whatsapp: { phoneNumberId: `shop ${tenantId}`, wabaId: '1', accessToken: SEALED } },
      }) as TenantView;
    const tenants = { view: async (tenantId: number) => viewOf(tenantId) } as unknown as TenantDirectory;
    const sender = senderWith({ inFlightMax: 1, graph: noting, tenants });
    const sendFrom = (tenantId: number, opaqueId: string) =>
      sender.handler({
        ref: { tenantId, kind: 'conversation', id: opaqueId, shard: 96 },
        id: opaqueId,
        input: { ...INPUT, opaqueId },
        resumed: false,
        signal: new AbortController().signal,
      });
    const flood = Array.from({ length: 10 }, (_, i) => sendFrom(7, `flood${i}`));
    await Promise.all([...flood, sendFrom(8, 'other')]);
    expect(called).toHaveLength(11);
    expect(called.indexOf('shop 8')).toBeLessThan(3);
  });
});
