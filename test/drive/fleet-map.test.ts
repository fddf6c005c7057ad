/** The sandbox's map in a real browser: who is where, and the links to the driver's app and to the customer's page. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FakeWorld } from '../sandbox/fake-world.ts';
import { listen } from '../sandbox/listen.ts';
import { launchBrowser } from '../support/browser.ts';

const SHOP = { lat: -26.2485, lng: 27.854 };
const HOME = { lat: -26.2386, lng: 27.9086 };
const ORDER = { id: 'ord_1', code: 'K7F', status: 'IN_TRANSIT', pickup: SHOP, dropoff: HOME, driver_id: 'drv_2' };

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

it.each([
  [1280, 800],
  [360, 740],
])('at %i px it shows the shop, free and riding drivers and the customer, and follows them', async (width, height) => {
  const server = listen(new FakeWorld());
  const page = await browser.newPage({ viewport: { width, height } });
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  let drivers = [
    { id: 'drv_1', lat: -26.247, lng: 27.859, free: true },
    { id: 'drv_2', lat: -26.244, lng: 27.885, free: false },
  ];
  await page.route('**/sandbox/map*', (route) =>
    route.fulfill({ json: { shop: { ...SHOP, name: 'Mama Thandi' }, surge: 1, drivers, orders: [{ ...ORDER, driver: null }] } }),
  );
  await page.route('**/sandbox/orders*', async (route) => {
    const order = {
      ...ORDER,
      items: [],
      history: [],
      currency: 'ZAR',
      total_minor: 0,
      delivery_fee_minor: 0,
      created_at: '2026-11-21T09:00:00Z',
    };
    await route.fulfill({ json: { items: [{ ...order, distance_m: null, eta_s: null, tracking_url: '/t/token' }] } });
  });
  await page.goto(`${server.url}/sandbox`);
  await page.waitForSelector('.welcome');
  const tab = page.locator('[data-tab=map]');
  if (await tab.isVisible()) await tab.click();

  await page.waitForSelector('#map-note:has-text("2 online, 1 free · 1 order")');
  expect(await page.locator('.mark.driver').count()).toBe(2);
  expect(await page.locator('.mark.driver.busy').count()).toBe(1);
  expect(await page.locator('.mark .label').allTextContents()).toEqual(['Mama Thandi', 'K7F', '', '']);
  expect(await page.locator('.way').count()).toBe(1);
  const canvas = await page.locator('#map').boundingBox();
  for (const mark of await page.locator('.mark .drop').all()) {
    const box = await mark.boundingBox();
    expect(box?.y).toBeGreaterThanOrEqual(canvas?.y ?? 0);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual((canvas?.x ?? 0) + (canvas?.width ?? 0));
  }
  expect(await page.getAttribute('.map-links a >> nth=0', 'href')).toBe('/drive?demo=1');
  expect(await page.getAttribute('#tracking a', 'href')).toBe('/t/token');

  drivers = drivers.slice(1);
  await page.waitForSelector('#map-note:has-text("1 online, 0 free")');
  expect(await page.locator('.mark.driver').count()).toBe(1);
  expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0);
  expect(problems).toEqual([]);
  await page.close();
  await server.close();
});
