/** Turning one accepted decision into what the journal writes. Knows no mailbox and no I/O. */
import type { Accepted, DomainEvent, DurableBehaviour, ReadModelWrite } from '../behaviour.ts';
import type { EntityRef } from '../entity.ts';
import type { Envelope } from '../envelope.ts';
import type { Entry } from '../journal/group-commit.ts';
import { journaledEffect } from '../journal/recovery.ts';
import { type DurableTimerWrite, type JournalMeta, type JournalRow, type ProcessedCommand, RUNTIME_MARKER } from '../journal/store.ts';

interface DecisionInput {
  readonly ref: EntityRef;
  readonly behaviour: DurableBehaviour<unknown, unknown, DomainEvent, unknown>;
  readonly state: unknown;
  /** Last sequence number used. */
  readonly seq: number;
  readonly nowMs: number;
  readonly message: Envelope;
  readonly accepted: Accepted<DomainEvent>;
  readonly committed: Entry['committed'];
  readonly failed: Entry['failed'];
}

interface BuiltDecision {
  readonly entry: Entry;
  readonly state: unknown;
  readonly seq: number;
}

const NO_TIMERS: readonly DurableTimerWrite[] = [];

/** @returns null when nothing has to be written: no event, no effect settled, no timer touched, no answer to keep. */
export function decisionEntry(input: DecisionInput): BuiltDecision | null {
  const { ref, behaviour, message, accepted, nowMs } = input;
  const timers = timerWrites(input);
  const marker = accepted.events.length === 0 && (message.completes !== null || (accepted.effects?.length ?? 0) > 0 || isKept(input));
  if (accepted.events.length === 0 && !marker && timers.length === 0) return null;
  const rows: JournalRow[] = [];
  const readModels: (ReadModelWrite & { ref: EntityRef; seq: number; subjectId: string | null })[] = [];
  let state = input.state;
  let seq = input.seq;
  let meta: JournalMeta | null = journalMeta(input);
  for (const event of accepted.events) {
    seq++;
    const eventMeta = { ref, seq, atMs: nowMs };
    state = behaviour.evolve(state, event, eventMeta);
    const subjectId = behaviour.subject?.(ref, state) ?? null;
    rows.push(row(input, event, seq, subjectId, meta ?? NO_META));
    meta = null;
    if (behaviour.project !== undefined) {
      for (const write of behaviour.project(event, state, eventMeta))
        readModels.push({ op: write.op, row: write.row, ref, seq, subjectId });
    }
  }
  if (marker) {
    seq++;
    rows.push(row(input, MARKER, seq, behaviour.subject?.(ref, state) ?? null, meta ?? NO_META));
  }
  const processed: ProcessedCommand | null =
    message.commandId === null || !isApplied(input)
      ? null
      : {
          ref,
          kindCode: behaviour.kindCode,
          commandId: message.commandId,
          fingerprint: message.fingerprint,
          reply: message.storeReply ? accepted.reply : null,
        };
  return { entry: { ref, rows, processed, timers, readModels, committed: input.committed, failed: input.failed }, state, seq };
}

/** A command that leaves something behind under its id: a repeat is known by it. */
function isApplied(input: DecisionInput): boolean {
  return input.accepted.events.length > 0 || isKept(input);
}

function isKept({ accepted, message }: DecisionInput): boolean {
  return accepted.isKept === true && message.commandId !== null;
}

const NO_META: JournalMeta = {};
/** Carries the bookkeeping of a decision without an event. */
const MARKER: DomainEvent = { type: RUNTIME_MARKER, data: null };

function row(input: DecisionInput, event: DomainEvent, seq: number, subjectId: string | null, meta: JournalMeta): JournalRow {
  return {
    ref: input.ref,
    kindCode: input.behaviour.kindCode,
    seq,
    pos: 0,
    atMs: input.nowMs,
    type: event.type,
    version: event.version ?? 1,
    data: event.data,
    personal: event.personal,
    subjectId,
    meta,
  };
}

/** Rides on the first event: which command this answers, which effects it promises, which it settles. */
function journalMeta(input: DecisionInput): JournalMeta {
  const { message, accepted } = input;
  const meta: { -readonly [K in keyof JournalMeta]: JournalMeta[K] } = {};
  if (message.commandId !== null && isApplied(input)) meta.commandId = message.commandId;
  if (message.correlationId !== null) meta.correlationId = message.correlationId;
  if (accepted.effects !== undefined && accepted.effects.length > 0) meta.effects = accepted.effects.map(journaledEffect);
  if (message.completes !== null) meta.done = [message.completes];
  return meta;
}

function timerWrites(input: DecisionInput): readonly DurableTimerWrite[] {
  const { ref, behaviour, accepted, message } = input;
  const fired = message.timer;
  if (fired === null && (accepted.timers === undefined || accepted.timers.length === 0)) return NO_TIMERS;
  const kindCode = behaviour.kindCode;
  const writes: DurableTimerWrite[] = [];
  if (fired !== null) writes.push({ op: 'cancel', ref, kindCode, name: fired.name });
  for (const op of accepted.timers ?? []) {
    if (!op.durable) continue;
    if (op.op === 'cancel') writes.push({ op: 'cancel', ref, kindCode, name: op.name });
    else writes.push({ op: 'arm', ref, kindCode, name: op.name, dueAtMs: op.dueAtMs, command: op.command });
  }
  return writes;
}
