/**
 * Status line and headers of a reply as uWebSockets has to be told them. It must never know a request's mode, nor whether a reply was
 * written before.
 */
import type { HttpResponse } from 'uWebSockets.js';
import type { HttpReply } from '../message.ts';
import { type Problem, problemBody, RETRYABLE_STATUS, retryAfterS } from '../problem.ts';
import { SECURITY_HEADERS, statusLine } from './wire.ts';

const NO_HEADERS: Readonly<Record<string, string>> = {};

/** Everything before the body; nothing of it may be written twice. */
export function writeHead(
  res: HttpResponse,
  requestId: string,
  { status, headers: given = NO_HEADERS }: Pick<HttpReply, 'status' | 'headers'>,
): void {
  res.writeStatus(statusLine(status));
  res.writeHeader('x-request-id', requestId);
  for (const [name, value] of SECURITY_HEADERS) if (given[name] === undefined) res.writeHeader(name, value);
  for (const name in given) writeSafely(res, name, given[name] as string);
  // Whoever may come again is told when, also where the answer was made by somebody who does not know.
  if (RETRYABLE_STATUS.has(status) && given['retry-after'] === undefined) res.writeHeader('retry-after', retryAfterS());
}

/**
 * Headers by hand, and no argument: uWebSockets sends an `undefined` length as 2^63, and awaits the body of any length that it is told, so
 * that the next request on the connection is never answered.
 * @param reportedBytes what GET would send; null where there is no length to report.
 */
export function endBodiless(res: HttpResponse, reportedBytes: number | null, close: boolean): void {
  if (reportedBytes !== null) res.writeHeader('content-length', String(reportedBytes));
  if (close) res.writeHeader('connection', 'close');
  res.endWithoutBody();
}

/** The whole reply to a handshake that leads to no socket; whoever shook hands has nothing else to say on this connection. */
export function refuseUpgrade(res: HttpResponse, problem: Problem, requestId: string): void {
  const headers = { 'content-type': 'application/problem+json', ...problem.extras.headers };
  res.cork(() => {
    writeHead(res, requestId, { status: problem.status, headers });
    res.end(problemBody(problem, requestId), true);
  });
}

/** uWebSockets writes headers as they are: a line break in a value would start a header of the attacker's choice. */
function writeSafely(res: HttpResponse, name: string, value: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what must not pass.
  res.writeHeader(name, /[\u0000-\u0008\u000a-\u001f\u007f]/.test(value) ? value.replace(/[\u0000-\u001f\u007f]/g, '') : value);
}
