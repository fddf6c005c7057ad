/** The driver's app and its newer versions: an installed app that is never closed gets them, and nobody is interrupted by one. */
import { expect, it } from 'vitest';
import type { Phone, Server } from './browser.ts';
import { type FakeDispatch, TOKEN } from './fake-dispatch.ts';
import { onStage } from './stage.ts';

const NEW_WORKER = "navigator.serviceWorker.dispatchEvent(new Event('controllerchange'))";
const IS_OLD_PAGE = 'window.isOldPage === true';

let fake: FakeDispatch;
let server: Server;
let phone: Phone;

onStage(
  (stage) => {
    ({ fake, server, phone } = stage);
  },
  { shows: '#shift' },
);

/** As it is on every start but the first. */
async function startAgain(): Promise<void> {
  const { page } = phone;
  await page.evaluate('navigator.serviceWorker.ready');
  await page.goto(`${server.url}/drive#token=${TOKEN}`);
  await page.reload();
  await page.waitForSelector('#shift');
  await expect.poll(() => page.evaluate('navigator.serviceWorker.controller !== null')).toBe(true);
  await page.evaluate('window.isOldPage = true');
}

it('a driver off duty gets the newer app at once, and only once though two versions take turns', async () => {
  const { page } = phone;
  await startAgain();
  const loaded = page.waitForEvent('load');
  await page.evaluate(NEW_WORKER);
  await loaded;
  await page.waitForSelector('#shift');
  expect(await page.evaluate(IS_OLD_PAGE)).toBe(false);
  await page.evaluate('window.isOldPage = true');
  await page.evaluate(NEW_WORKER);
  await page.click('#shift');
  await page.waitForSelector('#state:text-is("Online")');
  expect(await page.evaluate(IS_OLD_PAGE)).toBe(true);
});

it('in a shift nothing is loaded anew; with its end it is', async () => {
  const { page } = phone;
  await startAgain();
  await page.click('#shift');
  await page.waitForSelector('#state:text-is("Online")');
  await page.evaluate(NEW_WORKER);
  fake.give(fake.offer(1), 'to_pickup');
  await page.waitForSelector('.job');
  expect(await page.evaluate(IS_OLD_PAGE)).toBe(true);
  fake.cancel('ord_1');
  const loaded = page.waitForEvent('load');
  await page.click('#shift:has-text("Go off duty")');
  await loaded;
  await page.waitForSelector('#shift:has-text("Go online")');
});

it('the first worker of all changes nothing', async () => {
  const { page } = phone;
  await page.evaluate('window.isOldPage = true');
  await page.evaluate('navigator.serviceWorker.ready');
  await page.click('#menu-open');
  await page.waitForSelector('#menu[open]');
  await page.click('#menu button:has-text("Close")');
  expect(await page.evaluate(IS_OLD_PAGE)).toBe(true);
});

it('an app that stays open asks for a newer one every hour, also after a time when there was no answer', async () => {
  const { page } = phone;
  const asked = () => page.evaluate<number>('window.asked');
  await page.addInitScript(`
    window.asked = 0;
    const { update } = ServiceWorkerRegistration.prototype;
    ServiceWorkerRegistration.prototype.update = function () {
      window.asked += 1;
      return window.asked === 2 ? Promise.reject(new TypeError('Failed to fetch')) : update.call(this);
    };`);
  await page.clock.install();
  await startAgain();
  expect(await asked()).toBe(0);
  await page.clock.fastForward('59:00');
  expect(await asked()).toBe(0);
  await page.clock.fastForward('01:00');
  await expect.poll(asked).toBe(1);
  await page.clock.fastForward('01:00:00');
  await expect.poll(asked).toBe(2);
  await page.clock.fastForward('01:00:00');
  await expect.poll(asked).toBe(3);
});
