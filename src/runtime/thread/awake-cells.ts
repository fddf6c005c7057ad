/** Who is awake on a thread: its cells by kind, tenant and id. Must never know what a message says, nor when somebody falls asleep. */
import type { AnyBehaviour } from '../behaviour.ts';
import type { Cell } from '../cell/cell.ts';
import type { EntityRef } from '../entity.ts';

/** The awake actors of one kind and one tenant. */
interface Group {
  readonly behaviour: AnyBehaviour;
  readonly tenantId: number;
  readonly cells: Map<string, Cell>;
}

interface Kind {
  readonly behaviour: AnyBehaviour;
  readonly groups: Map<number, Group>;
}

export class AwakeCells {
  readonly #kinds: ReadonlyMap<string, Kind>;
  #count = 0;
  /** Messages come in runs: the group of the last one is mostly that of the next. */
  #recent: Group | null = null;

  constructor(behaviours: readonly AnyBehaviour[]) {
    this.#kinds = new Map(behaviours.map((behaviour) => [behaviour.kind, { behaviour, groups: new Map() }]));
  }

  get count(): number {
    return this.#count;
  }

  /** Pairs of kind and tenant of whom somebody is awake. O(kinds). */
  get groups(): number {
    let groups = 0;
    for (const kind of this.#kinds.values()) groups += kind.groups.size;
    return groups;
  }

  /** An empty one is remembered with its first cell. @returns null for a kind that nobody behaves as. */
  groupOf(ref: EntityRef): Group | null {
    const recent = this.#recent;
    if (recent !== null && recent.tenantId === ref.tenantId && recent.behaviour.kind === ref.kind) return recent;
    const kind = this.#kinds.get(ref.kind);
    if (kind === undefined) return null;
    let group = kind.groups.get(ref.tenantId);
    if (group === undefined) {
      group = { behaviour: kind.behaviour, tenantId: ref.tenantId, cells: new Map() };
    }
    this.#recent = group;
    return group;
  }

  /** @param group that of the cell's entity, where nobody of this id is awake */
  add(group: Group, cell: Cell): void {
    if (group.cells.size === 0) this.#kinds.get(cell.ref.kind)?.groups.set(group.tenantId, group);
    group.cells.set(cell.ref.id, cell);
    this.#count++;
  }

  /** @returns false when another incarnation has taken its place, or nobody. */
  remove(cell: Cell): boolean {
    const cells = this.groupOf(cell.ref)?.cells;
    if (cells?.get(cell.ref.id) !== cell) return false;
    cells.delete(cell.ref.id);
    this.#count--;
    // Else there would be as many as tenants ever came by.
    if (cells.size === 0) {
      this.#kinds.get(cell.ref.kind)?.groups.delete(cell.ref.tenantId);
      this.#recent = null;
    }
    return true;
  }

  /** A copy for each group: whoever is stopped may wake another one of it, which is not visited. O(entities). */
  *all(): Iterable<Cell> {
    for (const { groups } of this.#kinds.values()) for (const { cells } of [...groups.values()]) yield* [...cells.values()];
  }

  clear(): void {
    for (const kind of this.#kinds.values()) kind.groups.clear();
    this.#recent = null;
    this.#count = 0;
  }
}
