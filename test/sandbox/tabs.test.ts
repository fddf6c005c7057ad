/** Two tabs of one customer: one chat, one outbox; in a real browser, against the fake shop. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, STEP_TIMEOUT_MS } from '../support/browser.ts';
import { FakeWorld } from './fake-world.ts';
import { type Listening, listen } from './listen.ts';
import { arrivedIn, say } from './said.ts';

const WA_ID = '27600000777';
const DATA = /\/sandbox\/(messages|orders|receipts|map)/;

let browser: Browser;
let context: BrowserContext;
let world: FakeWorld;
let server: Listening;
let tabs: [Page, Page];

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  world = new FakeWorld();
  server = listen(world);
  context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  tabs = [await open(), await open()];
});
afterEach(async () => {
  await context.close();
  await server.close();
  expect(server.defects).toEqual([]);
});

/** @param script that runs before the page's own */
async function open(script = ''): Promise<Page> {
  const page = await context.newPage();
  await page.addInitScript(script);
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
  await page.goto(`${server.url}/sandbox?wa_id=${WA_ID}`);
  await page.waitForSelector('.welcome');
  return page;
}

const arrived = (): string[] => arrivedIn(world.webhooks);

async function allOut(count: number): Promise<void> {
  for (const page of tabs) {
    await expect
      .poll(() => page.locator('.bubble.me :is(.ticks.read, .ticks.delivered)').count(), { timeout: STEP_TIMEOUT_MS })
      .toBe(count);
    expect(await page.locator('.bubble.me').count()).toBe(count);
  }
}

describe('two tabs of one customer', () => {
  it('show what either wrote, sent or not, and send it once and in order', async () => {
    const [one, two] = tabs;
    for (const page of tabs) await page.route(DATA, (route) => route.abort());
    await say(one, 'first');
    await two.waitForSelector('.bubble.me:has-text("first") .ticks.sending');
    await say(two, 'second');
    await one.waitForSelector('.bubble.me:has-text("second") .ticks.sending');
    for (const page of tabs) await page.unroute(DATA);
    await Promise.all(tabs.map((page) => page.evaluate('document.getElementById("try-now").click()')));
    await allOut(2);
    expect(arrived()).toEqual(['first', 'second']);
    await say(one, 'third');
    await allOut(3);
    expect(arrived()).toEqual(['first', 'second', 'third']);
  });

  it('leave a message that is on its way to the tab that sends it', async () => {
    const [one, two] = tabs;
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let sends = 0;
    await context.route('**/sandbox/messages', async (route) => {
      sends += 1;
      await held;
      await route.continue();
    });
    await say(one, 'two kota');
    await two.waitForSelector('.bubble.me:has-text("two kota") .ticks.sending');
    // What the other tab would send, it sends after it has read.
    for (let reads = 0; reads < 3; reads += 1) await two.waitForResponse(/\/sandbox\/orders/);
    expect(sends).toBe(1);
    release();
    await allOut(1);
    expect(arrived()).toEqual(['two kota']);
  });

  it('do not send what the other has sent, however late the browser tells', async () => {
    const [one] = tabs;
    const two = await open(
      'addEventListener("storage", (event) => event.newValue === null && event.stopImmediatePropagation(), { capture: true })',
    );
    await tabs[1].close();
    tabs = [one, two];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await one.route('**/sandbox/messages', async (route) => {
      await held;
      await route.continue();
    });
    await say(one, 'first');
    await two.waitForSelector('.bubble.me:has-text("first") .ticks.sending');
    await say(two, 'second');
    await one.waitForSelector('.bubble.me:has-text("second") .ticks.sending');
    release();
    await allOut(2);
    await say(two, 'third');
    await allOut(3);
    expect(arrived()).toEqual(['first', 'second', 'third']);
  });

  it('send what a tab has left behind that was closed', async () => {
    const [one, two] = tabs;
    await one.route(DATA, (route) => route.abort());
    await two.route('**/sandbox/messages', (route) => route.abort());
    await say(one, 'two kota');
    await two.waitForSelector('.bubble.me:has-text("two kota") .ticks.sending');
    await one.close();
    await two.unroute('**/sandbox/messages');
    tabs = [two, two];
    await allOut(1);
    expect(arrived()).toEqual(['two kota']);
  });

  it('know of each other’s refused message, and send it again from either', async () => {
    const [one, two] = tabs;
    world.refuseWith = { status: 503, body: '{"title":"Webhook not stored","status":503}' };
    await say(one, 'two kota');
    await two.waitForSelector('.bubble.failed .why:has-text("Webhook not stored")');
    world.refuseWith = null;
    await two.click('.bubble.failed button:has-text("Send again")');
    await allOut(1);
    expect(arrived()).toEqual(['two kota']);
  });
});
