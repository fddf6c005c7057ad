/** A driver's first visit on a slow line: what stands when, what a line that breaks leaves, and how much is sent. */
import { type AddressInfo, connect, createServer } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { launchBrowser, STEP_TIMEOUT_MS } from '../support/browser.ts';
import { type Server, serve } from './browser.ts';
import { FakeDispatch, TOKEN } from './fake-dispatch.ts';

/** With the heads of all answers, and with what the worker asks for: 7 s at 12 kB/s. */
const FIRST_VISIT_MAX_BYTES = 80_000;

let browser: Browser;
let server: Server;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  server = serve(new FakeDispatch());
  context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale: 'en-ZA' });
  page = await context.newPage();
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
});
afterEach(async () => {
  await context.close();
  await server.close();
  expect(server.defects).toEqual([]);
});

/** Holds the app itself back. @returns lets it through */
async function holdApp(): Promise<() => void> {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/drive/app.js', async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

const typeToken = async (): Promise<void> => {
  await page.fill('#token', `${server.url}/drive#token=${TOKEN}`);
};

it('the sign-in stands before the rest of the app is there, and what is typed by then is signed in with', async () => {
  const release = await holdApp();
  await page.goto(`${server.url}/drive`, { waitUntil: 'commit' });
  await typeToken();
  await page.click('button[type=submit]');
  await page.waitForSelector('main [role=status]:has-text("Checking your shift")');
  release();
  await page.waitForSelector('#shift:has-text("Go online")');
});

it('the rest of the app takes nothing away from who is typing', async () => {
  const release = await holdApp();
  await page.goto(`${server.url}/drive`, { waitUntil: 'commit' });
  await typeToken();
  release();
  await page.waitForSelector('[data-driver]');
  expect(await page.inputValue('#token')).toContain(TOKEN);
  expect(await page.evaluate('document.activeElement.id')).toBe('token');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#shift:has-text("Go online")');
  expect(await page.evaluate('document.activeElement.id')).toBe('main');
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.id')).toBe('shift');
});

it('an app that did not come is said, and a tap tries again', async () => {
  await page.route('**/drive/app.js', (route) => route.abort());
  await page.goto(`${server.url}/drive#token=${TOKEN}`, { waitUntil: 'commit' });
  await page.waitForSelector('[role=alert]:has-text("did not load")');
  await page.unroute('**/drive/app.js');
  await page.click('button:has-text("Try again")');
  await page.waitForSelector('#shift:has-text("Go online")');
});

it('the worker keeps what the page has loaded: no file is sent twice', async () => {
  let sentBytes = 0;
  const door = createServer((client) => {
    const upstream = connect(Number(new URL(server.url).port), '127.0.0.1');
    for (const end of [client, upstream]) end.on('error', () => [client, upstream].map((it) => it.destroy()));
    upstream.on('data', (bytes) => {
      sentBytes += bytes.length;
    });
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  await page.goto(`http://127.0.0.1:${(door.address() as AddressInfo).port}/drive`);
  await page.waitForSelector('#token');
  await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
  expect(sentBytes).toBeLessThan(FIRST_VISIT_MAX_BYTES);
  door.close();
});
