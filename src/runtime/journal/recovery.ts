/** Rebuilding an entity from its snapshot and the events after it. Pure; the same function serves recovery and verification. */
import type { DomainEvent, DurableBehaviour, Effect, Fault } from '../behaviour.ts';
import type { EntityRef } from '../entity.ts';
import { NEWER_EVENTS, UNAVAILABLE, UNREADABLE } from '../envelope.ts';
import { RecentCommands } from '../recent-commands.ts';
import { type LoadedEntity, RUNTIME_MARKER, type StoredEvent, UnreadableEntity } from './store.ts';

export interface RecoveredEntity {
  readonly state: unknown;
  readonly seq: number;
  readonly snapshotSeq: number;
  readonly recent: RecentCommands | null;
  /** Effects that were promised and not yet completed; null when none. */
  readonly effects: Map<string, Effect> | null;
}

interface SnapshotBody {
  readonly state: unknown;
  readonly effects: readonly Effect[];
  readonly recent: readonly number[];
}

export function packSnapshot(state: unknown, effects: ReadonlyMap<string, Effect> | null, recent: RecentCommands | null): SnapshotBody {
  return { state, effects: effects === null ? [] : [...effects.values()].map(journaledEffect), recent: recent?.toArray() ?? [] };
}

/** What is stored of an effect: not what the state holds anyway. */
export function journaledEffect(effect: Effect): Effect {
  if (effect.type !== 'external' || effect.inState !== true) return effect;
  const { type, id, handler, inState } = effect;
  return { type, id, handler, inState };
}

/** Written by a newer build. Nothing is wrong with the journal: this build cannot read it. */
export class NewerEvent extends Error {
  override readonly name = 'NewerEvent';
  readonly code = 'runtime.newer_events';
}

/** One stored event in the behaviour's present shape. @throws NewerEvent */
export function upcastEvent(behaviour: DurableBehaviour<unknown, unknown, DomainEvent, unknown>, stored: StoredEvent): DomainEvent {
  const newest = behaviour.eventVersions;
  if (newest !== undefined && !(stored.version <= (newest[stored.type] ?? 0)))
    throw new NewerEvent(`${behaviour.kind}: event ${stored.type} of version ${stored.version} is of a newer build`);
  const event: DomainEvent = { type: stored.type, version: stored.version, data: stored.data, personal: stored.personal };
  return behaviour.upcast === undefined ? event : behaviour.upcast(event);
}

/** @throws NewerEvent; UnreadableEntity when the journal has a gap, or an event that the behaviour cannot take: never papered over. */
export function recover(
  behaviour: DurableBehaviour<unknown, unknown, DomainEvent, unknown>,
  ref: EntityRef,
  loaded: LoadedEntity,
): RecoveredEntity {
  try {
    return fold(behaviour, ref, loaded);
  } catch (error) {
    throw error instanceof NewerEvent ? error : new UnreadableEntity(error);
  }
}

/** What callers are told of an entity that could not be recovered. */
export function recoveryFault(error: unknown): Fault {
  if (error instanceof NewerEvent) return NEWER_EVENTS;
  return error instanceof UnreadableEntity ? UNREADABLE : UNAVAILABLE;
}

function fold(behaviour: DurableBehaviour<unknown, unknown, DomainEvent, unknown>, ref: EntityRef, loaded: LoadedEntity): RecoveredEntity {
  const usable = loaded.snapshot !== null && loaded.snapshot.stateVersion === behaviour.stateVersion ? loaded.snapshot : null;
  const body = usable === null ? null : (usable.body as SnapshotBody);
  let state = body === null ? behaviour.initial(ref) : body.state;
  let seq = usable?.seq ?? 0;
  let recent: RecentCommands | null = body === null || body.recent.length === 0 ? null : new RecentCommands(body.recent);
  let effects: Map<string, Effect> | null =
    body === null || body.effects.length === 0 ? null : new Map(body.effects.map((effect) => [effect.id, effect]));
  for (const stored of loaded.events) {
    if (stored.seq <= seq) continue;
    if (stored.seq !== seq + 1) throw new Error(`journal gap in ${ref.kind} at ${seq + 1}`);
    seq = stored.seq;
    if (stored.type !== RUNTIME_MARKER) state = behaviour.evolve(state, upcastEvent(behaviour, stored), { ref, seq, atMs: stored.atMs });
    const meta = stored.meta;
    if (meta.commandId !== undefined) {
      recent ??= new RecentCommands();
      recent.add(meta.commandId);
    }
    if (meta.done !== undefined) for (const id of meta.done) effects?.delete(id);
    if (meta.effects === undefined) continue;
    effects ??= new Map();
    for (const effect of meta.effects) effects.set(effect.id, effect);
  }
  if (effects !== null) fillInputs(behaviour, effects, state);
  return { state, seq, snapshotSeq: usable?.seq ?? 0, recent, effects: effects !== null && effects.size > 0 ? effects : null };
}

/** Gives back the inputs that only the state holds; an effect whose input went with an erased person goes, too. */
function fillInputs(
  behaviour: DurableBehaviour<unknown, unknown, DomainEvent, unknown>,
  effects: Map<string, Effect>,
  state: unknown,
): void {
  for (const effect of effects.values()) {
    if (effect.type !== 'external' || effect.inState !== true) continue;
    const input = behaviour.effectInput?.(effect.id, state);
    if (input === undefined) effects.delete(effect.id);
    else effects.set(effect.id, { ...effect, input });
  }
}
