/**
 * Whose no it is: what stands between phone and server (a gateway, a firewall, a network's sign-in page) answers in the server's name,
 * and none of it knows a driver or an order. Must never decide what follows.
 */

/** As every code of the server is written: its group, then the reason. */
const CODE = /^[a-z_]+\.[a-z_]+$/;

/**
 * @param response one that is not `ok`, its body unread
 * @returns the code of the server's problem document (RFC 9457); null when somebody else has spoken, as far as it can be told by the
 *   shape: a page of HTML, an empty answer and a gateway's own JSON have no such code
 */
export async function codeOf(response) {
  const problem = await response.json().catch(() => null);
  const code = problem?.code;
  return typeof code === 'string' && CODE.test(code) ? code : null;
}

/** @returns whether this is a web page, which the server's API never gives: somebody wants a sign-in, or excuses itself, with any status */
export const isPage = (response) => (response.headers.get('content-type') ?? '').startsWith('text/html');
