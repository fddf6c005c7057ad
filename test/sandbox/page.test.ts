/** The sandbox page in a real browser, against the fake shop: a whole order by taps alone, on a phone and on a desk. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, STEP_TIMEOUT_MS } from '../support/browser.ts';
import { FakeWorld } from './fake-world.ts';
import { type Listening, listen } from './listen.ts';

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

  it('keeps the name of the shop in sight however long the chat is: only the messages scroll', async () => {
    const page = await open(360, 740);
    await page.click('.hints button:has-text("Hi")');
    await page.waitForSelector('.bubble.shop');
    const [waId] = [...world.chats()];
    for (let line = 0; line < 20; line++) world.say(waId ?? '', { kind: 'text', text: `Line ${line} of what the shop has to say` });
    await page.waitForSelector('.bubble:has-text("Line 19")');
    await page.evaluate("for (const bubble of document.querySelectorAll('.bubble')) bubble.scrollIntoView({ block: 'center' })");
    const boxes = await Promise.all(['.screen', '.chat-head'].map((selector) => page.locator(selector).boundingBox()));
    expect(boxes[1]?.y).toBe(boxes[0]?.y);
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
    await page.waitForSelector('#banner', { state: 'hidden' });
    await page.close();
  });
});

describe('the chat', () => {
  const taps = (id: string): number => world.webhooks.filter((webhook) => JSON.stringify(webhook).includes(`"id":"${id}"`)).length;

  it('takes the second tap of two for none: what was tapped goes out once', async () => {
    const page = await open(1280, 800);
    await page.click('.hints button:has-text("2 kota and a coke pls")');
    await page.dblclick('.options button:has-text("Checkout")');
    await page.waitForSelector('.options button:has-text("Send location"):not([aria-disabled])');
    expect(taps('checkout')).toBe(1);
    expect(await page.locator('.bubble.me:has-text("Checkout")').count()).toBe(1);
    await page.close();
  });

  it('leaves the focus of the keyboard where it is while messages and receipts come in', async () => {
    const page = await open(1280, 800);
    await page.click('.hints button:has-text("2 kota and a coke pls")');
    await page.focus('.options button:has-text("Checkout")');
    const [waId] = [...world.chats()];
    world.say(waId ?? '', { kind: 'text', text: 'By the way: we close at nine.' });
    await page.waitForSelector('.bubble:has-text("close at nine")');
    expect(await page.evaluate('document.activeElement.textContent')).toContain('Checkout');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.options button:has-text("Send location")');
    expect(await page.evaluate('document.activeElement.textContent')).toContain('Checkout');
    await page.close();
  });

  it('sends a message again, as it was, that did not go out', async () => {
    const page = await open(360, 740);
    world.refuseWith = { status: 503, body: '{"title":"Webhook not stored","status":503}' };
    await page.click('.hints button:has-text("Hi")');
    await page.waitForSelector('.bubble.me.failed');
    world.refuseWith = null;
    await page.click('.bubble.failed button:has-text("Send again")');
    await page.waitForSelector('.bubble.shop:has-text("Welcome")');
    expect(await page.locator('.bubble.me').allTextContents()).toEqual([expect.stringMatching(/^Hi/)]);
    await page.close();
  });

  it('writes from right to left what is written so, and keeps its own side for the time', async () => {
    const page = await open(360, 740);
    await page.fill('#text', 'مرحبا، أريد اثنين كوتا');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.bubble.me:has-text("كوتا")');
    expect(await page.evaluate('getComputedStyle(document.querySelector(".bubble.me .said")).direction')).toBe('rtl');
    await page.close();
  });
});

describe('what was sent to Meta', () => {
  it.each([
    ['a desk', 1280, 800],
    ['a phone of 360 px', 360, 740],
  ])('is shown for each message by keyboard alone, and told by name, on %s', async (_, width, height) => {
    const page = await open(width, height);
    await page.click('.hints button:has-text("2 kota and a coke pls")');
    await page.click('.options button:has-text("Checkout")');
    await page.waitForSelector('.options button:has-text("Send location")');
    await show(page, 'wire');
    const older = page.getByRole('button', { name: 'Older message' });
    await older.focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('#wire-at:text-is("Message 1")');
    expect(await page.textContent('#wire')).toContain('"id": "checkout"');
    expect(await page.locator('.bubble.shop').first().getAttribute('class')).toContain('chosen');
    expect(await older.getAttribute('aria-disabled')).toBe('true');
    expect(await page.evaluate('document.activeElement.id')).toBe('wire-older');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#wire-at:text-is("Newest message")');
    expect(await page.textContent('#wire')).not.toContain('"id": "checkout"');
    await page.close();
  });
});

describe('the map', () => {
  it('is there as soon as its panel is chosen, not with the next question to the server', async () => {
    const page = await browser.newPage({ viewport: { width: 360, height: 740 } });
    page.setDefaultTimeout(STEP_TIMEOUT_MS);
    await page.clock.install();
    await page.goto(`${server.url}/sandbox`);
    await page.waitForSelector('.welcome');
    await page.clock.pauseAt(Date.now() + 60_000);
    await page.click('[data-tab=map]');
    await page.waitForSelector('.mark.shop');
    await page.close();
  });
});

describe('a long name on the map', () => {
  it('is cut, so that it ends in sight', async () => {
    const page = await browser.newPage({ viewport: { width: 360, height: 740 } });
    page.setDefaultTimeout(STEP_TIMEOUT_MS);
    await page.route('**/sandbox/map*', async (route) => {
      const map = (await (await route.fetch()).json()) as { shop: object };
      await route.fulfill({ json: { ...map, shop: { ...map.shop, name: 'Bartholomew-Featherstonehaugh & Daughters Family Kitchen' } } });
    });
    await page.goto(`${server.url}/sandbox`);
    await page.waitForSelector('.welcome');
    await page.click('[data-tab=map]');
    const label = page.locator('.mark.shop .label');
    await label.waitFor();
    expect(await label.textContent()).toBe('Bartholomew-Featherst…');
    const box = await label.boundingBox();
    expect(box?.x).toBeGreaterThanOrEqual(0);
    expect((box?.x ?? 0) + (box?.width ?? 999)).toBeLessThanOrEqual(360);
    await page.close();
  });
});

describe('the sheet', () => {
  it('writes each row in the direction of its own words', async () => {
    const page = await open(360, 740);
    await page.route('**/sandbox/info*', async (route) => {
      const info = (await (await route.fetch()).json()) as { places: { name: string }[] };
      await route.fulfill({ json: { ...info, places: [{ ...info.places[0], name: 'سوق 12, فرع' }] } });
    });
    await page.reload();
    await page.waitForSelector('.welcome');
    await page.click('#attach');
    await page.waitForSelector('.sheet .row:has-text("سوق")');
    const directions = `[...document.querySelectorAll('.sheet .row')].filter((row) => row.textContent.includes('سوق'))
      .flatMap((row) => ['span', 'small'].map((part) => getComputedStyle(row.querySelector(part)).direction))`;
    expect(await page.evaluate(directions)).toEqual(['rtl', 'ltr']);
    await page.close();
  });

  it('breaks a list’s names of one long word, so that every row and the way out are in sight at 320 px', async () => {
    const page = await open(320, 640);
    const row = (id: number) => ({ id: `row-${id}`, title: 'W'.repeat(24), description: 'W'.repeat(72) });
    const sections = [{ title: 'W'.repeat(24), rows: Array.from({ length: 10 }, (_, id) => row(id)) }];
    const content = { kind: 'list', button: 'W'.repeat(20), sections };
    const item = {
      id: 'm1',
      whatsapp_id: 'wamid.1',
      direction: 'out',
      body: 'Choose',
      at: new Date().toISOString(),
      status: 'read',
      content,
    };
    await page.route('**/sandbox/messages*', (route) => route.fulfill({ json: { items: [item] } }));
    await page.click(`.options button:has-text("${content.button}")`);
    expect(await page.locator('.sheet .row').count()).toBe(10);
    const wider = `['.sheet', '.sheet-body', '.row'].filter((part) => document.querySelector(part).scrollWidth > document.querySelector(part).clientWidth)`;
    expect(await page.evaluate(wider)).toEqual([]);
    await page.click('#sheet-close');
    await page.close();
  });

  it('says beside the field what is wrong with it, takes Enter, and lets nobody reach what lies under it', async () => {
    const page = await open(360, 640);
    await page.click('#attach');
    await page.fill('[aria-label=Latitude]', 'somewhere');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.sheet-fault:has-text("in degrees")');
    expect(await page.locator('#log[inert]').count()).toBe(1);
    await page.fill('[aria-label=Latitude]', '-26,25');
    await page.fill('[aria-label=Longitude]', '27.86');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.bubble.shop:has-text("is with Mama Thandi")');
    expect(await page.locator('#log[inert]').count()).toBe(0);
    await page.close();
  });
});

it('has no sideways scrolling at twice the size on a phone, also with a pin in the chat', async () => {
  const page = await open(195, 422);
  await page.click('#attach');
  await page.click('.sheet .row:has-text("Vilakazi Street")');
  await page.waitForSelector('.bubble.shop:has-text("is with Mama Thandi")');
  expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0);
  const bubble = await page.locator('.bubble.shop').last().boundingBox();
  expect((bubble?.x ?? 0) + (bubble?.width ?? 999)).toBeLessThanOrEqual(195);
  await page.close();
});

describe('the shop’s view', () => {
  it('says in words that another window was quicker, until the order goes on', async () => {
    const page = await open(1280, 800);
    await page.click('#attach');
    await page.click('.sheet .row:has-text("Vilakazi Street")');
    await page.waitForSelector('.acts button:text-is("Accept")');
    await page.route('**/accept', async (route) => {
      for (const order of world.orders.values()) world.orders.set(order.id, { ...order, status: 'CONFIRMED' });
      await route.continue();
    });
    await page.click('.acts button:text-is("Accept")');
    await page.waitForSelector('.fault:has-text("Somebody was quicker: this order is “Accepted” by now.")');
    for (const order of world.orders.values()) world.orders.set(order.id, { ...order, status: 'PREPARING' });
    await page.waitForSelector('.acts button:text-is("Ready")');
    expect(await page.locator('.fault').count()).toBe(0);
    await page.close();
  });

  it('hands the focus on to the next step, so that an order can be served by Enter alone', async () => {
    const page = await open(1280, 800);
    await page.click('#attach');
    await page.click('.sheet .row:has-text("Vilakazi Street")');
    await page.focus('.acts button:text-is("Accept")');
    for (const next of ['Prepare', 'Ready', 'Delivered']) {
      await page.keyboard.press('Enter');
      await page.waitForSelector(`.acts button:text-is("${next}"):focus`);
    }
    await page.close();
  });

  it('an Enter that is held down takes one step of an order', async () => {
    const page = await open(1280, 800);
    await page.click('#attach');
    await page.click('.sheet .row:has-text("Vilakazi Street")');
    await page.focus('.acts button:text-is("Accept")');
    await page.keyboard.down('Enter');
    await page.waitForSelector('.acts button:text-is("Prepare"):focus');
    await page.keyboard.down('Enter');
    await page.keyboard.up('Enter');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.acts button:text-is("Ready"):focus');
    expect([...world.orders.values()].map(({ status }) => status)).toEqual(['PREPARING']);
    await page.close();
  });
});

/** How far the time of a message of so many words hangs below them, in pixels; a page's script, and so without types. */
const overhang = (words: number): string => `(() => {
  const bubble = document.createElement('div');
  bubble.className = 'bubble shop';
  bubble.innerHTML = '<div class="said">${'Your order '.repeat(words)}<span class="meta">01:00</span></div>';
  document.getElementById('log').append(bubble);
  const [said, meta] = ['.said', '.meta'].map((name) => bubble.querySelector(name).getBoundingClientRect());
  bubble.remove();
  return meta.bottom - said.bottom;
})()`;

describe('the layout', () => {
  it('holds the time of a message within its words, whatever their length, and who one is beside the name at 360 px', async () => {
    const page = await open(360, 740);
    for (let words = 1; words <= 30; words += 1) expect(await page.evaluate(overhang(words))).toBeLessThanOrEqual(0);
    const [brand, who] = [await page.locator('.brand').boundingBox(), await page.locator('.who').boundingBox()];
    if (brand === null || who === null) throw new Error('the head of the page is not shown');
    expect(who.y).toBeLessThan(brand.y + brand.height);
    await page.close();
  });

  it.each([360, 1440])('breaks a product’s name that is one long word, so that every price is in sight at %i px', async (width) => {
    const page = await open(width, 900);
    await page.click('#attach');
    await page.click('.sheet .row:has-text("Vilakazi Street")');
    await show(page, 'shop');
    await page.waitForSelector('.order');
    for (const order of world.orders.values()) {
      const lines = order.quote.lines.map((line) => ({ ...line, name: 'Supercalifragilisticexpialidociousburgerwithoutanyspaces7' }));
      world.orders.set(order.id, { ...order, quote: { ...order.quote, lines } });
    }
    await page.waitForSelector('.order td:has-text("Supercali")');
    expect(await page.evaluate('(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.getElementById("orders"))')).toBe(0);
    await page.close();
  });

  it('breaks no word of a panel’s name at twice the size on a phone', async () => {
    const page = await open(180, 370);
    const broken = `[...document.querySelectorAll('.tabs button')].filter((tab) => {
      const text = tab.firstChild;
      return [...text.data.matchAll(/\\S+/g)].some(({ 0: word, index }) => {
        const range = document.createRange();
        range.setStart(text, index);
        range.setEnd(text, index + word.length);
        return range.getClientRects().length > 1;
      });
    }).map((tab) => tab.textContent)`;
    expect(await page.evaluate(broken)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0);
    await page.close();
  });
});
