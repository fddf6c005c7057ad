/** Proof of a delivery: who may add a piece, until when, and how many. Pure; it must never see a piece's bytes. */
import type { DecideContext, Decision } from '../../runtime/behaviour.ts';
import type { DeliveryState } from './delivery-state.ts';
import { decided, type OrderActorState, type OrderEvent, type PlacedOrder } from './evolve.ts';
import type { AddProof, ProofAuthor, ProofList, ProofPiece, ProofReply } from './protocol.ts';

type ProofDecision = Decision<OrderEvent>;

/** Pieces of one order: a photo or two, a note, a signature. */
const PROOFS_MAX = 5;
/** How long after the hand-over a driver may still send what was taken at the door. */
const PROOF_WITHIN_MS = 86_400_000;

/**
 * Adds a piece whose bytes are stored; with `stored: false` only asks whether it would be taken. A piece that is there already is
 * answered as it is, whoever sends it again and whenever.
 * Refusals: `delivery.not_yours`, `delivery.wrong_phase`, `proof.too_late`, `proof.full`.
 */
export function addProof(state: OrderActorState, order: PlacedOrder, command: AddProof, context: DecideContext): ProofDecision {
  const { customerId, delivery } = order;
  if (delivery === null) return { ok: false, refusal: { code: 'delivery.wrong_phase', details: { phase: null } } };
  if (!isHis(delivery, command.by)) return { ok: false, refusal: { code: 'delivery.not_yours' } };
  const answered = (proof: ProofPiece | null): ProofReply => ({ customerId, proof });
  const known = proofsOf(delivery).find(({ kind, hash }) => kind === command.piece.kind && hash === command.piece.hash);
  if (known !== undefined) return { ok: true, events: [], reply: answered(known) };
  const refusal = closedFor(delivery, context.nowMs);
  if (refusal !== null) return { ok: false, refusal };
  if (!command.stored) return { ok: true, events: [], reply: answered(null) };
  const event: OrderEvent = { type: 'proof_added', data: { ...command.piece, by: command.by.role, byId: command.by.id } };
  const decision = decided(state, [event], context);
  return { ...decision, reply: answered(proofsOf(decision.after.order?.delivery ?? null).at(-1) ?? null) };
}

/** What there is, oldest first. Refusal `delivery.not_yours` for a driver who did not carry it. */
export function listProofs({ customerId, delivery }: PlacedOrder, by: ProofAuthor): ProofDecision {
  if (!isHis(delivery, by)) return { ok: false, refusal: { code: 'delivery.not_yours' } };
  const reply: ProofList = { customerId, proofs: proofsOf(delivery) };
  return { ok: true, events: [], reply };
}

function proofsOf(delivery: DeliveryState | null): readonly ProofPiece[] {
  return delivery?.proofs ?? [];
}

function isHis(delivery: DeliveryState | null, by: ProofAuthor): boolean {
  return by.role !== 'driver' || (delivery?.driver != null && delivery.driver.id === by.id);
}

function closedFor(delivery: DeliveryState, nowMs: number) {
  const { deliveredAtMs, phase } = delivery;
  if (phase !== 'at_dropoff' && phase !== 'delivered') return { code: 'delivery.wrong_phase', details: { phase } };
  if (deliveredAtMs !== null && nowMs - deliveredAtMs > PROOF_WITHIN_MS)
    return { code: 'proof.too_late', details: { delivered_at: new Date(deliveredAtMs).toISOString() } };
  if (proofsOf(delivery).length >= PROOFS_MAX) return { code: 'proof.full', details: { limit: PROOFS_MAX } };
  return null;
}
