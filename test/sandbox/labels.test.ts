/** The names on the sandbox's map can be read, however close the places are. */
import fc from 'fast-check';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, STEP_TIMEOUT_MS } from '../support/browser.ts';
import { FakeWorld } from './fake-world.ts';
import { listen } from './listen.ts';

interface Mark {
  readonly key: string;
  readonly x: number;
  readonly y: number;
  readonly isPin: boolean;
  readonly width: number;
}
interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
type Placed = ReadonlyMap<string, { readonly slot: number; readonly x: number; readonly y: number }>;
interface LabelsModule {
  placeLabels(marks: readonly Mark[], canvas: { width: number; height: number }, before?: Placed): Placed;
}

const CANVAS = { width: 360, height: 300 };
/** Letters of 12 px: what stands above the base line and what hangs below it. */
const ASCENT_PX = 11;
const DESCENT_PX = 3;

const labels = (): Promise<LabelsModule> => import(new URL('../../src/transport/sandbox/page/labels.js', import.meta.url).href);
const overlaps = (a: Box, b: Box): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

function boxesOf(marks: readonly Mark[], placed: Placed): Box[] {
  return marks.map(({ key, x, y, width }) => {
    const at = placed.get(key);
    if (at === undefined) throw new Error(`${key} has no place`);
    return { x: x + at.x - width / 2, y: y + at.y - ASCENT_PX, width, height: ASCENT_PX + DESCENT_PX };
  });
}

describe('names on a map', () => {
  it('lie neither on each other nor out of the picture, for up to six places anywhere within 40 px', async () => {
    const { placeLabels } = await labels();
    const spot = fc.record({
      x: fc.integer({ min: 160, max: 200 }),
      y: fc.integer({ min: 130, max: 170 }),
      width: fc.integer({ min: 20, max: 150 }),
    });
    fc.assert(
      fc.property(fc.array(spot, { minLength: 2, maxLength: 6 }), (spots) => {
        const marks = spots.map((at, i) => ({ ...at, key: String(i), isPin: true }));
        const boxes = boxesOf(marks, placeLabels(marks, CANVAS));
        for (const [i, box] of boxes.entries()) {
          expect(boxes.slice(i + 1).some((other) => overlaps(box, other))).toBe(false);
          expect([box.x >= 0, box.x + box.width <= CANVAS.width, box.y >= 0, box.y + box.height <= CANVAS.height]).toEqual([
            true,
            true,
            true,
            true,
          ]);
        }
      }),
    );
  });

  it('stand above their pin when nothing is near, and stay where they are while there is room', async () => {
    const { placeLabels } = await labels();
    const shop = { key: 'shop', x: 100, y: 150, isPin: true, width: 60 };
    const alone = placeLabels([shop], CANVAS);
    expect(alone.get('shop')).toMatchObject({ x: 0, y: -36 });
    const rider = { key: 'rider', x: 100, y: 110, isPin: false, width: 0 };
    const moved = placeLabels([shop, rider], CANVAS, alone);
    expect(moved.get('shop')?.slot).not.toBe(alone.get('shop')?.slot);
    expect(placeLabels([shop], CANVAS, moved).get('shop')).toEqual(moved.get('shop'));
  });
});

describe('the map in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  it.each([360, 1280])('at %i px shows the shop and four orders within 200 m, every name to be read', async (width) => {
    const server = listen(new FakeWorld());
    const page = await browser.newPage({ viewport: { width, height: 740 } });
    page.setDefaultTimeout(STEP_TIMEOUT_MS);
    const shop = { lat: -26.2485, lng: 27.854, name: 'Mama Thandi’s Kitchen' };
    const order = (i: number) => ({
      id: `o${i}`,
      code: `K${i}F`,
      status: 'READY_FOR_PICKUP',
      driver_id: null,
      pickup: shop,
      dropoff: { lat: shop.lat + i * 0.0003, lng: shop.lng + (i % 2) * 0.0004 },
    });
    await page.route('**/sandbox/map*', (route) => route.fulfill({ json: { shop, drivers: [], orders: [0, 1, 2, 3].map(order) } }));
    await page.goto(`${server.url}/sandbox`);
    await page.waitForSelector('.welcome');
    if (width < 400) await page.click('[data-tab=map]');
    await page.waitForSelector('.mark .label:text-is("K3F")');
    const places = await page.locator('.mark .label').all();
    const boxes = await Promise.all(places.map((place) => place.boundingBox()));
    expect(boxes).toHaveLength(5);
    const real = boxes.filter((box) => box !== null);
    for (const [i, box] of real.entries()) expect(real.slice(i + 1).some((other) => overlaps(box, other))).toBe(false);
    await page.close();
    await server.close();
  });
});
