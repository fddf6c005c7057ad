/**
 * Whether a page of another site sends a request that nobody signs. Any page can post to whatever its reader's browser reaches; browsers
 * say which page asks, programs say nothing. Must never know what is asked for.
 */
import { isIP } from 'node:net';
import type { HttpRequest } from './message.ts';

/** To be read of such a request's head. */
export const ORIGIN_HEADERS = ['origin', 'host'];

/** Which pages are ours beside those of an address or of `localhost`. */
export interface OwnPages {
  /** Host, and port where it is not the usual one, under which we are known; null for none. */
  readonly publicHost: string | null;
  /** Whatever name a browser came by: where the server is meant to be reached from other machines. */
  readonly believesNames: boolean;
}

const NONE: OwnPages = { publicHost: null, believesNames: false };

/** A name that leads here may have been pointed here by the owner of a page of that name ("DNS rebinding"), so names are not believed as such. */
export function isFromForeignPage(request: Pick<HttpRequest, 'header'>, { publicHost, believesNames }: OwnPages = NONE): boolean {
  const origin = request.header('origin');
  if (origin === '') return false;
  const from = URL.canParse(origin) ? new URL(origin) : null;
  if (from === null) return true;
  if (from.host !== '' && from.host === publicHost) return false;
  if (from.host !== request.header('host').toLowerCase()) return true;
  const name = from.hostname.replace(/^\[(.*)\]$/, '$1');
  return !(believesNames || name === 'localhost' || isIP(name) !== 0);
}
