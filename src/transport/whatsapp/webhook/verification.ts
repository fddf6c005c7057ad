/** The subscription's verification call: prove that the verify token is ours by repeating the challenge. */

import type { HttpResponse } from 'uWebSockets.js';
import { createHash, timingSafeEqual } from 'node:crypto';
import { writeHead } from '../../http/server/reply-head.ts';
import { answerWithProblem } from './problem-answer.ts';

/** @param token ours; empty means that no call verifies. */
export function answerVerification(res: HttpResponse, query: URLSearchParams, token: string, requestId: string): void {
  const [mode, given, challenge] = ['hub.mode', 'hub.verify_token', 'hub.challenge'].map((name) => only(query.getAll(name)));
  if (mode === undefined || given === undefined || challenge === undefined) {
    answerWithProblem(res, 'request.invalid', requestId, false, 'hub.mode, hub.verify_token and hub.challenge are needed, each once');
    return;
  }
  if (mode !== 'subscribe' || token === '' || !sameToken(given, token)) {
    answerWithProblem(res, 'webhook.challenge_failed', requestId);
    return;
  }
  res.cork(() => {
    // The challenge is the caller's text: plain, and no browser may think otherwise.
    writeHead(res, requestId, { status: 200, headers: { 'content-type': 'text/plain' } });
    res.end(challenge);
  });
}

function only(values: readonly string[]): string | undefined {
  return values.length === 1 && values[0] !== '' ? values[0] : undefined;
}

/** Digests have one length, so that not even the token's length shows in the time. */
function sameToken(given: string, token: string): boolean {
  return timingSafeEqual(createHash('sha256').update(given).digest(), createHash('sha256').update(token).digest());
}
