/** The driver's app in a real browser on a phone of 360 px, against the strict fake. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import { registerDrive } from '../../src/transport/drive/routes.ts';
import { STEP_TIMEOUT_MS } from '../support/browser.ts';
import { plainApp } from '../support/plain-app.ts';
import { DRIVER_ID, type FakeDispatch, TOKEN } from './fake-dispatch.ts';

const PHONE = { width: 360, height: 740 };

export interface Server {
  readonly url: string;
  readonly defects: unknown[];
  close(): Promise<unknown>;
}

export function serve(fake: FakeDispatch, port = 0): Server {
  const { app, defects } = plainApp();
  registerDrive(app);
  fake.register(app);
  const url = `http://127.0.0.1:${app.listen('127.0.0.1', port)}`;
  return { url, defects, close: () => app.drain(1_000) };
}

/** @returns a script: a transaction over this store that ends only with the page, so whatever is written waits behind it */
export function busyDisk(store: 'actions' | 'proofs'): string {
  return `new Promise((resolve, reject) => {
    const opening = indexedDB.open('wakala-drive-${DRIVER_ID}');
    opening.onerror = reject;
    opening.onsuccess = () => {
      const held = opening.result.transaction('${store}', 'readwrite').objectStore('${store}');
      const again = () => { held.count().onsuccess = again; resolve(); };
      again();
    };
  })`;
}

/** Writes down every notice that stands on the page: good news leaves it after some seconds, however late anybody looks. */
const KEEP_TOLD = `{
  window.told = [];
  const take = (node) => node.classList?.contains('notice') && node.checkVisibility() && window.told.push([node.className, node.textContent]);
  const watch = new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach(take)));
  watch.observe(document, { childList: true, subtree: true });
}`;

/** Waits until a notice with these words was seen on the page since it was loaded; it may have left again. */
export async function told(page: Page, words: string, tone = ''): Promise<void> {
  const isTold = `window.told.some(([name, text]) => name.includes(${JSON.stringify(tone)}) && text.includes(${JSON.stringify(words)}))`;
  await expect.poll(() => page.evaluate(isTold), { timeout: STEP_TIMEOUT_MS }).toBe(true);
}

/** The page is asked to stop its clock so far ahead; a machine that takes longer to ask is asked again. */
const HOLD_AHEAD_MS = 1_000;
const HOLD_TRIES = 30;

/** No time goes by for the page until `page.clock.resume()`: what it does after a while stays to come, however slow the machine. */
export async function holdClock(page: Page): Promise<void> {
  await page.clock.install({ time: Date.now() });
  for (let tries = 1; ; tries++) {
    try {
      return await page.clock.pauseAt(Date.now() + HOLD_AHEAD_MS);
    } catch (error) {
      if (tries === HOLD_TRIES || !String(error).includes('to the past')) throw error;
    }
  }
}

export interface Phone {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Script errors and complaints of the browser; what a broken network says is not among them. */
  readonly problems: string[];
}

export async function openPhone(browser: Browser, server: Server, path = `/drive#token=${TOKEN}`, dark = false): Promise<Phone> {
  const context = await browser.newContext({
    viewport: PHONE,
    deviceScaleFactor: 2,
    hasTouch: true,
    isMobile: true,
    locale: 'en-ZA',
    colorScheme: dark ? 'dark' : 'light',
    geolocation: { latitude: -26.2452, longitude: 27.8581, accuracy: 8 },
    permissions: ['geolocation'],
  });
  const problems: string[] = [];
  const page = await context.newPage();
  await page.addInitScript(KEEP_TOLD);
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() === 'error' && !/WebSocket connection|Failed to load resource/.test(text)) problems.push(text);
  });
  await page.goto(server.url + path);
  return { context, page, problems };
}
