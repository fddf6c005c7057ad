/** The time that a post has to become durable, when the clock is set while its people are looked up. */
import { expect, it } from 'vitest';
import type { CustomerDirectory, TenantDirectory } from '../../../src/ports.ts';
import type { ActorSystem, SendOptions } from '../../../src/runtime/behaviour.ts';
import { VirtualClock } from '../../../src/runtime/clock.ts';
import { DEADLINE_MS, Handover, partsOf } from '../../../src/transport/whatsapp/webhook/handover.ts';
import { envelope, NOW_MS, textOf } from '../bodies.ts';

it.each([-3_600_000, 3_600_000])('what is left of it is what was left before, after a step of %i ms', async (stepMs) => {
  const clock = new VirtualClock(NOW_MS);
  let found: (customerId: string) => void = () => undefined;
  const leftMs: number[] = [];
  const system = {
    ask: async (_to: unknown, _command: unknown, options?: SendOptions) => {
      leftMs.push((options?.deadlineMs ?? 0) - clock.nowMs());
      return { ok: true, value: null };
    },
  } as unknown as ActorSystem;
  const handover = new Handover({
    system,
    tenants: { byPhoneNumberId: async () => ({ tenantId: 1, dataShard: 0 }) } as unknown as TenantDirectory,
    customers: { resolve: () => new Promise<string>((resolve) => (found = resolve)) } as unknown as CustomerDirectory,
    parking: { park: async () => undefined },
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    warn: () => undefined,
  });
  const post = JSON.stringify(envelope({ messages: [textOf('hello', 'a')] }));
  const [part] = partsOf(Buffer.from(post), post, NOW_MS);
  const taken = handover.take(part!, post, clock.nowMs() + DEADLINE_MS);
  await new Promise((resolve) => setImmediate(resolve));
  clock.step(stepMs);
  clock.advance(500);
  found('cus_1');
  expect(await taken).toBe(true);
  expect(leftMs).toEqual([DEADLINE_MS - 500]);
});
