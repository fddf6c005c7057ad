/** The four byte columns of a journal row: encoded, and sealed under the person's key where they are personal. */
import type { JournalMeta, JournalRow } from '../../../runtime/journal/store.ts';
import { encode } from '../encoding.ts';
import type { PersonalCodec } from '../seal/personal-codec.ts';

interface EncodedRow {
  readonly data: Buffer | null;
  readonly personal: Buffer | null;
  readonly effects: Buffer | null;
  readonly meta: Buffer | null;
}

/** Additional authenticated data of a journal row's personal part: ciphertext cannot be moved to another row. */
export function journalAad(tenantId: number, kind: string, entityId: string, seq: number): string {
  return `${tenantId}/${kind}/${entityId}/${seq}`;
}

export function effectsAad(tenantId: number, kind: string, entityId: string, seq: number): string {
  return `${journalAad(tenantId, kind, entityId, seq)}/effects`;
}

/**
 * Encodes rows before their batch is put together, while the database works on the one before. Best effort: a row whose
 * key is not at hand, or cannot be sealed, is left for the batch, which knows what to do about it.
 */
export function encodeAhead(rows: readonly JournalRow[], personal: PersonalCodec): void {
  for (const row of rows) {
    if (row.subjectId !== null && !personal.knows(row.ref.tenantId, row.subjectId)) continue;
    try {
      row.encoded = encodeRow(row, personal);
    } catch {
      // An erased person or a defect: found again, and answered for, when the batch is made.
      row.encoded = undefined;
    }
  }
}

/** @throws when the row cannot be sealed */
export function encodedRow(row: JournalRow, personal: PersonalCodec): EncodedRow {
  return (row.encoded as EncodedRow | undefined) ?? encodeRow(row, personal);
}

function encodeRow(row: JournalRow, personal: PersonalCodec): EncodedRow {
  return { data: encode(row.data), personal: sealPersonal(row, personal), effects: sealEffects(row, personal), meta: plainMeta(row.meta) };
}

function sealPersonal(row: JournalRow, personal: PersonalCodec): Buffer | null {
  if (row.personal === undefined || row.personal === null) return null;
  if (row.subjectId === null) throw new Error(`personal data without a subject in ${row.type}`);
  const { tenantId, kind, id } = row.ref;
  return personal.seal(tenantId, row.subjectId, row.personal, journalAad(tenantId, kind, id, row.seq));
}

/** Promised effects carry texts, numbers and addresses: with a subject they are as personal as the event. */
function sealEffects(row: JournalRow, personal: PersonalCodec): Buffer | null {
  if (row.meta.effects === undefined) return null;
  // Without an input there is nothing personal in an effect: ids and the handler's name.
  const isBare = row.meta.effects.every((effect) => effect.type === 'external' && effect.inState === true && effect.input === undefined);
  if (row.subjectId === null || isBare) return encode(row.meta.effects);
  const { tenantId, kind, id } = row.ref;
  return personal.seal(tenantId, row.subjectId, row.meta.effects, effectsAad(tenantId, kind, id, row.seq));
}

/** Ids only: nothing personal. */
function plainMeta({ commandId, correlationId, done }: JournalMeta): Buffer | null {
  if (commandId === undefined && correlationId === undefined && done === undefined) return null;
  const meta: { commandId?: string; correlationId?: string; done?: readonly string[] } = {};
  if (commandId !== undefined) meta.commandId = commandId;
  if (correlationId !== undefined) meta.correlationId = correlationId;
  if (done !== undefined) meta.done = done;
  return encode(meta);
}
