/**
 * Posts that are written to the intake log and worked on later: when, to which lanes, and how many may wait. Must never answer a
 * caller, nor read what was written.
 */
import type { IntakeLog } from '../../../ports.ts';
import type { WebhookPart } from '../webhook/webhook-parse.ts';
import type { IntakeBoard } from './intake-board.ts';
import { intakeLaneOf, intakeLanesOfPost, senderOf, threadOfIntakeLane } from './intake-lane.ts';
import type { StalledSenders } from './stalled-senders.ts';

/** When a post is written down and worked on later, instead of being worked on before it is answered. */
export interface IntakeRules {
  readonly log: IntakeLog;
  readonly board: IntakeBoard;
  readonly threads: number;
  /** Every post: replies are held back, so nothing is worked on. */
  readonly always: boolean;
  /** With more posts in work than this. */
  readonly above: number;
  /** What may wait for one worker. */
  readonly messagesMax: number;
  readonly bytesMax: number;
  /** Something was written for this worker's lanes. */
  wake(thread: number): void;
}

/** A post that may not be taken in whole: these parts are worked on, and it is told to come again. */
interface Refused {
  readonly parts: readonly WebhookPart[];
}
/** What becomes of a post: it is worked on now, written to these lanes, or refused. */
type Way = 'now' | readonly number[] | Refused;
const ALL_REFUSED: Refused = { parts: [] };

export class IntakeDeferral {
  readonly #rules: IntakeRules;

  constructor(rules: IntakeRules) {
    this.#rules = rules;
  }

  /**
   * Nothing overtakes what waits in its lane, or what is stalled of its sender; when too much is stalled already, its senders' parts are
   * left to come again, so that they fill the log for nobody else.
   * @param inWork posts in work, this one with them.
   */
  wayOf(parts: readonly WebhookPart[], inWork: number): Way {
    const { always, above, board } = this.#rules;
    const must = always || inWork > above;
    const anyStalled = board.anyStalled;
    if (!must && !anyStalled && !this.#isAnyOccupied()) return 'now';
    const lanes = intakeLanesOfPost(parts);
    const waits = must || this.#isOneOccupied(lanes);
    if (!anyStalled) return waits ? lanes : 'now';
    const known = parts.map((part) => this.#stalledOf(part));
    if (known.some((stalled) => stalled?.isFull === true))
      return waits ? ALL_REFUSED : { parts: parts.filter((_, at) => known[at] === null) };
    return waits || known.some((stalled) => stalled !== null) ? lanes : 'now';
  }

  /** A post of several lanes is written to each, and each takes its own parts of it. @returns false when it is not durable. Total. */
  async write(lanes: readonly number[], body: Buffer): Promise<boolean> {
    const { board, threads } = this.#rules;
    const bytes = body.length;
    if (this.#isOneFull(lanes, bytes)) return false;
    const written = await Promise.all(lanes.map((lane) => this.#append(lane, body)));
    for (const [i, lane] of lanes.entries()) {
      if (written[i] !== true) continue;
      const thread = threadOfIntakeLane(lane, threads);
      // Before the answer: whoever sends on after it finds the lane occupied, on every worker.
      board.appended(thread, bytes);
      this.#rules.wake(thread);
    }
    return !written.includes(false);
  }

  #append(lane: number, body: Buffer): Promise<boolean> {
    return this.#rules.log.append(lane, body).then(
      () => true,
      // The caller is told to come again: whatever the reason, nothing else is to do.
      () => false,
    );
  }

  /** @returns those to whom the sender of a part belongs, or null. */
  #stalledOf(part: WebhookPart): StalledSenders | null {
    const sender = senderOf(part);
    if (sender === null) return null;
    const { board, threads } = this.#rules;
    const stalled = board.stalled(threadOfIntakeLane(intakeLaneOf(part), threads));
    return stalled.any && stalled.has(sender) ? stalled : null;
  }

  #isAnyOccupied(): boolean {
    const { board, threads } = this.#rules;
    for (let thread = 0; thread < threads; thread++) if (board.occupied(thread)) return true;
    return false;
  }

  #isOneOccupied(lanes: readonly number[]): boolean {
    const { board, threads } = this.#rules;
    for (const lane of lanes) if (board.occupied(threadOfIntakeLane(lane, threads))) return true;
    return false;
  }

  #isOneFull(lanes: readonly number[], bytes: number): boolean {
    const { board, threads, messagesMax, bytesMax } = this.#rules;
    for (const lane of lanes) {
      const waiting = board.waiting(threadOfIntakeLane(lane, threads));
      if (waiting.messages >= messagesMax || waiting.bytes + bytes > bytesMax) return true;
    }
    return false;
  }
}
