/** The app as files: small, cached by content, complete for the worker, and under a strict policy. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { registerDrive } from '../../src/transport/drive/routes.ts';
import { HttpApp } from '../../src/transport/http/server/app.ts';
import { type Server, serve } from './browser.ts';
import { FakeDispatch } from './fake-dispatch.ts';

const WHOLE_APP_MAX_BYTES = 60_000;

let server: Server;
beforeEach(() => {
  server = serve(new FakeDispatch());
});
afterEach(() => server.close());

function filesOfApp() {
  const options = {
    maxInFlight: 1,
    bodyMaxBytes: 1,
    bodyTimeoutMs: 1,
    requestTimeoutMs: 1,
    nowMs: () => 0,
    monotonicMs: () => 0,
    onDefect: () => undefined,
  };
  return registerDrive(new HttpApp(options));
}

it('the whole app is a light download', () => {
  expect(filesOfApp().transferredBytes).toBeLessThan(WHOLE_APP_MAX_BYTES);
});

it('every file that the page or a module names is served', async () => {
  const { paths } = filesOfApp();
  const named = new Set<string>();
  for (const path of paths) {
    const body = await (await fetch(server.url + path)).text();
    for (const [, name] of body.matchAll(/(?:from '|(?:href|src)="|"src": ")(\.\.?\/[\w./-]+\.js|\/drive\/[\w./-]+)["']/g)) {
      // The page itself has no folder; whatever it names, it names by its whole path.
      named.add(new URL(name ?? '', server.url + path).pathname);
    }
  }
  expect([...named].filter((path) => !paths.includes(path))).toEqual([]);
  expect(paths.filter((path) => path.endsWith('.js') && path !== '/drive/sw.js' && !named.has(path))).toEqual([]);
});

it('an unchanged file is not sent again, and a compressed one is the same file', async () => {
  const first = await fetch(`${server.url}/drive/app.js`, { headers: { 'accept-encoding': 'identity' } });
  const etag = first.headers.get('etag') ?? '';
  const small = await fetch(`${server.url}/drive/app.js`, { headers: { 'accept-encoding': 'gzip' } });
  expect(small.headers.get('content-encoding')).toBe('gzip');
  expect(await small.text()).toBe(await first.text());
  expect((await fetch(`${server.url}/drive/app.js`, { headers: { 'if-none-match': etag } })).status).toBe(304);
});

it('the page runs nothing that is not its own', async () => {
  const policy = (await fetch(`${server.url}/drive`)).headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
  const page = await (await fetch(`${server.url}/drive`)).text();
  expect(page).not.toMatch(/<script(?![^>]*src=)|<style|style="|\son\w+=/);
});

it('the worker knows every file but itself, and may serve the page', async () => {
  const response = await fetch(`${server.url}/drive/sw.js`);
  const code = await response.text();
  const known = JSON.parse(/const FILES = (\[.*\]);/.exec(code)?.[1] ?? '[]') as string[];
  expect([...known, '/drive/sw.js'].toSorted()).toEqual([...filesOfApp().paths].toSorted());
  expect(response.headers.get('service-worker-allowed')).toBe('/drive');
});

it('the worker asks the server where the browser has lost what was kept', async () => {
  const code = await (await fetch(`${server.url}/drive/sw.js`)).text();
  const heard: Record<string, (event: object) => void> = {};
  const self = {
    location: { origin: server.url },
    addEventListener: (name: string, hear: (event: object) => void) => (heard[name] = hear),
  };
  const caches = { match: () => Promise.reject(new Error('gone')) };
  new Function('self', 'caches', 'fetch', code)(self, caches, async ({ url }: { url: string }) => `from ${url}`);
  const request = { method: 'GET', url: `${server.url}/drive/app.js` };
  const answer = new Promise((resolve) => heard.fetch?.({ request, respondWith: resolve }));
  expect(await answer).toBe(`from ${request.url}`);
});

it('the manifest makes it an app', async () => {
  const response = await fetch(`${server.url}/drive/manifest.webmanifest`);
  expect(response.headers.get('content-type')).toBe('application/manifest+json');
  const manifest = (await response.json()) as { start_url: string; display: string; icons: { src: string; sizes: string }[] };
  expect(manifest).toMatchObject({ start_url: '/drive', display: 'standalone' });
  expect(manifest.icons.map(({ sizes }) => sizes)).toContain('192x192');
});
