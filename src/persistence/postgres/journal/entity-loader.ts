/** Recovery of entities: those asked for in one turn are read together, a few groups at a time. */
import pg from 'pg';
import type { EntityRef } from '../../../runtime/entity.ts';
import { type LoadedEntity, type StoredSnapshot, UnreadableEntity } from '../../../runtime/journal/store.ts';
import { int2Array, int4Array, textArray } from '../binary-arrays.ts';
import { decode } from '../encoding.ts';
import { Grouped } from '../grouped.ts';
import { isAnswerLate } from '../outage.ts';
import { BEGIN_SNAPSHOT, COMMIT, roundTripOn } from '../round-trip.ts';
import type { PersonalCodec } from '../seal/personal-codec.ts';
import { scopeTo } from '../tenant-scope.ts';
import { type EventRow, storedEvent } from './event-row.ts';

/** Entities of one query. */
const GROUP_MAX = 128;
/** Queries in flight; the pool should have as many connections. */
const GROUPS_IN_FLIGHT = 3;
/** Of a group that is read one by one: so many that fail, and it is no longer one of them but the database. */
const FAILURES_ALONE_MAX = 3;
/** What one entity can bring upon its group: bytes or sizes that the server refuses (22, 54), a damaged page (XX), a journal that outlasts the time or the memory of a statement. */
const PERHAPS_OF_ONE = /^(?:22...|54...|XX...|57014|53200)$/;

interface EntityKind {
  readonly kindCode: number;
  /** Of the state; a snapshot of another one is as good as none. */
  readonly stateVersion: number;
}

interface Wanted {
  readonly ref: EntityRef;
  readonly kind: EntityKind;
  resolve(entity: LoadedEntity): void;
  reject(error: unknown): void;
}

interface SnapshotRow {
  readonly i: number;
  readonly seq: string;
  readonly state_ver: number;
  readonly subject_id: string | null;
  readonly body: Buffer;
}

type IndexedEventRow = EventRow & { readonly i: number };

/** What was found, in the order of the group. */
interface Answer {
  readonly snapshots: readonly (SnapshotRow | undefined)[];
  readonly events: readonly (readonly EventRow[])[];
}

const KEYS =
  'unnest($1::int[], $2::smallint[], $3::text[], $4::smallint[]) with ordinality as k (tenant_id, entity_type, entity_id, state_ver, i)';
const SNAPSHOTS = `select k.i::int, s.seq, s.state_ver, s.subject_id, s.body from ${KEYS}
  join app.snapshots s on s.tenant_id = k.tenant_id and s.entity_type = k.entity_type and s.entity_id = k.entity_id and s.state_ver = k.state_ver`;
const EVENTS = `select k.i::int, j.seq, j.pos, j.at_ms, j.event_type, j.event_ver, j.subject_id, j.data, j.personal, j.effects, j.meta from ${KEYS}
  cross join lateral (select coalesce((select s.seq from app.snapshots s
    where s.tenant_id = k.tenant_id and s.entity_type = k.entity_type and s.entity_id = k.entity_id and s.state_ver = k.state_ver), 0) as seq) as base
  cross join lateral (select * from app.journal j
    where j.tenant_id = k.tenant_id and j.entity_type = k.entity_type and j.entity_id = k.entity_id and j.seq > base.seq order by j.seq) as j
  order by k.i, j.seq`;

export class EntityLoader {
  readonly #pool: pg.Pool;
  readonly #personal: PersonalCodec;
  readonly #questions = new Grouped<Wanted>({
    max: GROUP_MAX,
    inFlightMax: GROUPS_IN_FLIGHT,
    ask: (group) => this.#ask(group),
    failed: (group, error) => {
      for (const wanted of group) wanted.reject(error);
    },
  });

  constructor(pool: pg.Pool, personal: PersonalCodec) {
    this.#pool = pool;
    this.#personal = personal;
  }

  /** Rejects when the database is away or this entity cannot be read. An unknown entity is empty, not missing. */
  load(ref: EntityRef, kind: EntityKind): Promise<LoadedEntity> {
    return new Promise((resolve, reject) => this.#questions.want({ ref, kind, resolve, reject }));
  }

  /** A group that cannot be read together is read one by one, so that only the one to blame goes without. */
  async #ask(group: readonly Wanted[]): Promise<void> {
    try {
      await this.#answer(group);
    } catch (error) {
      if (group.length === 1 || !isPerhapsOfOne(error)) throw error;
      await this.#askOneByOne(group);
    }
  }

  /** Takes at most `FAILURES_ALONE_MAX` statements' time beyond that of those who can be read. */
  async #askOneByOne(group: readonly Wanted[]): Promise<void> {
    let failures = 0;
    for (const [i, wanted] of group.entries()) {
      try {
        await this.#answer([wanted]);
      } catch (error) {
        failures++;
        if (failures === FAILURES_ALONE_MAX || !isPerhapsOfOne(error)) {
          for (const left of group.slice(i)) left.reject(error);
          return;
        }
        wanted.reject(error);
      }
    }
  }

  async #answer(group: readonly Wanted[]): Promise<void> {
    const answer = await this.#read(group);
    for (const [i, wanted] of group.entries()) this.#settle(wanted, answer.snapshots[i], answer.events[i] ?? []);
  }

  async #read(group: readonly Wanted[]): Promise<Answer> {
    const keys = [
      int4Array(group.map((w) => w.ref.tenantId)),
      int2Array(group.map((w) => w.kind.kindCode)),
      textArray(group.map((w) => w.ref.id)),
      int2Array(group.map((w) => w.kind.stateVersion)),
    ];
    const tenants = [...new Set(group.map((wanted) => wanted.ref.tenantId))];
    const answers = await roundTripOn(this.#pool, [
      BEGIN_SNAPSHOT,
      scopeTo('tenants', tenants),
      { name: 'load_snapshots', text: SNAPSHOTS, values: keys, rows: true },
      { name: 'load_events', text: EVENTS, values: keys, rows: true },
      COMMIT,
    ]);
    const snapshots = answers[2] as readonly SnapshotRow[];
    const events = answers[3] as readonly IndexedEventRow[];
    await this.#personal.ensure(subjectsOf(group, snapshots, events));
    return answerOf(group, snapshots, events);
  }

  /** One that cannot be read (bytes of another key, a version nobody knows) is nobody's misfortune but its own. */
  #settle({ ref, resolve, reject }: Wanted, snapshot: SnapshotRow | undefined, events: readonly EventRow[]): void {
    try {
      resolve({
        snapshot: snapshot === undefined ? null : this.#snapshot(ref, snapshot),
        events: events.map((row) => storedEvent(ref, row, this.#personal)),
      });
    } catch (error) {
      reject(new UnreadableEntity(error));
    }
  }

  /** @throws when it cannot be opened. An erased person has none: it was removed with the key. */
  #snapshot(ref: EntityRef, row: SnapshotRow): StoredSnapshot {
    const seq = Number(row.seq);
    let packed: Buffer | undefined = row.body;
    if (row.subject_id !== null) {
      packed = this.#personal.open(ref.tenantId, row.subject_id, row.body, `snapshot/${ref.tenantId}/${ref.kind}/${ref.id}/${seq}`) as
        | Buffer
        | undefined;
      if (packed === undefined) throw new Error('snapshot of an erased person was not removed');
    }
    return { seq, stateVersion: row.state_ver, body: decode(packed) };
  }
}

/** An answer that is late may be so for one journal, too; what is read next has a new connection, and fails at once where nobody answers that. */
function isPerhapsOfOne(error: unknown): boolean {
  return isAnswerLate(error) || (error instanceof pg.DatabaseError && PERHAPS_OF_ONE.test(error.code ?? ''));
}

/** The rows by entity, in the order of the group. */
function answerOf(group: readonly Wanted[], snapshots: readonly SnapshotRow[], events: readonly IndexedEventRow[]): Answer {
  const answer = { snapshots: group.map((): SnapshotRow | undefined => undefined), events: group.map((): EventRow[] => []) };
  for (const row of snapshots) answer.snapshots[row.i - 1] = row;
  for (const row of events) answer.events[row.i - 1]?.push(row);
  return answer;
}

function subjectsOf(
  group: readonly Wanted[],
  snapshots: readonly SnapshotRow[],
  events: readonly IndexedEventRow[],
): { tenantId: number; subjectId: string }[] {
  const found = new Map<string, { tenantId: number; subjectId: string }>();
  for (const row of [...snapshots, ...events]) {
    if (row.subject_id === null) continue;
    const tenantId = (group[row.i - 1] as Wanted).ref.tenantId;
    found.set(`${tenantId}/${row.subject_id}`, { tenantId, subjectId: row.subject_id });
  }
  return [...found.values()];
}
