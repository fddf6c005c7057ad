/**
 * Who runs a cell's turns: one at a time for a cell, fair between cells. The port is narrow so that the
 * actor kernel underneath can be exchanged; one contract suite runs on every implementation.
 */

/** One turn of a cell. Must not throw; a returned promise ends the turn when it settles. */
export type Turn = () => void | Promise<void>;

export interface Slot {
  /** Asks for one more turn. Turns of one slot never overlap. */
  schedule(): void;
  /** No turn starts after this. A turn in progress finishes. */
  stop(): void;
}

export interface Executor {
  /** `group` is the shard: slots of a group are siblings under one parent. */
  spawn(group: number, turn: Turn): Slot;
  /** Stops every slot, then the executor. */
  close(): void;
}
