/** Problem documents of the webhook, which answers on a bare response. Must never hold internal text or personal data. */

import type { HttpResponse } from 'uWebSockets.js';
import { Problem, problemBody } from '../../http/problem.ts';
import { writeHead } from '../../http/server/reply-head.ts';
import { requestIdOf } from '../../http/server/wire.ts';

type WebhookProblem =
  | 'request.invalid'
  | 'request.overloaded'
  | 'request.too_large'
  | 'request.body_timeout'
  | 'runtime.unavailable'
  | 'webhook.challenge_failed'
  | 'webhook.invalid_signature'
  | 'webhook.not_durable';

/** Must be called while the response is alive. @param requestId the caller's, or empty: then one is made. */
export function answerWithProblem(
  res: HttpResponse,
  code: WebhookProblem,
  requestId: string,
  closeConnection = false,
  detail?: string,
): void {
  const problem = new Problem(code, detail === undefined ? {} : { detail });
  const id = requestIdOf(requestId);
  res.cork(() => {
    writeHead(res, id, { status: problem.status, headers: { 'content-type': 'application/problem+json' } });
    res.end(problemBody(problem, id), closeConnection);
  });
}
