/** What a log never holds, and what metrics are named and labelled. */
import { Writable } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { createLog, maskText } from '../../src/observability/log.ts';
import { Metrics, mergeMetrics } from '../../src/observability/metrics.ts';

function logged(write: (log: ReturnType<typeof createLog>) => void): string {
  let text = '';
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  write(createLog({ level: 'debug', base: { node: 'n1' }, destination }));
  return text;
}

describe('log', () => {
  test('phone numbers keep two digits, wherever they stand', () => {
    const text = logged((log) => {
      log.info({ waId: '27600000011', nested: [{ to: '+27 60 000 0012' }] }, 'sent to 27600000013');
      log.child({ waId: '27600000014' }).warn('child');
      log.error({ err: new Error('no such number 27600000015') });
      log.info('number %s', '27600000016');
    });
    expect(text).not.toMatch(/2760000001|60 000/);
    for (const end of ['11', '12', '13', '14', '15', '16']) expect(text).toContain(`***${end}`);
  });

  test('message texts, names, tokens and secrets never pass', () => {
    const fields = {
      text: 'two kotas',
      content: { kind: 'text', text: 'two kotas' },
      body: 'two kotas',
      accessToken: 'hush',
      access_token: 'hush',
      authorization: 'Bearer hush',
      secrets: { jwtSecret: 'hush', masterKey: 'hush', whatsappAppSecrets: ['hush'] },
      customer: { name: 'Sipho Dlamini' },
      payments: { paystack: { secret_key: 'hush' } },
    };
    expect(logged((log) => log.info(fields, 'x'))).not.toMatch(/kotas|hush|Sipho/);
  });

  test('what opens a door never passes, whatever it is called and wherever it stands', () => {
    const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodXNoIn0.hush_hush-hush';
    const link = 'AAAAAQABaHVzaGh1c2hodXNoaHVzaA';
    const text = logged((log) => {
      log.warn({ driver_token: 'hush', tokens: ['hush'], otp: 'hush', customerName: 'Sipho Dlamini', '27600000011': 1 }, `refused ${jwt}`);
      log.error({ err: new Error(`GET https://shop.example/t/${link} and /v1/track/${link}/events`) });
      log.error({ error: new Error('cannot reach postgres://wakala:hush@db.example/wakala'), path: '/v1/conversations/27600000012' });
    });
    expect(text).not.toMatch(/hush|Sipho|eyJ|AAAAAQ|2760000/);
    expect(text).toContain('postgres://wakala:[redacted]@db.example/wakala');
  });

  test('what an operator needs stays', () => {
    const line = JSON.parse(
      logged((log) =>
        log.info(
          { phoneNumberId: '200000000000001', shard: 37, tookMs: 1.5, orderId: 'ord_15k9f3', route: '/v1/track/:token/events' },
          'ready',
        ),
      ),
    );
    expect(line).toMatchObject({
      level: 'info',
      node: 'n1',
      phoneNumberId: '200000000000001',
      shard: 37,
      tookMs: 1.5,
      orderId: 'ord_15k9f3',
      route: '/v1/track/:token/events',
      msg: 'ready',
    });
  });

  test('short numbers are no phone numbers', () => {
    expect(maskText('429 of 8192 in 2026-11-21')).toBe('429 of 8192 in 2026-11-21');
  });
});

describe('metrics', () => {
  const made: Metrics[] = [];
  const metrics = (): Metrics => {
    const one = new Metrics();
    made.push(one);
    return one;
  };
  afterEach(() => {
    for (const one of made.splice(0)) one.stop();
  });

  test('threads are added up: counters and histograms by sum, gauges as declared', async () => {
    const threads = [metrics(), metrics()];
    for (const [index, one] of threads.entries()) {
      one.counter('wakala_http_requests_total', 'x', ['status']).inc({ status: '200' }, index + 1);
      one.gauge('wakala_actors_live_actors', 'x').set(10 + index);
      one.gauge('wakala_lag_seconds', 'x', { aggregate: 'max', read: () => index }).set(0);
      one.histogram('wakala_wait_seconds', 'x', [], [1]).observe(0.5);
    }
    const text = await mergeMetrics(await Promise.all(threads.map((one) => one.collect())).then((all) => structuredClone(all)));
    expect(text).toContain('wakala_http_requests_total{status="200"} 3');
    expect(text).toContain('wakala_actors_live_actors 21');
    expect(text).toContain('wakala_lag_seconds 1');
    expect(text).toContain('wakala_wait_seconds_count 2');
  });

  test('a name without prefix or unit, or a label that grows with the business, is refused', () => {
    const one = metrics();
    expect(() => one.counter('http_requests_total', 'x')).toThrow(RangeError);
    expect(() => one.tally('wakala_sent_messages', 'x', () => 0)).toThrow(RangeError);
    expect(() => one.counter('wakala_requests', 'x')).toThrow(RangeError);
    expect(() => one.histogram('wakala_wait', 'x')).toThrow(RangeError);
    expect(() => one.counter('wakala_orders_total', 'x', ['tenant_id'])).toThrow(RangeError);
  });

  test('series are bounded: beyond the limit they fold into one', async () => {
    const one = metrics();
    const counter = one.counter('wakala_codes_total', 'x', ['code']);
    for (let i = 0; i < 2000; i++) counter.inc({ code: `c${i}` });
    const [metric] = await one.collect();
    expect(metric!.values).toHaveLength(501);
    expect(metric!.values.find((value) => value.labels.code === 'other')!.value).toBe(1500);
  });

  test('asking twice gives the same metric', async () => {
    const one = metrics();
    one.counter('wakala_a_total', 'x').inc();
    one.counter('wakala_a_total', 'x').inc();
    expect((await one.collect())[0]!.values[0]!.value).toBe(2);
  });

  test('the lag of the event loop is there once it is watched', async () => {
    const one = metrics();
    one.watchEventLoop();
    const names = (await one.collect()).map((metric) => metric.name);
    expect(names).toEqual(['wakala_event_loop_lag_p99_seconds', 'wakala_event_loop_lag_max_seconds']);
    expect(one.eventLoopLagP99S()).toBeGreaterThanOrEqual(0);
  });
});
