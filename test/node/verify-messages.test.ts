/** The check of messages and conversations against the journal: how far each came and where it points to, on rows that the conversation itself projected. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { conversationBehaviour } from '../../src/actors/conversation/actor.ts';
import type { ConversationEvent } from '../../src/actors/conversation/session/session.ts';
import { conversationRef } from '../../src/actors/refs.ts';
import type { Config } from '../../src/config.ts';
import { verifyReplay } from '../../src/node/commands/verify-replay.ts';
import { movesOn } from '../../src/persistence/postgres/batch/read-model-statements.ts';
import { encode } from '../../src/persistence/postgres/encoding.ts';
import { commit, MASTER_KEY, ScratchDatabase, type Write } from '../persistence/scratch-database.ts';

const secrets = { masterKey: MASTER_KEY.toString('base64') } as Config['secrets'];
const ref = conversationRef(1, 0, 'cus_a');
const WAMID = 'wamid.1';
let database: ScratchDatabase;

beforeAll(async () => {
  database = await ScratchDatabase.open();
  await database.admin.query(
    "insert into app.tenants (tenant_id, id, slug, name, phone_number_id, shard, status) values (1, gen_random_uuid(), 's', 'n', 'p', 0, 'active')",
  );
  const events = [
    { type: 'message_received', data: { inbound: { whatsappId: WAMID, kind: 'text', sentAtMs: 1 } } },
    { type: 'message_status_changed', data: { delivery: { id: WAMID, whatsappId: 'wamid.2', status: 'read', atMs: 2 } } },
    { type: 'message_status_changed', data: { delivery: { id: 'nobody', whatsappId: null, status: 'read', atMs: 2 } } },
    { type: 'message_received', data: {}, personal: { set: { contact: { waId: '276', userId: null, name: 'Ann' } } } },
    { type: 'message_received', data: {}, personal: { set: { cart: { version: 1, lines: [] } } } },
  ] as unknown as readonly ConversationEvent[];
  let state = conversationBehaviour.initial(ref);
  const writer = database.pool('wakala_writer');
  const keys = database.keys();
  await keys.ensure([{ tenantId: 1, subjectId: ref.id }]);
  for (const [i, event] of events.entries()) {
    const meta = { ref, seq: i + 1, atMs: i };
    state = conversationBehaviour.evolve(state, event, meta);
    const writes = (conversationBehaviour.project?.(event, state, meta) ?? []).map(
      (write): Write => ({ ...write, ref, seq: meta.seq, subjectId: ref.id }),
    );
    await commit(writer, keys, writes);
    const sealed = event.personal === undefined ? null : keys.seal(1, ref.id, event.personal, `1/conversation/${ref.id}/${meta.seq}`);
    await database.admin.query(
      `insert into app.journal (tenant_id, entity_type, entity_id, seq, shard, pos, epoch, event_type, event_ver, at_ms, data, subject_id, personal)
       values (1, $1, $2, $3, $4, $3, 1, $5, 1, $6, $7, $2, $8)`,
      [conversationBehaviour.kindCode, ref.id, meta.seq, ref.shard, event.type, meta.atMs, encode(event.data), sealed],
    );
  }
});
afterAll(() => database.close());

const differences = async () => (await verifyReplay({ secrets }, database.address)).differences;

it('messages that came as far as the journal says make no difference, one that did not is named', async () => {
  expect(await differences()).toEqual([]);
  await database.admin.query("update app.messages set status = 'read'");
  expect(await differences()).toEqual([`message cus_a/${WAMID}: journal says received wamid.2, read model read wamid.2`]);
  await database.admin.query("update app.messages set status = 'received'");
});

it('a conversation that points to another event than the one that last changed its cart is named, one from before pointers is not', async () => {
  expect(await differences()).toEqual([]);
  await database.admin.query('update app.conversations set cart_seq = 4');
  expect(await differences()).toEqual(['pointer cus_a cart: journal says 5, read model 4']);
  await database.admin.query('update app.conversations set cart_seq = null, contact_seq = null');
  expect(await differences()).toEqual([]);
});

it('a status moves on along its line only, and other words never do', () => {
  const moves = [
    ['queued', 'sent', true],
    ['failed', 'delivered', true],
    ['read', 'delivered', false],
    ['sent', 'sent', false],
    ['received', 'read', false],
    ['sent', 'weird', false],
  ] as const;
  for (const [from, to, expected] of moves) expect(movesOn(from, to), `${from} to ${to}`).toBe(expected);
});
