/**
 * The list of messages: rows of the read model, joined with the journal events that hold their content. Must never
 * know how a conversation decides.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import type { InboundContent, OutboundBody } from '../../../actors/conversation/protocol.ts';
import type { Listed, MessageItem, Page } from '../../../ports.ts';
import { journalAad } from '../batch/encoded-row.ts';
import { type CursorShape, filtersOf, listCursor, pageOf, readListCursor } from '../cursor.ts';
import type { PersonalCodec } from '../seal/personal-codec.ts';
import { RowOpener } from '../seal/row-opener.ts';
import { readAsTenant, readInOrder } from '../tenant-scope.ts';
import { CONTACT_COLUMNS, type ContactRow, contactOf, pointedEvent } from './conversation-person.ts';

/** The end of the walk, then the last row. */
const CURSOR: CursorShape = { list: 'messages', parts: ['integer', 'integer', 'integer', 'text', 'text'] };
const IN = 'in';
const OUT = 'out:';
/** A message has the time of its decision and is stored with its batch, by which others that are younger may be overtaken: so much later at most, unless the database stalls. */
const STORED_WITHIN_MS = 1_000;

interface MessageRow extends ContactRow {
  readonly until_ms: string;
  readonly message_id: string;
  readonly direction: 'in' | 'out';
  readonly whatsapp_id: string | null;
  readonly kind: string;
  readonly status: string;
  readonly at_ms: string;
  readonly seq: string;
  readonly pointer: string;
  readonly subject_id: string | null;
  readonly journal_personal: Buffer | null;
}

interface JournaledMessage {
  readonly content?: InboundContent;
  readonly out?: readonly OutboundBody[];
}

export interface MessagesSource {
  /** Role wakala_app. */
  readonly pool: pg.Pool;
  readonly personal: PersonalCodec;
  /** Storage code of conversations, whose journal holds the content. */
  readonly conversationCode: number;
}

export type MessagesQuery = Page & {
  readonly customerId: string | null;
  readonly direction: 'in' | 'out' | null;
  /** Inclusive. */
  readonly fromMs: number | null;
  /** Exclusive. */
  readonly toMs: number | null;
};

/**
 * Oldest first; content is null when the person's key is destroyed, and where it does not open: then the item says `isUnreadable`. A walk goes as far as the newest message of the shop at its first page:
 * it ends however much is written meanwhile, and what is newer is found from there on. A page from which the walk goes on waits until
 * nothing can be stored in its midst any more, for STORED_WITHIN_MS at most: the next one would begin behind that. @throws InvalidCursor
 */
export async function listMessages(source: MessagesSource, tenantId: number, query: MessagesQuery): Promise<Listed<MessageItem>> {
  const filters = filtersOf(tenantId, query);
  const at = readListCursor(CURSOR, query.cursor, filters) ?? [];
  let rows = await readPage(source, tenantId, query, at);
  const unsettledMs = unsettledForMs(rows, query.limit, Date.now());
  if (unsettledMs > 0) {
    await wait(unsettledMs);
    rows = await readPage(source, tenantId, query, at);
  }
  await source.personal.ensure(people(tenantId, rows));
  return pageOf(
    rows,
    query.limit,
    (row) => messageItem(source.personal, tenantId, row),
    (row) => listCursor(CURSOR, [Number(row.until_ms), Number(row.at_ms), Number(row.seq), row.pointer, row.customer_id], filters),
  );
}

/** How long something may still be stored before the last row of a page that is not the walk's last. A row from the future says nothing: the clock was set. */
function unsettledForMs(rows: readonly MessageRow[], limit: number, nowMs: number): number {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const ageMs = last === undefined ? STORED_WITHIN_MS : nowMs - Number(last.at_ms);
  return ageMs < 0 ? 0 : Math.max(0, STORED_WITHIN_MS - ageMs);
}

/** @param at the parts of the cursor, none on the first page. @returns one row more than the page has, if there is one. */
function readPage(
  source: MessagesSource,
  tenantId: number,
  query: MessagesQuery,
  [untilMs, ...after]: readonly (string | number)[],
): Promise<MessageRow[]> {
  // By the time, or by the customer, who has few of a shop's messages: in a form in which the index of the time does not know the columns.
  const [tenantColumn, atMs] = query.customerId === null ? ['m.tenant_id::bigint', 'm.at_ms'] : ['m.tenant_id', '(m.at_ms + 0)'];
  return readInOrder<MessageRow>(
    source.pool,
    tenantId,
    // The page first, then its contents one by one by key: joined at large, a planner without statistics reads the whole journal for each row.
    `with walk as materialized (
       select coalesce($10::bigint, (select at_ms from app.messages where tenant_id::bigint = $1 order by at_ms desc limit 1)) as until_ms
     )
     select p.*, (select until_ms from walk) as until_ms, j.subject_id, j.personal as journal_personal, c.*
     from (
       select m.tenant_id, m.message_id, m.customer_id, m.direction, m.whatsapp_id, m.kind, m.status, m.at_ms, m.seq, m.pointer
       from app.messages m
       where ${tenantColumn} = $1 and ($3::text is null or m.customer_id = $3) and ($4::text is null or m.direction = $4)${pointed(query.direction)}
         and ${atMs} <= (select until_ms from walk)
         and ($11::bigint is null or ${atMs} >= $11) and ($12::bigint is null or ${atMs} < $12)
         and ($5::bigint is null or (${atMs}, m.seq, m.pointer, m.customer_id) > ($5, $6::bigint, $7, $8))
       order by m.at_ms, m.seq, m.pointer, m.customer_id limit $9
     ) p
     left join lateral (
       select subject_id, personal from app.journal
       where tenant_id = p.tenant_id and entity_type = $2 and entity_id = p.customer_id and seq = p.seq limit 1
     ) j on true
     left join lateral (
       select ${CONTACT_COLUMNS}, ${pointedEvent('$2', 'contact_seq')} as contact_event
       from app.conversations c where tenant_id = p.tenant_id and customer_id = p.customer_id limit 1
     ) c on true
     order by p.at_ms, p.seq, p.pointer, p.customer_id`,
    [
      tenantId,
      source.conversationCode,
      query.customerId,
      query.direction,
      ...(after.length === 0 ? [null, null, null, null] : after),
      query.limit + 1,
      untilMs ?? null,
      query.fromMs,
      query.toMs,
    ],
  );
}

/** SQL: the direction once more, as the index of the time knows it: of what a mailing sent, row after row need not be looked at to be passed by. */
function pointed(direction: MessagesQuery['direction']): string {
  return direction === null ? '' : ` and m.pointer ${direction === 'in' ? '=' : '>'} '${IN}'`;
}

/** What an outgoing message said. @returns null when it is not known, or when the person's key is destroyed. */
export async function readOutbound(
  source: MessagesSource,
  tenantId: number,
  customerId: string,
  messageId: string,
): Promise<OutboundBody | null> {
  const [row] = await readAsTenant<Pick<MessageRow, 'seq' | 'pointer' | 'subject_id' | 'journal_personal'>>(
    source.pool,
    tenantId,
    `select m.seq, m.pointer, j.subject_id, j.personal as journal_personal
     from app.messages m
     join app.journal j on j.tenant_id = m.tenant_id and j.entity_type = $2 and j.entity_id = m.customer_id and j.seq = m.seq
     where m.tenant_id = $1 and m.customer_id = $3 and m.message_id = $4 and m.direction = 'out'`,
    [tenantId, source.conversationCode, customerId, messageId],
  );
  if (row === undefined || row.subject_id === null) return null;
  await source.personal.ensure([{ tenantId, subjectId: row.subject_id }]);
  const place = journalAad(tenantId, 'conversation', customerId, Number(row.seq));
  const event = openPart(source.personal, tenantId, row.subject_id, row.journal_personal, place) as JournaledMessage | undefined;
  return outAt(event, row.pointer);
}

function people(tenantId: number, rows: readonly MessageRow[]): { tenantId: number; subjectId: string }[] {
  const subjects = new Set<string>();
  for (const row of rows) {
    if (row.subject_id !== null) subjects.add(row.subject_id);
    if (row.contact_subject !== null) subjects.add(row.contact_subject);
  }
  return [...subjects].map((subjectId) => ({ tenantId, subjectId }));
}

function messageItem(personal: PersonalCodec, tenantId: number, row: MessageRow): MessageItem {
  const opener = new RowOpener(personal);
  const place = journalAad(tenantId, 'conversation', row.customer_id, Number(row.seq));
  const event = openPart(opener, tenantId, row.subject_id, row.journal_personal, place) as JournaledMessage | undefined;
  const { waId, userId } = contactOf(opener, tenantId, row);
  return {
    id: row.message_id,
    whatsappId: row.whatsapp_id,
    direction: row.direction,
    waId,
    ...(waId === null && userId !== null ? { userId } : {}),
    kind: row.kind,
    content: contentAt(event, row.pointer),
    ...(opener.isUnreadable ? { isUnreadable: true } : {}),
    status: row.status,
    atMs: Number(row.at_ms),
  };
}

function openPart(
  personal: Pick<PersonalCodec, 'open'>,
  tenantId: number,
  subjectId: string | null,
  sealed: Buffer | null,
  aad: string,
): unknown {
  return sealed === null || subjectId === null ? undefined : personal.open(tenantId, subjectId, sealed, aad);
}

/** 'in' or 'out:<n>', see the row shapes of the actors. */
function contentAt(event: JournaledMessage | undefined, pointer: string): InboundContent | OutboundBody | null {
  return pointer === IN ? (event?.content ?? null) : outAt(event, pointer);
}

function outAt(event: JournaledMessage | undefined, pointer: string): OutboundBody | null {
  return pointer.startsWith(OUT) ? (event?.out?.[Number(pointer.slice(OUT.length))] ?? null) : null;
}
