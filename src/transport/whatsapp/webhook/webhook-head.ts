/** What the webhook reads of a post's headers, and the answer to a head that does not say where its body ends. Must never see a body. */
import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { AMBIGUOUS, isUnclearEnd } from '../../http/server/framing.ts';
import { answerWithProblem } from './problem-answer.ts';

export interface WebhookHead {
  /** Empty when the header is missing or repeated: then nothing can be verified. */
  signature: string;
  declaredBytes: number;
  /** Empty when the caller gave none. */
  requestId: string;
  /** It does not say clearly where its body ends. */
  isAmbiguous: boolean;
}

/** One pass over the headers: only so a repeated one is seen. */
export function headOf(req: HttpRequest): WebhookHead {
  let signatures = 0;
  let lengths = 0;
  const codings: string[] = [];
  const head: WebhookHead = { signature: '', declaredBytes: 0, requestId: '', isAmbiguous: false };
  req.forEachHeader((key, value) => {
    if (key === 'x-hub-signature-256') head.signature = ++signatures === 1 ? value : '';
    else if (key === 'content-length') {
      head.declaredBytes = Number(value) || 0;
      lengths++;
    } else if (key === 'transfer-encoding') codings.push(value);
    else if (key === 'x-request-id') head.requestId = value;
  });
  head.isAmbiguous = isUnclearEnd(lengths, codings);
  return head;
}

/**
 * Later: after an answer at once the parser would go on to what may be a smuggled request, whatever the answer says about closing. One
 * that follows an unanswered request costs the connection instead.
 */
export function refuseLater(res: HttpResponse, requestId: string): void {
  let isGone = false;
  res.onAborted(() => {
    isGone = true;
  });
  setImmediate(() => {
    if (!isGone) answerWithProblem(res, 'request.invalid', requestId, true, AMBIGUOUS);
  });
}
