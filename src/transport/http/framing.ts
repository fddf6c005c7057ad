/**
 * What the headers of a request say as a whole: above all, whether they say clearly where its body ends. A proxy in front that reads an unclear one differently would take part of
 * it for the next request of somebody else. It must never know a route.
 */

export interface HeaderSource {
  /** The first of that name; empty when there is none. */
  getHeader(name: string): string;
  /** Every header in turn, names in lower case. */
  forEachHeader(visit: (name: string) => void): void;
}

export function isAmbiguous(method: string, request: HeaderSource): boolean {
  const length = request.getHeader('content-length');
  const coding = request.getHeader('transfer-encoding');
  // Nearly all requests without a body: not worth a look at every header.
  if (length === '' && coding === '' && (method === 'GET' || method === 'HEAD')) return false;
  // The parser below takes any coding for `chunked`.
  if (coding !== '' && (length !== '' || coding.trim().toLowerCase() !== 'chunked')) return true;
  let said = 0;
  request.forEachHeader((name) => {
    if (name === 'content-length' || name === 'transfer-encoding') said++;
  });
  return said > 1;
}

/** Whether there is such a header, readable or not. @param name lower case */
export function isSent(request: HeaderSource, name: string): boolean {
  let found = false;
  request.forEachHeader((each) => {
    if (each === name) found = true;
  });
  return found;
}
