/**
 * Answers that are kept for repeated requests: an order or a driver as somebody saw it. Sealed under the key of the person whom their
 * actor is about, so that erasure reaches them. It must never know what was answered.
 */
import { CodedError } from '../../../errors.ts';
import { entityKey } from '../../../runtime/entity.ts';
import type { CommitBatch, ProcessedCommand, StoredReply } from '../../../runtime/journal/store.ts';
import { decode, encode } from '../encoding.ts';
import type { PersonalCodec } from '../seal/personal-codec.ts';

interface ReplyColumns {
  /** Under whose key; null where nothing is sealed. */
  readonly subjects: (string | null)[];
  readonly replies: (Buffer | null)[];
}

export interface ReplyRow {
  readonly entity_type: number;
  readonly entity_id: string;
  readonly fingerprint: string | null;
  readonly subject_id: string | null;
  readonly reply: Buffer | null;
}

/** Bound to its row: ciphertext cannot become the answer to another request. */
function replyAad(tenantId: number, kindCode: number, entityId: string, commandId: string): string {
  return `reply/${tenantId}/${kindCode}/${entityId}/${commandId}`;
}

/** The keys of the batch's people must be at hand. To a person whose key is destroyed no answer is kept; what was decided still counts. */
export function replyColumns({ rows, processed }: Pick<CommitBatch, 'rows' | 'processed'>, personal: PersonalCodec): ReplyColumns {
  const subjects: (string | null)[] = [];
  const replies: (Buffer | null)[] = [];
  let people: Map<string, string> | null = null;
  for (const command of processed) {
    const isKept = command.reply !== null && command.reply !== undefined;
    if (isKept) people ??= peopleOf(rows);
    const subject = isKept ? (people?.get(entityKey(command.ref)) ?? null) : null;
    subjects.push(subject);
    replies.push(subject === null ? encode(command.reply) : sealed(command, subject, personal));
  }
  return { subjects, replies };
}

function sealed({ ref, kindCode, commandId, reply }: ProcessedCommand, subject: string, personal: PersonalCodec): Buffer | null {
  try {
    return personal.seal(ref.tenantId, subject, reply, replyAad(ref.tenantId, kindCode, ref.id, commandId));
  } catch (error) {
    if (error instanceof CodedError && error.code === 'privacy.subject_erased') return null;
    throw error;
  }
}

/** Who each entity of the batch is about; a decision that is kept has at least one row. */
function peopleOf(rows: CommitBatch['rows']): Map<string, string> {
  const people = new Map<string, string>();
  for (const { ref, subjectId } of rows) if (subjectId !== null) people.set(entityKey(ref), subjectId);
  return people;
}

/** @returns a reply of undefined when the person's key is destroyed */
export async function storedReply(tenantId: number, commandId: string, row: ReplyRow, personal: PersonalCodec): Promise<StoredReply> {
  const { fingerprint, subject_id: subjectId, reply } = row;
  if (reply === null || subjectId === null) return { fingerprint, reply: decode(reply) };
  await personal.ensure([{ tenantId, subjectId }]);
  return { fingerprint, reply: personal.open(tenantId, subjectId, reply, replyAad(tenantId, row.entity_type, row.entity_id, commandId)) };
}
