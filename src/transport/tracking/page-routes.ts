/** The tracking page and its few files. Everything that it shows comes from the hub; it must never know why a link is dead. */
import { createHash, type KeyObject } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { escapeHtml } from '../http/escape-html.ts';
import { type HttpReply, type HttpRequest, queryOf } from '../http/message.ts';
import { Problem } from '../http/problem.ts';
import type { HttpApp } from '../http/server/app.ts';
import { answerWith, readStaticFile, STATIC_FILE_HEADERS, type StaticFile } from '../http/static-file.ts';
import type { TrackingHub } from './hub.ts';
import type { TrackSnapshot } from './snapshot.ts';
import { PAGE_TEXT, type PageLanguage, type PageText, pageLanguage } from './text.ts';
import { readTrackingToken } from './token.ts';

/** What the page starts with; `over` and `gone` are its last words. */
type PageState =
  | { readonly state: 'live'; readonly path: string; readonly track: TrackSnapshot | null }
  | { readonly state: 'over'; readonly outcome: string }
  | { readonly state: 'gone' };

const PAGE_TYPE = 'text/html; charset=utf-8';
const SCRIPT_TYPE = 'text/javascript; charset=utf-8';
/** The files' names are a fixed list, so that no path of a request ever reaches the disk. */
const ASSET_TYPES: Readonly<Record<string, string>> = {
  'page.css': 'text/css; charset=utf-8',
  'page.js': SCRIPT_TYPE,
  'live.js': SCRIPT_TYPE,
  'map.js': SCRIPT_TYPE,
};
/** Everything comes from this server; nothing inline runs. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** The sign of a page without a map: a tick only for what was delivered, dots while it goes on elsewhere, otherwise a cross. */
const CROSS = 'M17 17l14 14M31 17l-14 14';
const MARKS = { delivered: 'M14 25l7 7 14-15', reassigned: 'M14 24h.1M24 24h.1M34 24h.1', ended: CROSS, gone: CROSS } as const;
const FOREVER = 'public, max-age=31536000, immutable';
const VERSION_CHARS = 10;

/** Reads the page's files once: a missing file throws here, at start, and not in a request. */
export function registerTrackingPage(app: HttpApp, hub: TrackingHub, key: KeyObject): void {
  const file = (type: string, name: string): StaticFile => readStaticFile(type, new URL(`./page/${name}`, import.meta.url));
  const template = file(PAGE_TYPE, 'page.html').plain.toString('utf8');
  const assets = new Map(Object.entries(ASSET_TYPES).map(([name, type]) => [name, file(type, name)]));
  const version = versionOf(assets);

  const page = async (request: HttpRequest): Promise<HttpReply> => {
    const language = pageLanguage(queryOf(request).lang, request.header('accept-language'));
    const { status, state } = await stateOf(hub, key, request.params.token ?? '');
    const isPacked = /\bgzip\b/.test(request.header('accept-encoding'));
    const body = render(template, version, language, state, hub.nowMs());
    return {
      status,
      headers: {
        'content-type': PAGE_TYPE,
        'content-security-policy': PAGE_POLICY,
        'content-language': language,
        vary: 'accept-language, accept-encoding',
        ...(isPacked ? { 'content-encoding': 'gzip' } : {}),
      },
      body: isPacked ? gzipSync(body) : body,
    };
  };
  app.route('GET', '/t/:token', page, { headers: ['accept-language', 'accept-encoding'] });
  const asset = (request: HttpRequest): HttpReply => {
    const found = assets.get(request.params.name ?? '');
    if (found === undefined) throw new Problem('request.not_found');
    // While versions change, a page of the other one gets what there is, but does not keep it.
    return answerWith(found, { 'cache-control': request.params.version === version ? FOREVER : 'no-store' })(request);
  };
  app.route('GET', '/t/assets/:version/:name', asset, { headers: STATIC_FILE_HEADERS });
}

async function stateOf(hub: TrackingHub, key: KeyObject, token: string): Promise<{ readonly status: number; readonly state: PageState }> {
  const ticket = readTrackingToken(key, token);
  if (ticket === null) return { status: 404, state: { state: 'gone' } };
  const path = `/v1/track/${token}`;
  try {
    hub.admit(ticket);
    return { status: 200, state: { state: 'live', path, track: await hub.look(ticket) } };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.code === 'tracking.ended')
      return { status: 410, state: { state: 'over', outcome: String(error.extras.details?.outcome ?? 'ended') } };
    if (error.code === 'tracking.not_found') return { status: 404, state: { state: 'gone' } };
    // Busy or restarting: the page opens all the same and asks again by itself.
    return { status: 200, state: { state: 'live', path, track: null } };
  }
}

function versionOf(assets: ReadonlyMap<string, StaticFile>): string {
  const hash = createHash('sha256');
  for (const { plain } of assets.values()) hash.update(plain);
  return hash.digest('hex').slice(0, VERSION_CHARS);
}

function render(template: string, version: string, language: PageLanguage, state: PageState, nowMs: number): string {
  const text = PAGE_TEXT[language];
  const end = endOf(state);
  const data = JSON.stringify({ ...state, now_ms: nowMs, text, marks: MARKS }).replaceAll('<', '\\u003c');
  const other = language === 'en' ? 'zu' : 'en';
  const [headline, more] = wordsOf(state, text);
  const values: Readonly<Record<string, string>> = {
    ...text,
    version,
    language,
    other,
    headline,
    more,
    state: state.state,
    end,
    mark: MARKS[end],
  };
  // A function as replacement: `$&` in a value stays what it is.
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => (name === 'data' ? data : escapeHtml(values[name] ?? '')));
}

function endOf(state: PageState): keyof typeof MARKS {
  if (state.state !== 'over') return 'gone';
  return state.outcome === 'delivered' || state.outcome === 'reassigned' ? state.outcome : 'ended';
}

/** What stands at the top before any script runs. */
function wordsOf(state: PageState, text: PageText): readonly [string, string] {
  if (state.state === 'live') return [headlineOf(state.track, text), ''];
  if (state.state === 'gone') return [text.gone, text.gone_more];
  if (state.outcome === 'delivered') return [text.over_delivered, text.over_delivered_more];
  if (state.outcome === 'reassigned') return [text.over_reassigned, text.over_reassigned_more];
  return [text.over_ended, text.over_ended_more];
}

function headlineOf(track: TrackSnapshot | null, text: PageText): string {
  const template = track === null ? undefined : text[`head_${isBusy(track) ? 'busy' : track.phase}` as keyof PageText];
  if (track === null || template === undefined) return text.title;
  const values: Readonly<Record<string, string>> = { name: track.driver.name ?? text.a_driver, shop: track.pickup.name };
  return template.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}

/** Riding to this customer's stop, but by way of another's. At a stop the phase says it all. */
function isBusy(track: TrackSnapshot): boolean {
  return track.busy_elsewhere && (track.phase === 'assigned' || track.phase === 'picked_up');
}
