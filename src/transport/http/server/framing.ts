/**
 * What the headers of a request say as a whole: above all, whether they say clearly where its body ends. A proxy in front that reads
 * an unclear request differently would take part of it for the next request of somebody else. It must never know a route.
 */

interface HeaderSource {
  /** The first of that name; empty when there is none. */
  getHeader(name: string): string;
  /** Every header in turn, names in lower case. */
  forEachHeader(visit: (name: string, value: string) => void): void;
}

/** What the caller of an unclear request is told. */
export const AMBIGUOUS = 'The headers do not say clearly where the body ends.';

export function isAmbiguous(method: string, request: HeaderSource): boolean {
  // Nearly all requests without a body: not worth a look at every header.
  if (
    (method === 'GET' || method === 'HEAD') &&
    request.getHeader('content-length') === '' &&
    request.getHeader('transfer-encoding') === ''
  )
    return false;
  let lengths = 0;
  const codings: string[] = [];
  request.forEachHeader((name, value) => {
    if (name === 'content-length') lengths++;
    else if (name === 'transfer-encoding') codings.push(value);
  });
  return isUnclearEnd(lengths, codings);
}

/** Only one length, or only `chunked`, says it: the parser below takes any coding for `chunked`, and the first of two lengths. */
export function isUnclearEnd(lengths: number, codings: readonly string[]): boolean {
  if (lengths + codings.length > 1) return true;
  return codings[0] !== undefined && codings[0].trim().toLowerCase() !== 'chunked';
}

/** How many such headers there are, readable or not. @param name lower case */
export function timesSent(request: HeaderSource, name: string): number {
  let times = 0;
  request.forEachHeader((each) => {
    if (each === name) times++;
  });
  return times;
}
