/** The sandbox page in a real browser, against the fake shop: a whole order by taps alone, on a phone and on a desk. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { FakeWorld } from './fake-world.ts';
import { type Listening, listen } from './listen.ts';

const STEP_TIMEOUT_MS = 10_000;

let browser: Browser;
let world: FakeWorld;
let server: Listening;
let problems: string[];

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
beforeEach(() => {
  world = new FakeWorld();
  server = listen(world);
  problems = [];
});
afterEach(async () => {
  await server.close();
  expect(server.defects).toEqual([]);
});

async function open(width: number, height: number, path = '/sandbox'): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height } });
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(server.url + path);
  await page.waitForSelector('.welcome');
  return page;
}

/** On a narrow screen the panels are tabs. */
async function show(page: Page, tab: string): Promise<void> {
  const button = page.locator(`[data-tab=${tab}]`);
  if (await button.isVisible()) await button.click();
}

describe.each([
  ['a desk', 1280, 800],
  ['a phone of 360 px', 360, 740],
])('on %s', (_, width, height) => {
  it('an order goes from the first hint to delivered by taps alone, without a script error or sideways scrolling', async () => {
    const page = await open(width, height);
    await page.click('.hints button:has-text("2 kota and a coke pls")');
    await page.click('.options button:has-text("Add more")');
    await page.click('.options button:has-text("See the menu")');
    await page.click('.sheet .row:has-text("Full house kota")');
    await page.click('.options button:has-text("Checkout")');
    await page.click('.options button:has-text("Send location")');
    await page.click('.sheet .row:has-text("Vilakazi Street")');
    await page.waitForSelector('.bubble.shop:has-text("is with Mama Thandi")');

    await show(page, 'shop');
    for (const verb of ['Accept', 'Prepare', 'Ready', 'Delivered']) await page.click(`.acts button:text-is("${verb}")`);
    await page.waitForSelector('.order .chip.good:has-text("Delivered")');
    expect([...world.orders.values()].map((order) => order.status)).toEqual(['DELIVERED']);

    await show(page, 'wire');
    await page.waitForSelector('#wire:has-text("is now DELIVERED")');
    expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0);
    expect(problems).toEqual([]);
    await page.close();
  });
});

describe('the page', () => {
  it('shows text of a message as text, never as markup', async () => {
    const page = await open(1280, 800, '/sandbox?wa_id=27600000777');
    await page.fill('#text', '<img src=x onerror=alert(1)> *bold*');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.bubble.me:has-text("<img src=x onerror=alert(1)>") b:text-is("bold")');
    expect(await page.locator('.log img').count()).toBe(0);
    expect(problems).toEqual([]);
    await page.close();
  });

  it('reports what it showed as read, as a phone does', async () => {
    const page = await open(1280, 800);
    await page.click('.hints button:has-text("Hi")');
    await page.waitForSelector('#wire:has-text("status: read")');
    await page.close();
  });

  it('says what went wrong when the webhook refuses, and sends again afterwards', async () => {
    const page = await open(1280, 800);
    world.refuseWith = { status: 503, body: '{"title":"Webhook not stored","status":503}' };
    await page.click('.hints button:has-text("Hi")');
    await page.waitForSelector('#banner:has-text("Webhook not stored")');
    await page.waitForSelector('.bubble.me.failed');
    world.refuseWith = null;
    await page.fill('#text', 'Hi again');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.bubble.shop:has-text("Welcome")');
    expect(await page.isVisible('#banner')).toBe(false);
    await page.close();
  });
});
