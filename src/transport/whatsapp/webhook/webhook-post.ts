/**
 * One post from its first byte to its one answer, and that it is answered in time whatever hangs. Must never know what is done
 * with the body: the desk says, and counts.
 */
import type { HttpResponse } from 'uWebSockets.js';
import { requestIdOf } from '../../http/server/wire.ts';
import { answerWithProblem } from './problem-answer.ts';
import { Body, type BodyEvents } from './request-body.ts';
import type { WebhookHead } from './webhook-head.ts';

/** Everything of it is durable; its signature is wrong; it is to come again. */
export type Verdict = 200 | 401 | 503;

/** What a post needs of the webhook that took it in. */
export interface PostDesk {
  readonly counters: { unavailable: number; aborted: number };
  /** Answers close their connections. */
  readonly isDraining: boolean;
  readonly bodyMaxBytes: number;
  readonly bodyTimeoutMs: number;
  /** Uses the body before its first await only. Rejects for a defect; `failed` hears of it. */
  accept(body: Buffer, signature: string): Promise<Verdict>;
  /** A post is over: it no longer counts against the bound. Once each. */
  leave(): void;
  /** A defect on the way to a verdict. */
  failed(error: unknown): void;
}

/** Whatever hangs (a frozen database, a lost network), the caller hears by then. Meta waits for some seconds. */
const ANSWER_WITHIN_MS = 3_000;

/**
 * - *arriving*: from the start, while the body is on its way. Too large, too slow or given up by its client it is over at once.
 * - *in work*: with the whole body. Answered by the verdict, or by the clock when that comes first.
 * - *over*: with the verdict; one that was answered by the clock counts until then, because its work goes on.
 */
export class WebhookPost implements BodyEvents {
  readonly #desk: PostDesk;
  readonly #res: HttpResponse;
  readonly #head: WebhookHead;
  readonly #body: Body;
  #isAnswered = false;
  #late: NodeJS.Timeout | undefined;

  constructor(desk: PostDesk, res: HttpResponse, head: WebhookHead) {
    this.#desk = desk;
    this.#res = res;
    this.#head = head;
    this.#body = new Body(res, desk.bodyMaxBytes, desk.bodyTimeoutMs, this);
  }

  complete(body: Buffer): void {
    this.#late = setTimeout(() => this.#answer(503), ANSWER_WITHIN_MS);
    const over = (verdict: Verdict): void => {
      // Not before: work that outlives its answer still counts against the bound.
      this.#desk.leave();
      this.#answer(verdict);
    };
    this.#desk.accept(body, this.#head.signature).then(over, (error: unknown) => {
      this.#desk.failed(error);
      over(503);
    });
  }

  tooLarge(): void {
    this.#desk.leave();
    answerWithProblem(this.#res, 'request.too_large', this.#head.requestId, true);
  }

  tooSlow(): void {
    this.#desk.leave();
    answerWithProblem(this.#res, 'request.body_timeout', this.#head.requestId, true);
  }

  aborted(): void {
    this.#desk.leave();
    this.#desk.counters.aborted++;
  }

  #answer(verdict: Verdict): void {
    clearTimeout(this.#late);
    if (this.#isAnswered || this.#body.gone) return;
    this.#isAnswered = true;
    const { isDraining, counters } = this.#desk;
    if (verdict === 503) counters.unavailable++;
    if (verdict === 200) this.#res.cork(() => this.#taken(isDraining));
    else {
      const code = verdict === 401 ? 'webhook.invalid_signature' : 'webhook.not_durable';
      answerWithProblem(this.#res, code, this.#head.requestId, isDraining);
    }
  }

  /** Short: Meta reads the status alone. Whoever follows a request by its id finds it. */
  #taken(closeConnection: boolean): void {
    const { requestId } = this.#head;
    if (requestId !== '') this.#res.writeHeader('x-request-id', requestIdOf(requestId));
    this.#res.endWithoutBody(0, closeConnection);
  }
}
