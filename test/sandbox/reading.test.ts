/** What a person reads on the sandbox page, and where their hands are, stays as it is: in a real browser, against the fake shop. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, STEP_TIMEOUT_MS } from '../support/browser.ts';
import { FakeWorld } from './fake-world.ts';
import { type Listening, listen } from './listen.ts';
import { say } from './said.ts';

const WA_ID = '27600000777';
const REFUSAL = { status: 503, body: '{"title":"Webhook not stored","status":503}' };

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
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
});
afterEach(async () => {
  await page.close();
  await server.close();
  expect(server.defects).toEqual([]);
});

async function open(): Promise<void> {
  await page.goto(`${server.url}/sandbox?wa_id=${WA_ID}`);
  await page.waitForSelector('.welcome');
}

describe('a link in a message', () => {
  it.each([
    ['See http://x.example/y.', 'http://x.example/y'],
    ['(see http://x.example/y)', 'http://x.example/y'],
    ['(see http://x.example/y).', 'http://x.example/y'],
    ['http://x.example/wiki/Kota_(food)!', 'http://x.example/wiki/Kota_(food)'],
    ['Is it “https://x.example/?a=1”?', 'https://x.example/?a=1'],
    ['http://x.example/a.b/c,d;', 'http://x.example/a.b/c,d'],
    ['http://x.example/', 'http://x.example/'],
    ['nothing at http://...', null],
  ])('is what is meant of “%s”, and every sign of the text is still there', async (text, href) => {
    await open();
    await say(page, 'Hi');
    await page.waitForSelector('.bubble.shop');
    world.say(WA_ID, { kind: 'text', text });
    await page.waitForSelector('.bubble.shop:nth-of-type(n+5)');
    const said = page.locator('.bubble.shop .said').last();
    expect(await said.evaluate((node) => (node as unknown as { textContent: string }).textContent)).toContain(text);
    expect(await said.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual(
      href === null ? [] : [href],
    );
  });
});

describe('the signs of bold, italic and struck text', () => {
  it.each([
    ['order_id_x and 2*3*4 and a~b~c', []],
    ['* not bold * and _ not italic _ and ~ not struck ~', []],
    ['*bold*, (_italic_) and ~struck~.', ['B bold', 'I italic', 'S struck']],
    ['snake_case is _so_ named', ['I so']],
    ['مجموع *٤٥ راند*، שלום_רב_לך', ['B ٤٥ راند']],
  ])('count at the edges of words only, with no space inside: “%s”', async (text, expected) => {
    await open();
    await say(page, 'Hi');
    await page.waitForSelector('.bubble.shop');
    world.say(WA_ID, { kind: 'text', text });
    await expect.poll(() => page.locator('.bubble.shop').count()).toBe(2);
    const said = page.locator('.bubble.shop .said').last();
    expect(await said.locator('b, i, s').evaluateAll((nodes) => nodes.map((node) => `${node.nodeName} ${node.textContent}`))).toEqual(
      expected,
    );
  });
});

describe('the body that was sent to Meta', () => {
  it('keeps what is selected in it and how far it is scrolled, while its receipts come in', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/sandbox/receipts', async (route) => {
      await held;
      await route.continue();
    });
    await open();
    await say(page, 'Hi');
    await page.waitForSelector('.bubble.shop');
    world.say(WA_ID, { kind: 'text', text: 'Line.\n'.repeat(600) });
    await page.waitForSelector('#wire:has-text("Line.")');
    await page.evaluate(`(() => {
      const wire = document.getElementById('wire');
      getSelection().selectAllChildren(wire.querySelector('.s'));
      wire.scrollTop = 120;
    })()`);
    const selected = await page.evaluate('String(getSelection())');
    expect(selected).not.toBe('');
    release();
    await page.waitForSelector('#wire:has-text("status: read")');
    expect(await page.evaluate('[String(getSelection()), document.getElementById("wire").scrollTop]')).toEqual([selected, 120]);
  });
});

describe('the newest body that was sent to Meta', () => {
  it('stays while something is selected in it, though a newer one is there, and gives way when the selection is gone', async () => {
    await open();
    await say(page, 'Hi');
    await page.waitForSelector('#wire .s');
    await page.evaluate(`getSelection().selectAllChildren(document.querySelector('#wire .s'))`);
    const selected = await page.evaluate('String(getSelection())');
    world.say(WA_ID, { kind: 'text', text: 'A newer one.' });
    await page.waitForSelector('.bubble.shop:has-text("A newer one.")');
    expect(await page.evaluate('String(getSelection())')).toBe(selected);
    expect(await page.textContent('#wire-at')).toBe('Message 1');
    await page.evaluate('getSelection().removeAllRanges()');
    await page.waitForSelector('#wire:has-text("A newer one.")');
    expect(await page.textContent('#wire-at')).toBe('Newest message');
  });
});

describe('the picker of customers', () => {
  it('has room for a whole name on a phone 360 px wide', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await open();
    expect((await page.locator('#customer').boundingBox())?.width).toBeGreaterThanOrEqual(200);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });
});

describe('a message that was refused', () => {
  const texts = (): Promise<string[]> =>
    page.locator('.bubble').evaluateAll((bubbles) => bubbles.map((bubble) => (bubble.textContent ?? '').slice(0, 5)));

  it.each([-86_400_000, 86_400_000])('stands where it was written, though the browser’s clock is %i ms off', async (offMs) => {
    await page.addInitScript(`{ const now = Date.now; Date.now = () => now() + ${offMs}; }`);
    await open();
    await say(page, 'first');
    await page.waitForSelector('.bubble.shop');
    world.refuseWith = REFUSAL;
    await say(page, 'refused');
    await page.waitForSelector('.bubble.me.failed');
    await say(page, 'again refused');
    await expect.poll(() => page.locator('.bubble.me.failed').count()).toBe(2);
    world.refuseWith = null;
    world.say(WA_ID, { kind: 'text', text: 'later' });
    await page.waitForSelector('.bubble.shop:has-text("later")');
    expect(await texts()).toEqual(['first', 'Sawub', 'refus', 'again', 'later']);
    expect(await page.locator('.day').count()).toBe(1);
    await page.click('.bubble.failed:has-text("refused") >> nth=0 >> button:has-text("Send again")');
    await expect.poll(async () => (await texts()).slice(0, 5)).toEqual(['first', 'Sawub', 'again', 'later', 'refus']);
  });
});

describe('what is left out', () => {
  const CUT = /Older (messages of this chat|orders) are not shown here/;

  it('is said: above the newest 500 messages of a chat, and below a customer’s newest 20 orders; nothing is said of whole lists', async () => {
    await open();
    for (let n = 1; n <= 500; n += 1) world.say(WA_ID, { kind: 'text', text: `line ${n}` });
    for (let n = 1; n <= 20; n += 1) world.placeOrder(WA_ID);
    await page.waitForSelector('.bubble:has-text("line 500")');
    expect(await page.locator('.order').count()).toBe(20);
    expect(await page.getByText(CUT).count()).toBe(0);
    world.say(WA_ID, { kind: 'text', text: 'line 501' });
    world.placeOrder(WA_ID);
    await page.waitForSelector('.note:has-text("Older messages")');
    expect(await page.locator('.bubble').count()).toBe(500);
    await page.waitForSelector('#orders > :last-child:has-text("Older orders")');
    expect(await page.locator('.order').count()).toBe(20);
  });
});

describe('the focus of the keyboard', () => {
  const focused = (): Promise<string> => page.evaluate('document.activeElement.id || document.activeElement.textContent');

  it('goes back from a sheet to what opened it, and to the chat when that is gone', async () => {
    await open();
    await page.focus('#attach');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.sheet .row:focus');
    await page.keyboard.press('Escape');
    expect(await focused()).toBe('attach');
    await say(page, '2 kota');
    await page.click('.options button:has-text("Checkout")');
    await page.focus('.options button:has-text("Send location")');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.sheet .row:focus');
    await page.evaluate(`document.querySelector('.bubble.shop:last-of-type').click()`);
    await page.keyboard.press('Escape');
    expect(await focused()).toBe('log');
  });

  it('stays with who has left the sheet for another customer', async () => {
    await open();
    await page.click('#attach');
    await page.waitForSelector('.sheet .row:focus');
    await page.focus('#customer');
    await page.selectOption('#customer', { index: 0 });
    await page.waitForSelector('#sheet-back', { state: 'hidden' });
    expect(await focused()).toBe('customer');
  });

  it('goes to the history of an order whose last step is done, and stays there while the order goes on', async () => {
    await open();
    await page.click('#attach');
    await page.click('.sheet .row:has-text("Vilakazi Street")');
    const history = () => page.waitForSelector('.order summary:focus');
    await page.focus('.order summary');
    for (const order of world.orders.values()) world.orders.set(order.id, { ...order, status: 'PREPARING' });
    await page.waitForSelector('.acts button:text-is("Ready")');
    await history();
    await page.focus('.acts button:text-is("Cancel")');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.order .chip.bad:has-text("Cancelled")');
    await history();
  });

  it('stays on a sheet: what lies under it is out of reach, also the button that tries again', async () => {
    await open();
    await page.route('**/sandbox/messages*', (route) => route.abort());
    await page.waitForSelector('#try-now');
    await page.click('#attach');
    await page.waitForSelector('.sheet .row:focus');
    await page.focus('#sheet-close');
    await page.keyboard.press('Shift+Tab');
    expect(await page.evaluate('document.getElementById("panel-phone").contains(document.activeElement)')).toBe(false);
    await page.keyboard.press('Escape');
    await page.focus('#try-now');
    expect(await focused()).toBe('try-now');
  });
});
