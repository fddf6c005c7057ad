/** Why a job was refused: asked after the refusal has gone out, answered by who likes to, by finger, keyboard or ear. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { DECLINE_REASONS } from '../../src/actors/driver/protocol.ts';
import { holdClock, type Phone } from './browser.ts';
import type { FakeDispatch } from './fake-dispatch.ts';
import { onStage } from './stage.ts';

/** What a thumb hits. */
const TARGET_PX = 44;
/** Of the time in which an offer that has just come takes no tap. */
const GUARD_STEP_MS = 100;
const ASKED = '#reasons section';
const READY = '#reasons button:not([disabled])';

let fake: FakeDispatch;
let phone: Phone;
let page: Page;

onStage(
  (stage) => {
    ({ fake, phone } = stage);
    ({ page } = phone);
  },
  { isOnline: true, shows: '#state:text-is("Online")' },
);

async function decline(n = 1): Promise<void> {
  fake.sendOffer(fake.offer(n));
  await page.click('#offer-decline');
}

it('the refusal is gone with one tap, before anything is asked, and no reason is needed', async () => {
  await decline();
  await fake.until(() => fake.effects.includes('decline off_1'));
  await page.click('#reasons button:has-text("No reason")');
  await page.waitForSelector(ASKED, { state: 'detached' });
  expect(fake.effects).toEqual(['decline off_1']);
  expect(fake.received).toHaveLength(1);
});

it('every reason is a button big enough for a thumb, and the one chosen follows the refusal, once', async () => {
  await decline();
  await page.waitForSelector(READY);
  const choices = page.locator('#reasons button');
  expect(await choices.evaluateAll((all) => all.map((each) => each.getAttribute('data-reason')))).toEqual([...DECLINE_REASONS, '']);
  for (const choice of await choices.all()) {
    const box = await choice.boundingBox();
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(TARGET_PX);
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(page.viewportSize()?.height ?? 0);
  }
  expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0);
  await page.click('#reasons button:has-text("Too heavy")');
  await fake.until(() => fake.effects.includes('reason off_1 too_heavy'));
  await page.waitForSelector(ASKED, { state: 'detached' });
  expect(fake.effects).toEqual(['decline off_1', 'reason off_1 too_heavy']);
});

it('a second tap on the same place chooses nothing, and does not end the shift', async () => {
  // Both taps before the choices can be tapped, however long the machine takes for the second one; an offer drawn anew counts from the same clock.
  await holdClock(page);
  fake.sendOffer(fake.offer(1));
  await page.waitForSelector('#offer-decline');
  while (await page.isDisabled('#offer-decline')) await page.clock.runFor(GUARD_STEP_MS);
  await page.dblclick('#offer-decline');
  await page.clock.resume();
  await page.click('#reasons button:has-text("Not safe")');
  await fake.until(() => fake.effects.includes('reason off_1 unsafe'));
  expect(fake.effects).toEqual(['decline off_1', 'reason off_1 unsafe']);
  fake.sendOffer(fake.offer(2));
  await page.waitForSelector('#offer-decline:not([disabled])');
  const disabled = `[...document.querySelectorAll('#reasons button')].map((choice) => choice.disabled)`;
  const asDrawn = await page.evaluate(
    `(async () => (document.getElementById('offer-decline').click(), await null, await null, ${disabled}))()`,
  );
  expect(asDrawn).toEqual([...DECLINE_REASONS, null].map(() => true));
  await page.click('#shift');
  await fake.until(() => fake.effects.includes('status offline'));
});

it('by keyboard: the question has the focus and a name, the choices follow it, Escape leaves it', async () => {
  const focused = () => page.evaluate(`document.activeElement.closest('#reasons')?.id ?? document.activeElement.id`);
  await decline();
  await page.waitForSelector(READY);
  expect(await page.getByRole('group', { name: /K1F declined\. Why\?/ }).evaluate((group) => group.matches(':focus'))).toBe(true);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await fake.until(() => fake.effects.includes('reason off_1 too_heavy'));
  await page.waitForSelector(ASKED, { state: 'detached' });
  expect(await focused()).toBe('main');
  await decline(2);
  await page.waitForSelector(READY);
  await page.keyboard.press('Escape');
  await page.waitForSelector(ASKED, { state: 'detached' });
  expect(await focused()).toBe('main');
  expect(fake.effects.at(-1)).toBe('decline off_2');
});

it('the next offer is not held up: it takes the place of the question', async () => {
  await decline();
  await page.waitForSelector(READY);
  await fake.until(() => fake.effects.includes('decline off_1'));
  fake.sendOffer(fake.offer(2));
  await page.click('#offer-accept');
  await page.waitForSelector('.job[data-order=ord_2]');
  expect(await page.locator(ASKED).count()).toBe(0);
  expect(fake.effects).toEqual(['decline off_1', 'accept off_2']);
});

it('without signal refusal and reason are kept, named, and go out in order', async () => {
  fake.sendOffer(fake.offer(1));
  await page.waitForSelector('#offer-decline:not([disabled])');
  fake.cut();
  await page.click('#offer-decline');
  await page.click('#reasons button:has-text("Too far")');
  await page.waitForSelector('.unsent li >> nth=1');
  expect(await page.locator('.unsent li').allTextContents()).toEqual(['Decline K1F', 'Say why not K1F']);
  fake.reachable = true;
  await fake.until(() => fake.effects.length === 2);
  expect(fake.effects).toEqual(['decline off_1', 'reason off_1 too_far']);
});

it('asks in isiZulu who reads isiZulu', async () => {
  await page.click('#menu-open');
  await page.selectOption('#menu select', 'zu');
  await decline();
  await page.waitForSelector('#reasons:has-text("Kungani?") button:has-text("Kukude kakhulu")');
});
