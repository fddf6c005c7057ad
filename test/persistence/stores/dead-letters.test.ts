/** The list of dead letters on the operations port, against a real database: its pages, and cursors that are none of its own. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { cursorOf } from '../../../src/persistence/postgres/cursor.ts';
import { readDeadLetters } from '../../../src/persistence/postgres/stores/dead-letters.ts';
import { registerOps } from '../../../src/transport/http/api/ops.ts';
import { call, startApp, stopApps } from '../../http/support.ts';
import { ScratchDatabase } from '../scratch-database.ts';

let database: ScratchDatabase;

beforeAll(async () => {
  database = await ScratchDatabase.open();
});
afterEach(stopApps);
afterAll(async () => {
  await database.close();
});

function started() {
  const pool = database.pool('wakala_relay', 1);
  return startApp((it) =>
    registerOps(it, {
      ready: async () => ({ ready: true, checks: {} }),
      metricsText: async () => '',
      cluster: async () => ({}),
      replaceThread: () => false,
      deadLetters: (page) => readDeadLetters(pool, page),
    }),
  );
}

it('is walked to its end by the cursors that it gives, newest first', async () => {
  const ids = Array.from({ length: 5 }, () => randomUUID());
  for (const [i, id] of ids.entries())
    await database.admin.query(
      "insert into ops.dead_letters (id, entity_key, reason, tries, body, at_ms) values ($1, 'conversation/1/x', 'runtime.poison', 3, '', $2)",
      [id, 1_000 + (i >> 1)],
    );
  const app = started();
  const seen: { id: string; at: string }[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { body } = await call(app, 'GET', `/v1/deadletters?limit=2&cursor=${cursor}`);
    seen.push(...body.items);
    cursor = body.next_cursor;
  }
  expect(seen.map(({ id }) => id).sort()).toEqual([...ids].sort());
  expect(seen.map(({ at }) => at)).toEqual(
    seen
      .map(({ at }) => at)
      .sort()
      .reverse(),
  );
});

it.each([
  ['no cursor at all', 'zz'],
  ['of another list', cursorOf(['orders', 1, randomUUID()])],
  ['whose time is no number', cursorOf(['dead_letters', 'x', randomUUID()])],
  ['whose id is none', cursorOf(['dead_letters', 1, 'x'])],
])("refuses a cursor that is not its own as the caller's mistake: %s", async (_name, cursor) => {
  const app = started();
  const reply = await call(app, 'GET', `/v1/deadletters?cursor=${cursor}`);
  expect([reply.status, reply.body.code]).toEqual([400, 'request.invalid_cursor']);
  expect(app.defects).toEqual([]);
});
