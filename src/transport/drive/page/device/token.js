/** A driver's token: where it stands, and whose it is. It must never keep one. */

/** @returns the driver's id in the token, without believing it; null when it is no token */
export function subjectOf(token) {
  try {
    const [, body] = token.split('.');
    const claims = JSON.parse(atob(body.replaceAll('-', '+').replaceAll('_', '/')));
    return typeof claims.sub === 'string' && claims.sub !== '' ? claims.sub : null;
  } catch {
    return null;
  }
}

/** @returns the token in a pasted link or code, null when there is none */
export function tokenIn(text) {
  const pasted = /(?:^|#|&)token=([^&\s]+)/.exec(text)?.[1] ?? text.trim();
  return subjectOf(pasted) === null ? null : pasted;
}

/** Takes the token out of the address bar, so that it is in no history and on no screenshot. @returns it, or null */
export function takeTokenFromAddress() {
  if (!location.hash.includes('token=')) return null;
  const token = tokenIn(location.hash);
  history.replaceState(null, '', location.pathname + location.search);
  return token;
}
