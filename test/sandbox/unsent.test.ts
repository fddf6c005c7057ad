/** What the sandbox page does with messages while the network fails it, and with a reader's place: in a real browser, against the fake shop. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, STEP_TIMEOUT_MS } from '../support/browser.ts';
import { FakeWorld } from './fake-world.ts';
import { type Listening, listen } from './listen.ts';
import { arrivedIn, say } from './said.ts';

const WA_ID = '27600000777';
const DATA = /\/sandbox\/(messages|orders|receipts|map)/;

let browser: Browser;
let world: FakeWorld;
let server: Listening;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
beforeEach(() => {
  world = new FakeWorld();
  server = listen(world);
});
afterEach(async () => {
  await server.close();
  expect(server.defects).toEqual([]);
});

async function open(options: BrowserContextOptions = {}): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 360, height: 740 }, ...options });
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
  await page.goto(`${server.url}/sandbox?wa_id=${WA_ID}`);
  return page;
}

const arrived = (): string[] => arrivedIn(world.webhooks);

const cutOff = (page: Page): Promise<unknown> => page.route(DATA, (route) => route.abort());

/** The network is there again, and whoever does not wait says so: the page tries by itself as well, and then the button is gone. */
async function connect(page: Page): Promise<void> {
  await page.waitForSelector('#try-now');
  await page.unroute(DATA);
  await page.evaluate('document.getElementById("try-now").click()');
}

/** The server has them all: each bubble has its ticks, and none waits. */
async function allOut(page: Page, count: number): Promise<void> {
  await expect.poll(() => page.locator('.bubble.me :is(.ticks.read, .ticks.delivered)').count(), { timeout: STEP_TIMEOUT_MS }).toBe(count);
  expect(await page.locator('.bubble.me').count()).toBe(count);
}

describe('without a connection', () => {
  it('says so, keeps what is written, and sends it once and in order when the server is back', async () => {
    const page = await open();
    await page.waitForSelector('.welcome');
    await cutOff(page);
    for (const text of ['one', 'two', 'three']) await say(page, text);
    await page.waitForSelector('#banner:has-text("No connection")');
    await expect.poll(() => page.locator('.bubble.me .ticks.sending').count()).toBe(3);
    await connect(page);
    await allOut(page, 3);
    expect(arrived()).toEqual(['one', 'two', 'three']);
    await page.waitForSelector('#banner', { state: 'hidden' });
    await page.close();
  });

  it('keeps over a reload what is not sent, for the customer who wrote it and for nobody else', async () => {
    const page = await open();
    await page.waitForSelector('.welcome');
    await cutOff(page);
    for (const text of ['one', 'two']) await say(page, text);
    await page.waitForSelector('.bubble.me:has-text("two") .ticks.sending');
    await page.goto(`${server.url}/sandbox?wa_id=27600000778`);
    await page.waitForSelector('#shop-name:has-text("Thandi")');
    await page.waitForSelector('#banner:has-text("No connection")');
    expect(await page.locator('.bubble.me').count()).toBe(0);
    await page.goto(`${server.url}/sandbox?wa_id=${WA_ID}`);
    await page.waitForSelector('.bubble.me:has-text("two") .ticks.sending');
    await connect(page);
    await allOut(page, 2);
    expect(arrived()).toEqual(['one', 'two']);
    await page.reload();
    await allOut(page, 2);
    expect(arrived()).toEqual(['one', 'two']);
    await page.close();
  });

  it('shows a message once whose answer got lost, and sends it under the same id', async () => {
    const page = await open();
    await page.waitForSelector('.welcome');
    await page.route('**/sandbox/messages', async (route) => {
      await route.fetch();
      await route.abort();
    });
    await say(page, 'two kota');
    await page.waitForSelector('.bubble.shop');
    await allOut(page, 1);
    await page.unroute('**/sandbox/messages');
    await say(page, 'and a coke');
    await allOut(page, 2);
    const chat = (await (await fetch(`${server.url}/sandbox/messages?wa_id=${WA_ID}`)).json()) as {
      items: { direction: string; body: string }[];
    };
    expect(chat.items.filter(({ direction }) => direction === 'in').map(({ body }) => body)).toEqual(['two kota', 'and a coke']);
    await page.close();
  });

  it('keeps over a reload a message that was refused, with the reason and a way to send it again', async () => {
    const page = await open();
    await page.waitForSelector('.welcome');
    world.refuseWith = { status: 503, body: '{"title":"Webhook not stored","status":503}' };
    await say(page, 'two kota');
    await page.waitForSelector('.bubble.me.failed');
    await page.reload();
    await page.waitForSelector('.bubble.failed .why:has-text("Webhook not stored")');
    world.refuseWith = null;
    await page.click('.bubble.failed button:has-text("Send again")');
    await allOut(page, 1);
    expect(arrived()).toEqual(['two kota']);
    await page.close();
  });
});

describe('a message that is being written', () => {
  it('is there again after a reload, for its customer only, and gone once it is sent', async () => {
    const page = await open();
    await page.waitForSelector('.welcome');
    await page.fill('#text', 'two kota and');
    await page.selectOption('#customer', { index: 0 });
    await expect.poll(() => page.inputValue('#text')).toBe('');
    await page.goto(`${server.url}/sandbox?wa_id=${WA_ID}`);
    await expect.poll(() => page.inputValue('#text')).toBe('two kota and');
    await page.reload();
    await expect.poll(() => page.inputValue('#text')).toBe('two kota and');
    await page.press('#text', 'Enter');
    await allOut(page, 1);
    await page.reload();
    await page.waitForSelector('.bubble.me');
    expect(await page.inputValue('#text')).toBe('');
    await page.close();
  });
});

describe('a long chat', () => {
  const scrollTop = (page: Page): Promise<number> => page.evaluate('Math.round(document.getElementById("log").scrollTop)');
  const fromEnd = '(() => { const log = document.getElementById("log"); return log.scrollHeight - log.scrollTop - log.clientHeight; })()';

  async function openLong(): Promise<Page> {
    const page = await open();
    await say(page, 'Hi');
    await page.waitForSelector('.bubble.shop');
    for (let n = 0; n < 300; n += 1) world.say(WA_ID, { kind: 'text', text: `Message ${n}` });
    await page.waitForSelector('.bubble:has-text("Message 299")');
    return page;
  }

  it('stays where its reader is, tells how much is new, and goes to it by one tap', async () => {
    const page = await openLong();
    await page.evaluate('document.getElementById("log").scrollTop = 2000');
    await page.waitForSelector('#jump:not([hidden])');
    world.say(WA_ID, { kind: 'text', text: 'Your order is ready.' });
    await page.waitForSelector('#jump[aria-label="1 new message"]');
    expect(await scrollTop(page)).toBe(2000);
    await page.click('#jump');
    await page.waitForSelector('#jump', { state: 'hidden' });
    expect(await page.evaluate(fromEnd)).toBeLessThan(2);
    await page.close();
  });

  it('stays where its reader has just gone, also when it is drawn anew before the browser has told of it', async () => {
    const page = await openLong();
    const top = await page.evaluate(`(() => {
      const log = document.getElementById('log');
      log.scrollTop = 2000;
      const { top, bottom } = log.getBoundingClientRect();
      const isInSight = (box) => box.top > top && box.bottom < bottom;
      [...log.querySelectorAll('.bubble.shop')].find((bubble) => isInSight(bubble.getBoundingClientRect())).click();
      return log.scrollTop;
    })()`);
    expect(top).toBe(2000);
    await page.waitForSelector('#jump:not([hidden])');
    await page.close();
  });

  it('keeps its newest message in sight when the keyboard comes up', async () => {
    const page = await openLong();
    await expect.poll(() => page.evaluate(fromEnd), { timeout: STEP_TIMEOUT_MS }).toBeLessThan(2);
    const read = async (): Promise<boolean> => {
      const chat = (await (await fetch(`${server.url}/sandbox/messages?wa_id=${WA_ID}`)).json()) as { items: { status: string }[] };
      return chat.items.every(({ status }) => status === 'read' || status === 'received');
    };
    await expect.poll(read, { timeout: STEP_TIMEOUT_MS }).toBe(true);
    // Two frames on: no news draws the chat anew.
    await page.setViewportSize({ width: 360, height: 420 });
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    expect(await page.evaluate(fromEnd)).toBeLessThan(2);
    await page.close();
  });
});

describe('in the dark', () => {
  it('no ground of the page is light, neither of the chat nor of the cards', async () => {
    const page = await open({ colorScheme: 'dark', viewport: { width: 1280, height: 800 } });
    await say(page, '2 kota');
    await page.waitForSelector('.bubble.shop');
    const light = `[...document.querySelectorAll('body, .top, .card, .screen, .bubble, .composer, .composer textarea, .fleet')].filter((part) => {
      const [r, g, b] = getComputedStyle(part).backgroundColor.match(/[\\d.]+/g).map(Number);
      return r + g + b > 384;
    }).map((part) => part.className || part.tagName)`;
    expect(await page.evaluate(light)).toEqual([]);
    await page.close();
  });
});
