/** The tracking page in a real browser at the width of a cheap phone, over the real server. */
import { type AddressInfo, connect, createServer } from 'node:net';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, STEP_TIMEOUT_MS } from '../support/browser.ts';
import { OTHER_ORDER, type Running, SHOP, startTracking, tokenFor } from './world.ts';

const PHONE = { width: 360, height: 740 };
/** All of the page, uncompressed, with its state and texts. */
const PAGE_MAX_BYTES = 30_000;
const TOKEN = tokenFor();
const TICK = 'M14 25l7 7 14-15';
/** As behind a proxy that lets no upgrade through. */
const BLOCKED_SOCKETS = 'window.WebSocket = class { constructor() { setTimeout(() => this.onclose?.()); } close() {} };';

let browser: Browser;
let world: Running;
let problems: string[];

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
beforeEach(() => {
  world = startTracking({ limits: { callsBurst: 1_000 } });
  problems = [];
});
afterEach(async () => {
  await world.close();
  expect(world.defects).toEqual([]);
});

async function open(path = `/t/${TOKEN}`, options: BrowserContextOptions & { script?: string; at?: string } = {}): Promise<Page> {
  const { script, at, ...context } = options;
  const page = await browser.newPage({ viewport: PHONE, ...context });
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  if (script !== undefined) await page.addInitScript(script);
  await page.goto((at ?? world.url) + path);
  return page;
}

const text = (page: Page, selector: string) => page.textContent(selector);
const sideways = (page: Page) => page.evaluate('document.documentElement.scrollWidth - window.innerWidth');

describe('the page on a phone of 360 px', () => {
  it('follows a delivery from the shop to the door to its end by itself, without a script error or sideways scrolling', async () => {
    world.order.ride(0.05);
    const page = await open();
    await page.waitForSelector('.net.on');
    expect(await text(page, '#headline')).toBe('Sipho is riding to Mama Thandi’s Kitchen');
    expect(await text(page, '#eta')).toMatch(/^\d+–\d+ min$/);
    expect(await text(page, '#plate')).toBe('KJ 42 TV GP');
    expect(await text(page, '#code')).toBe('K7F');
    world.order.advance('at_pickup');
    await page.waitForSelector('#headline:has-text("collecting")');
    world.order.advance('picked_up');
    world.order.ride(0.5);
    await page.waitForSelector('#headline:has-text("Sipho is on the way to you")');
    await page.waitForSelector('[aria-current=step]:has-text("On the way")');
    await page.waitForSelector('#net:has-text("1.2 km away")');
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    world.order.advance('at_dropoff');
    await page.waitForSelector('#more[aria-live=polite]:has-text("4-digit code")');
    world.order.advance('delivered');
    await page.waitForSelector('body[data-state=over] h1:has-text("Delivered. Enjoy!")');
    expect(await page.isVisible('#plate')).toBe(false);
    expect(await sideways(page)).toBeLessThanOrEqual(0);
    expect(problems).toEqual([]);
    await page.close();
  });

  it('moves the driver on the map towards the customer', async () => {
    world.order.advance('picked_up');
    world.order.ride(0.2);
    const page = await open();
    await page.waitForSelector('.net.on');
    // Screen positions tell little while the map zooms: the way that is left, in metres, is what must shrink.
    await page.waitForSelector('#net:has-text("1.9 km away")');
    const before = await page.getAttribute('.way', 'd');
    world.order.ride(0.8);
    await page.waitForSelector('#net:has-text("480 m away")');
    await page.waitForSelector(`.way:not([d="${before}"])`, { state: 'attached' });
    await page.close();
  });

  it('says when a position is old instead of showing it as live', async () => {
    world.order.ride(0.2, { atMs: Date.now() - 125_000 });
    const page = await open();
    await page.waitForSelector('#net:has-text("Last seen 2 min ago")');
    expect(await page.locator('.me.old').count()).toBe(1);
    expect(await page.locator('.net.on').count()).toBe(0);
    await page.close();
  });

  it('goes on over the event stream when sockets do not get through, and by polling when neither does', async () => {
    world.order.advance('picked_up');
    for (const script of [BLOCKED_SOCKETS, 'delete window.WebSocket; delete window.EventSource']) {
      world.order.ride(0.2);
      const page = await open(undefined, { script });
      await page.waitForSelector('.net.on:has-text("1.9 km away")');
      world.order.ride(0.8);
      await page.waitForSelector('#net:has-text("480 m away")');
      await page.close();
    }
  });

  it('does not call itself live from the moment that the phone has no network, and is live again with it', async () => {
    world.order.ride(0.5);
    const page = await open();
    await page.waitForSelector('.net.on');
    await page.context().setOffline(true);
    await page.waitForSelector('.net:not(.on)');
    expect(await text(page, '#net')).not.toContain('Live');
    await page.context().setOffline(false);
    await page.waitForSelector('.net.on:has-text("Live")');
    await page.close();
  });

  it('comes back by itself after the server has been away', async () => {
    const door = createServer((client) => {
      const server = connect(world.port, '127.0.0.1');
      for (const end of [client, server]) end.on('error', () => [client, server].map((it) => it.destroy()));
      client.pipe(server).pipe(client);
    });
    await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
    world.order.advance('at_pickup');
    const page = await open(`/t/${TOKEN}`, { at: `http://127.0.0.1:${(door.address() as AddressInfo).port}` });
    await page.waitForSelector('#net:has-text("Waiting for the driver")');
    await world.close();
    await page.waitForSelector('#net:has-text("Connecting")');
    world = startTracking({ limits: { callsBurst: 1_000 } });
    world.order.advance('at_pickup');
    world.order.advance('picked_up');
    await page.waitForSelector('#headline:has-text("on the way to you")');
    await page.close();
    door.close();
  });

  it('speaks isiZulu to who asks for it, or reads it', async () => {
    const asked = await open(`/t/${TOKEN}?lang=zu`);
    expect([await asked.getAttribute('html', 'lang'), await text(asked, '#headline')]).toEqual(['zu', 'Sipho uya e-Mama Thandi’s Kitchen']);
    expect(await sideways(asked)).toBeLessThanOrEqual(0);
    await asked.click('footer a');
    await asked.waitForSelector('html[lang=en]');
    await asked.close();
    const read = await open(undefined, { locale: 'zu-ZA', colorScheme: 'dark', viewport: { width: 320, height: 568 } });
    expect(await read.getAttribute('html', 'lang')).toBe('zu');
    expect(await sideways(read)).toBeLessThanOrEqual(0);
    await read.close();
  });

  it('shows names as text, never as markup', async () => {
    const { order } = world.order;
    world.order.order = { ...order, pickup: { ...order.pickup, name: '</script><img src=x onerror=alert(1)>$&' } };
    const page = await open();
    await page.waitForSelector('#headline:has-text("</script><img src=x onerror=alert(1)>$&")');
    expect(await page.locator('img').count()).toBe(0);
    expect(problems).toEqual([]);
    await page.close();
  });
});

describe('case 42: the page of a dead link', () => {
  it('says friendly that it is over, or clearly that it does not work, with the status and nothing of the order', async () => {
    world.order.advance('delivered');
    for (const [token, status, words] of [
      [TOKEN, 410, 'Delivered. Enjoy!'],
      ['guess', 404, 'This link does not work'],
      [tokenFor(OTHER_ORDER), 404, 'This link does not work'],
    ] as const) {
      const reply = await fetch(`${world.url}/t/${token}`);
      const html = await reply.text();
      expect([reply.status, html.includes(`<h1 id="headline" aria-live="polite">${words}</h1>`)]).toEqual([status, true]);
      expect(html).not.toMatch(/Sipho|K7F|Thandi|"lat"/);
      const page = await open(`/t/${token}`);
      await page.waitForSelector(`h1:has-text("${words}")`);
      expect(await page.isVisible('#map')).toBe(false);
      await page.close();
    }
  });
});

describe('the sign of a page without a map', () => {
  it('is a tick for what was delivered and for nothing else, with and without the script', async () => {
    world.order.ride(0.05);
    const page = await open();
    await page.waitForSelector('.net.on');
    world.order.advance('ended');
    await page.waitForSelector('body[data-state=over][data-end=ended] h1');
    const live = await page.getAttribute('#mark', 'd');
    await page.close();
    const still = await open(undefined, { javaScriptEnabled: false });
    expect(await still.getAttribute('#mark', 'd')).toBe(live);
    await still.close();
    const gone = await open('/t/guess', { javaScriptEnabled: false });
    expect([await gone.getAttribute('#mark', 'd'), await gone.getAttribute('body', 'data-end')]).toEqual([live, 'gone']);
    await gone.close();
    expect(live).not.toBe(TICK);
  });

  it('is the tick when it was delivered while the page was open', async () => {
    world.order.ride(0.05);
    const page = await open();
    await page.waitForSelector('.net.on');
    world.order.advance('delivered');
    await page.waitForSelector('body[data-end=delivered]');
    expect(await page.getAttribute('#mark', 'd')).toBe(TICK);
    await page.close();
  });
});

/** Words of the sheet that stand on two lines; a page's script, and so without types. */
const BROKEN_WORDS = `(() => {
  const broken = [];
  const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
    for (const { 0: word, index } of text.data.matchAll(/[^\\s–-]+/g)) {
      const range = document.createRange();
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      if (range.getClientRects().length > 1) broken.push(word);
    }
  }
  return broken;
})()`;

it.each(['en', 'zu'])('breaks no word at any step of a delivery, from 180 px up, in %s', async (language) => {
  world.order.ride(0.05);
  const page = await open(`/t/${TOKEN}?lang=${language}`);
  await page.waitForSelector('.net.on');
  for (const [index, phase] of (['assigned', 'at_pickup', 'picked_up', 'at_dropoff'] as const).entries()) {
    world.order.advance(phase);
    await page.waitForSelector(`#steps li:nth-child(${index + 1})[aria-current=step]`);
    for (const width of [180, 240, 280, 320, 321, 360]) {
      await page.setViewportSize({ width, height: 568 });
      expect([phase, width, await page.evaluate(BROKEN_WORDS), await sideways(page)]).toEqual([phase, width, [], 0]);
    }
  }
  await page.close();
});

it('keeps the names of the places inside the picture, wherever their pins stand', async () => {
  const { order } = world.order;
  world.order.order = { ...order, pickup: { ...order.pickup, name: 'The Long Kitchen Name' } };
  world.order.ride(0.05);
  for (const viewport of [PHONE, { width: 1280, height: 800 }]) {
    const page = await open(undefined, { viewport });
    await page.waitForSelector('.net.on');
    await page.waitForSelector('.pin.shop text');
    for (const pin of ['shop', 'home']) {
      const box = await page.locator(`.pin.${pin} text`).boundingBox();
      expect(box?.x).toBeGreaterThanOrEqual(0);
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(viewport.width);
    }
    await page.close();
  }
});

it.each([0, 15, 40, 120, 200])('writes the names of two places that are %i m apart so that neither lies on the other', async (apartM) => {
  const { order } = world.order;
  world.order.order = { ...order, dropoff: { ...order.dropoff, position: { lat: SHOP.lat + apartM / 111_195, lng: SHOP.lng } } };
  world.order.ride(0.05);
  const page = await open();
  await page.waitForSelector('.net.on');
  const [shop, home] = [await page.locator('.pin.shop text').boundingBox(), await page.locator('.pin.home text').boundingBox()];
  if (shop === null || home === null) throw new Error('the map shows no names');
  const isApart = shop.y >= home.y + home.height || home.y >= shop.y + shop.height || shop.x >= home.x + home.width;
  expect(isApart || home.x >= shop.x + shop.width).toBe(true);
  await page.close();
});

describe('the bytes of the page', () => {
  it('are under 30 KB in all, uncompressed, in either language', async () => {
    world.order.ride(0.5);
    for (const lang of ['en', 'zu']) {
      const page = await (await fetch(`${world.url}/t/${TOKEN}?lang=${lang}`)).text();
      const files = [...new Set(page.match(/\/t\/assets\/\w+\/[\w.]+/g))];
      expect(files).toHaveLength(4);
      const bodies = await Promise.all(files.map(async (file) => (await fetch(world.url + file)).text()));
      expect([page, ...bodies].reduce((sum, body) => sum + Buffer.byteLength(body), 0)).toBeLessThan(PAGE_MAX_BYTES);
    }
  });

  it('are fewer for a browser that unpacks, and the same page', async () => {
    world.order.advance('delivered');
    const [small, plain] = await Promise.all(
      ['gzip', 'identity'].map((encoding) => fetch(`${world.url}/t/${TOKEN}`, { headers: { 'accept-encoding': encoding } })),
    );
    expect([small?.headers.get('content-encoding'), plain?.headers.get('content-encoding')]).toEqual(['gzip', null]);
    expect(Number(small?.headers.get('content-length')) * 2).toBeLessThan(Number(plain?.headers.get('content-length')));
    const withoutTime = async (reply: Response | undefined) => (await reply?.text())?.replace(/"now_ms":\d+/, '');
    expect(await withoutTime(small)).toBe(await withoutTime(plain));
  });

  it('come from here alone, run nothing inline, and stay in the cache for as long as they are the same', async () => {
    const reply = await fetch(`${world.url}/t/${TOKEN}`);
    const policy = reply.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    const html = await reply.text();
    expect(html).not.toMatch(/<script>|style=|onclick/);
    const [css] = html.match(/\/t\/assets\/\w+\/page.css/) ?? [''];
    const cache = async (path: string) => (await fetch(world.url + path)).headers.get('cache-control');
    expect(await cache(css)).toContain('immutable');
    expect(await cache(css.replace(/assets\/\w+/, 'assets/0000000000'))).toBe('no-store');
    expect((await fetch(world.url + css.replace('page.css', 'routes.ts'))).status).toBe(404);
  });
});
