/** Every bound of one thread's runtime, as the configuration gives them. */
import type { CellLimits } from '../cell/cell-host.ts';
import type { LinkCredit } from './link.ts';

export interface RuntimeLimits extends CellLimits {
  /** Commands that may wait at all actors of this thread. */
  readonly mailboxTotal: number;
  /** Messages and bytes on their way to one other thread. */
  readonly linkCredit: LinkCredit;
  /** Entities kept in memory on this thread; beyond it the least recently used go to sleep. */
  readonly entityMax: number;
  readonly idleMs: number;
  /** Most events in one group commit. */
  readonly batchMax: number;
  /** How long an event waits for company before its batch leaves. */
  readonly flushMs: number;
}
