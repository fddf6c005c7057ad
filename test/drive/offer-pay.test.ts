/** What an offer on the screen says that the ride pays. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { FakeDispatch } from './fake-dispatch.ts';
import { onStage } from './stage.ts';

let fake: FakeDispatch;
let page: Page;

onStage(
  (stage) => {
    ({ fake } = stage);
    ({ page } = stage.phone);
  },
  { isOnline: true, shows: '#state:text-is("Online")' },
);

it('an offer promises what is earned, to the cent, and names the fee that it comes from', async () => {
  fake.sendOffer(fake.offer(1));
  // 15 % of R27.50 come off.
  await page.waitForSelector('.fee b:has-text("R23.37")');
  expect(await page.textContent('.fee small')).toBe('You earn');
  expect(await page.textContent('.fee .gross')).toBe('Trip fee R27.50, deductions taken off');
  await page.click('#offer-accept');
  await page.waitForSelector('.job .over:has-text("R23.37")');
});

it('an offer of a server that does not say what comes off names the fee alone, and promises nothing beyond it', async () => {
  fake.sendOfferWithoutNet(fake.offer(1));
  await page.waitForSelector('.fee b:has-text("R27.50")');
  expect(await page.textContent('.fee small')).toBe('Trip fee, before deductions');
  expect(await page.locator('.fee .gross').count()).toBe(0);
  // R27.50 for the 640 m to the shop and the 3.4 km from there.
  expect(await page.textContent('.fee .rate')).toContain('R6.81');
});
