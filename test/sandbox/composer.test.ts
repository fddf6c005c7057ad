/** Writing a message on the sandbox page, and hearing what happens on it without seeing it. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { launchBrowser, STEP_TIMEOUT_MS } from '../support/browser.ts';
import { FakeWorld } from './fake-world.ts';
import { type Listening, listen } from './listen.ts';

const MESSAGE_MAX_CHARS = 4096;

let browser: Browser;
let world: FakeWorld;
let server: Listening;
let page: Page;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  world = new FakeWorld();
  server = listen(world);
  page = await browser.newPage({ viewport: { width: 320, height: 560 } });
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
  await page.goto(`${server.url}/sandbox`);
  await page.waitForSelector('.welcome');
});
afterEach(async () => {
  await page.close();
  await server.close();
  expect(server.defects).toEqual([]);
});

const height = (): Promise<number> => page.evaluate('document.getElementById("text").offsetHeight');

it('a message of several lines is written with Shift and Enter, sent by Enter, and arrives with its lines', async () => {
  const empty = await height();
  await page.focus('#text');
  await page.keyboard.type('2 kota');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('1 coke');
  expect(await height()).toBeGreaterThan(empty);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.bubble.me');
  // The bubble stands as soon as it is sent.
  await expect.poll(() => JSON.stringify(world.webhooks)).toContain(String.raw`2 kota\n1 coke`);
  expect(await page.textContent('.bubble.me .said')).toMatch(/^2 kota\n1 coke/);
  expect(await height()).toBe(empty);
});

it('pasted lines stay lines, and a long message leaves the chat and the button in sight', async () => {
  await page.fill('#text', 'one line\n'.repeat(80));
  const send = await page.locator('.send').boundingBox();
  expect((send?.y ?? 0) + (send?.height ?? 999)).toBeLessThanOrEqual(560);
  const log = await page.locator('#log').boundingBox();
  expect(log?.height).toBeGreaterThan(100);
});

it('Enter takes a word that is being put together, and sends nothing yet', async () => {
  await page.fill('#text', 'ሰላም');
  await page.evaluate(`document.getElementById('text').dispatchEvent(
    new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }))`);
  expect(await page.inputValue('#text')).toBe('ሰላም');
  expect(await page.locator('.bubble.me').count()).toBe(0);
});

it('says when nothing more fits into a message', async () => {
  await page.fill('#text', 'x'.repeat(MESSAGE_MAX_CHARS - 1));
  expect(await page.isVisible('#banner')).toBe(false);
  await page.focus('#text');
  await page.keyboard.press('End');
  await page.keyboard.type('yz');
  await page.waitForSelector(`#banner [role=alert]:has-text("${MESSAGE_MAX_CHARS} characters")`);
  expect(await page.inputValue('#text')).toHaveLength(MESSAGE_MAX_CHARS);
});

it('a screen reader hears whose words a message is, before the words', async () => {
  await page.fill('#text', 'Hi');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.bubble.shop:has-text("Welcome")');
  const heard = await page.locator('#log').ariaSnapshot();
  expect(heard).toMatch(/You:\s*Hi/);
  expect(heard).toMatch(/Mama Thandi’s Kitchen:\s*Sawubona/);
});

it('who serves the shop by ear hears which order is new and how it goes on, and none of what was there before', async () => {
  const heard = page.locator('#panel-shop [role=status]');
  await page.click('#attach');
  await page.click('.sheet .row:has-text("Vilakazi Street")');
  await page.waitForSelector('.bubble.shop:has-text("is with Mama Thandi")');
  await page.click('[data-tab=shop]');
  await page.waitForSelector('#shop-news:text-is("Order K7F: New")', { state: 'attached' });
  await page.click('.acts button:text-is("Accept")');
  await page.waitForSelector('#shop-news:text-is("Order K7F: Accepted")', { state: 'attached' });
  expect(await page.getByRole('article', { name: 'Order K7F' }).count()).toBe(1);
  await page.reload();
  await page.waitForSelector('.bubble.shop');
  await page.click('[data-tab=shop]');
  await page.waitForSelector('.order');
  expect(await heard.textContent()).toBe('');
});

it('four times as large, the chat is still several lines high, and the button is reached by scrolling', async () => {
  await page.setViewportSize({ width: 320, height: 256 });
  const log = await page.locator('#log').boundingBox();
  expect(log?.height).toBeGreaterThanOrEqual(120);
  await page.locator('.send').scrollIntoViewIfNeeded();
  const send = await page.locator('.send').boundingBox();
  expect((send?.y ?? 0) + (send?.height ?? 999)).toBeLessThanOrEqual(256);
  expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0);
});

it('a location that the browser tells after the sheet was closed is not sent', async () => {
  await page.evaluate('Geolocation.prototype.getCurrentPosition = (told) => { window.told = told; }');
  const openSheet = async () => {
    await page.click('#attach');
    await page.click('.sheet .row:has-text("Send your current location")');
  };
  await openSheet();
  await page.keyboard.press('Escape');
  await page.evaluate('told({ coords: { latitude: -26.1, longitude: 27.1 } })');
  await openSheet();
  await page.evaluate('told({ coords: { latitude: -26.2, longitude: 27.2 } }), told({ coords: { latitude: -26.3, longitude: 27.3 } })');
  await page.waitForSelector('.bubble.shop:has-text("is with Mama Thandi")');
  expect(JSON.stringify(world.webhooks).match(/"latitude":-26\.\d/g)).toEqual(['"latitude":-26.2']);
});

it('an answer that breaks off is a server that is away, in the words for it', async () => {
  await page.route('**/sandbox/orders*', (route) => route.fulfill({ status: 200, contentType: 'application/json', body: '{"ite' }));
  await page.waitForSelector('#banner:has-text("No connection to the server")');
  await page.unroute('**/sandbox/orders*');
  await page.waitForSelector('#banner', { state: 'hidden' });
});

it('the field is as high as ever after the phone was turned while another panel was shown', async () => {
  const before = await height();
  await page.click('[data-tab=wire]');
  await page.setViewportSize({ width: 560, height: 420 });
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  await page.click('[data-tab=phone]');
  expect(await height()).toBe(before);
});
