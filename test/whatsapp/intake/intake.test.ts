/** Posts that are written down first: when, under which bounds, and what they must never overtake. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../../src/runtime/behaviour.ts';
import {
  INTAKE_LANES,
  intakeLaneOf,
  intakeLanesOf,
  senderOf,
  threadOfIntakeLane,
} from '../../../src/transport/whatsapp/intake/intake-lane.ts';
import type { StalledSenders } from '../../../src/transport/whatsapp/intake/stalled-senders.ts';
import { parseWebhook } from '../../../src/transport/whatsapp/webhook/webhook-parse.ts';
import { envelope, message, NOW_MS, textOf } from '../bodies.ts';
import { type Stage, stage, THREADS } from '../ingest-harness.ts';

const from = (waId: string, id = `m${waId}`): object => envelope({ messages: [textOf('hello', id, waId)] });
const senderIn = (body: object): string => senderOf(parseWebhook(body, NOW_MS)[0]!)!;
const stalledOf = (one: Stage, waId: string): StalledSenders => one.board.stalled(threadOfIntakeLane(laneOf(from(waId)), THREADS));
const laneOf = (body: object): number => intakeLaneOf(parseWebhook(body, NOW_MS)[0]!);

let door: Stage;
let extra: Stage | null = null;
beforeEach(async () => {
  door = await stage({ intake: { always: true } });
});
afterEach(async () => {
  for (const one of [door, extra]) {
    await expect.poll(() => one?.ingest.inFlight ?? 0).toBe(0);
    one?.close();
  }
  extra = null;
});

const stored = (one: Stage): string[] => one.log.chunks.flatMap((chunk) => (chunk.bodies ?? []).map(String));

describe('a lane', () => {
  it('is the same for all that one sender sends, and every lane has exactly one thread, however many there are', () => {
    const statusOf = envelope({ statuses: [{ id: 'o', status: 'read', timestamp: '1772359200', recipient_id: '27600000001' }] });
    expect(laneOf(from('27600000001', 'a'))).toBe(laneOf(from('27600000001', 'b')));
    expect(laneOf(statusOf)).toBe(laneOf(from('27600000001')));
    for (const threads of [1, 2, 3, 16, 40]) {
      const served = Array.from({ length: threads }, (_, thread) => intakeLanesOf(thread, threads)).flat();
      expect([...served].sort((a, b) => a - b)).toEqual(Array.from({ length: INTAKE_LANES }, (_, lane) => lane));
    }
  });
});

describe('with replies held back a post', () => {
  it('is answered 200 when it is in the log, and nobody works on it', async () => {
    const body = JSON.stringify(message({ type: 'text', text: { body: 'héllo' } }));
    expect((await door.post(body)).status).toBe(200);
    expect(stored(door)).toEqual([body]);
    expect(door.asked).toEqual([]);
    expect(door.ingest.counters).toMatchObject({ accepted: 1, deferred: 1 });
  });

  it('is not answered before it is durable, and its lane is occupied before it is answered', async () => {
    let settle: () => void = () => {};
    door.log.onAppend = () => new Promise((resolve) => (settle = resolve));
    let answered = false;
    const response = door.post(from('1')).then((answer) => {
      answered = true;
      return answer;
    });
    await expect.poll(() => door.ingest.inFlight).toBe(1);
    const thread = threadOfIntakeLane(laneOf(from('1')), THREADS);
    expect([answered, door.board.occupied(thread)]).toEqual([false, false]);
    settle();
    expect((await response).status).toBe(200);
    expect(door.board.occupied(thread)).toBe(true);
    expect(door.woken).toEqual([thread]);
  });

  it('is 401 with a wrong signature, and not written', async () => {
    expect((await door.post(from('1'), { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` })).status).toBe(401);
    expect(stored(door)).toEqual([]);
  });

  it('is 503 when it cannot be written', async () => {
    door.log.onAppend = () => Promise.reject(new Error('database away'));
    expect((await door.post(from('1'))).status).toBe(503);
    expect(door.ingest.counters).toMatchObject({ accepted: 0, deferred: 0, unavailable: 1 });
  });

  it('is 503 when one of its lanes could not be written, whatever became of the others', async () => {
    const other = Array.from({ length: 50 }, (_, i) => String(i)).find((waId) => laneOf(from(waId)) !== laneOf(from('1')))!;
    let calls = 0;
    door.log.onAppend = () => (++calls === 1 ? Promise.resolve() : Promise.reject(new Error('database away')));
    expect((await door.post(envelope({ messages: [textOf('a', 'm1', '1'), textOf('b', 'm2', other)] }))).status).toBe(503);
    door.log.onAppend = async () => {};
    expect((await door.post(envelope({ messages: [textOf('a', 'm1', '1'), textOf('b', 'm2', other)] }))).status).toBe(200);
    expect(door.log.chunks.map((chunk) => chunk.lane).sort()).toEqual([laneOf(from('1')), laneOf(from('1')), laneOf(from(other))].sort());
  });

  it('is kept for a person when it is no JSON, by whoever works on it later', async () => {
    expect((await door.post('{"object":')).status).toBe(200);
    expect(stored(door)).toEqual(['{"object":']);
  });

  it('is told to come again above the bound of messages or of bytes', async () => {
    extra = await stage({ intake: { always: true, messagesMax: 2 } });
    for (const id of ['a', 'b']) expect((await extra.post(from('1', id))).status).toBe(200);
    expect((await extra.post(from('1', 'c'))).status).toBe(503);
    const thread = threadOfIntakeLane(laneOf(from('1')), THREADS);
    extra.board.removed(thread, 1, 0);
    expect((await extra.post(from('1', 'c'))).status).toBe(200);
    extra.close();
    extra = await stage({ intake: { always: true, bytesMax: 100 } });
    expect((await extra.post(from('1', 'd'))).status).toBe(503);
  });
});

describe('otherwise a post', () => {
  it('is worked on before it is answered, while nothing of its lane waits', async () => {
    extra = await stage();
    expect((await extra.post(from('1'))).status).toBe(200);
    expect([stored(extra), extra.asked.length]).toEqual([[], 1]);
  });

  it('never overtakes what may wait in its lane, and goes straight again once the log was seen empty', async () => {
    extra = await stage();
    const thread = threadOfIntakeLane(laneOf(from('1')), THREADS);
    const other = Array.from({ length: 50 }, (_, i) => String(i)).find((id) => threadOfIntakeLane(laneOf(from(id)), THREADS) !== thread)!;
    extra.board.appended(thread, 10);
    expect((await extra.post(from('1'))).status).toBe(200);
    expect((await extra.post(from(other))).status).toBe(200);
    expect([stored(extra).length, extra.asked.length]).toEqual([1, 1]);
    extra.board.sawEmpty(thread, extra.board.mark(thread));
    expect((await extra.post(from('1', 'again'))).status).toBe(200);
    expect(extra.asked.map((one) => one.command.whatsappId)).toEqual([`m${other}`, 'again']);
  });

  it('goes behind what is stalled of its sender, and nobody else does', async () => {
    extra = await stage();
    stalledOf(extra, '1').add(senderIn(from('1')));
    expect((await extra.post(from('1'))).status).toBe(200);
    expect((await extra.post(from('2'))).status).toBe(200);
    expect([stored(extra).length, extra.asked.map((one) => one.command.whatsappId)]).toEqual([1, ['m2']]);
    stalledOf(extra, '1').remove(senderIn(from('1')));
    extra.board.sawEmpty(0, extra.board.mark(0));
    extra.board.sawEmpty(1, extra.board.mark(1));
    expect((await extra.post(from('1', 'again'))).status).toBe(200);
    expect(extra.asked.at(-1)?.command.whatsappId).toBe('again');
  });

  it('is told to come again when too much is stalled and some of its senders are; the parts of the others are done', async () => {
    extra = await stage();
    stalledOf(extra, '1').add(senderIn(from('1')));
    stalledOf(extra, '1').isFull = true;
    expect((await extra.post(from('1'))).status).toBe(503);
    expect((await extra.post(envelope({ messages: [textOf('a', 'x1', '1'), textOf('b', 'x2', '2')] }))).status).toBe(503);
    expect((await extra.post(from('3'))).status).toBe(200);
    expect([stored(extra), extra.asked.map((one) => one.command.whatsappId)]).toEqual([[], ['x2', 'm3']]);
    expect(extra.ingest.counters).toMatchObject({ accepted: 1, unavailable: 2 });
  });

  it('is refused whole when too much is stalled of one sender and others of it would have to wait', async () => {
    extra = await stage({ intake: { always: true } });
    stalledOf(extra, '1').add(senderIn(from('1')));
    stalledOf(extra, '1').isFull = true;
    expect((await extra.post(envelope({ messages: [textOf('a', 'x1', '1'), textOf('b', 'x2', '2')] }))).status).toBe(503);
    expect((await extra.post(from('2'))).status).toBe(200);
    expect([stored(extra).length, extra.asked]).toEqual([1, []]);
  });

  it('is written down when as many are in work as may be, and worked on later', async () => {
    extra = await stage({ intake: { above: 1 } });
    let settle: (answer: Answer) => void = () => {};
    extra.onAsk = () => new Promise((resolve) => (settle = resolve));
    const first = extra.post(from('1'));
    await expect.poll(() => extra?.asked).toHaveLength(1);
    expect((await extra.post(from('2'))).status).toBe(200);
    expect([stored(extra).length, extra.asked.length]).toEqual([1, 1]);
    settle({ ok: true, value: null });
    expect((await first).status).toBe(200);
  });
});

it('an occupied lane stays so when something was appended after the look that found nothing', () => {
  const thread = 0;
  const mark = door.board.mark(thread);
  door.board.appended(thread, 1);
  door.board.sawEmpty(thread, mark);
  expect(door.board.occupied(thread)).toBe(true);
});
