/** The driver's app in a real browser: whole deliveries by taps, and every way in which the network fails a driver. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { openPhone, type Phone, type Server, serve, told } from './browser.ts';
import { FakeDispatch, TOKEN } from './fake-dispatch.ts';

let browser: Browser;
let fake: FakeDispatch;
let server: Server;
let phones: Phone[];

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());
beforeEach(() => {
  fake = new FakeDispatch();
  server = serve(fake);
  phones = [];
});
afterEach(async () => {
  for (const phone of phones) await phone.context.close();
  await server.close();
  expect(server.defects).toEqual([]);
  expect(fake.faults).toEqual([]);
  expect(phones.flatMap(({ problems }) => problems)).toEqual([]);
});

async function open(path?: string): Promise<Phone> {
  const phone = await openPhone(browser, server, path);
  phones.push(phone);
  return phone;
}

/** A driver on duty with a job in hand. */
async function openOnDuty(jobPhase: 'to_pickup' | 'to_dropoff' | 'at_dropoff' | null = null): Promise<Phone> {
  fake.goOnline();
  const phone = await open();
  await phone.page.waitForSelector('#state:text-is("Online")');
  if (jobPhase !== null) {
    fake.give(fake.offer(1), jobPhase);
    await phone.page.waitForSelector('.job[data-order=ord_1]');
  }
  return phone;
}

describe('signing in', () => {
  it('takes the token out of the address bar, and a reload is still signed in', async () => {
    const { page } = await open();
    await page.waitForSelector('#shift:has-text("Go online")');
    expect(page.url()).toBe(`${server.url}/drive`);
    await page.reload();
    await page.waitForSelector('#shift:has-text("Go online")');
  });

  it('offers demo drivers where there is a sandbox, and refuses what is no link', async () => {
    const { page } = await open('/drive');
    await page.fill('#token', 'hello');
    await page.click('button[type=submit]');
    await page.waitForSelector('.wrong:has-text("not a sign-in link")');
    await page.click('[data-driver]:has-text("Sipho")');
    await page.waitForSelector('#shift:has-text("Go online")');
  });

  it('says that a sign-in has ended, and keeps what was not sent for the next one', async () => {
    const { page } = await openOnDuty('to_pickup');
    fake.mute = true;
    await page.click('#step');
    await fake.until(() => fake.idsOf('arrived').length === 1);
    fake.closeAll(4401);
    await page.waitForSelector('.wrong:has-text("sign-in has ended")');
    fake.mute = false;
    await page.fill('#token', `${server.url}/drive#token=${TOKEN}`);
    await page.click('button[type=submit]');
    await fake.until(() => fake.idsOf('arrived').length === 2);
    expect(new Set(fake.idsOf('arrived')).size).toBe(1);
    expect(fake.effects).toEqual(['arrived ord_1']);
  });
});

it('shows that it is loading while its scripts are on a slow line', async () => {
  const { page } = await open('/drive');
  await page.route('**/drive/start.js', () => undefined);
  await page.goto(`${server.url}/drive?again`, { waitUntil: 'commit' });
  await page.waitForSelector('main .spinner');
});

describe('a driver that the shop has suspended', () => {
  it('is told so, not sent for a new link, and is back as soon as it is approved again', async () => {
    const { page } = await openOnDuty();
    const approved = fake.view;
    fake.view = { ...approved, status: 'suspended' };
    fake.closeAll(4401, 'driver.suspended');
    await page.waitForSelector('.wrong:has-text("Your account is suspended. Call the shop.")');
    await page.reload();
    await page.waitForSelector('.wrong:has-text("Your account is suspended. Call the shop.")');
    fake.view = approved;
    await page.reload();
    await page.waitForSelector('#state:text-is("Online")');
  });
});

describe('by keyboard and by ear', () => {
  it('what does not fit on a small screen is read with the arrow keys', async () => {
    const { page } = await openOnDuty();
    await page.setViewportSize({ width: 320, height: 480 });
    await page.focus('#menu-open');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await page.keyboard.press('End');
    await expect.poll(() => page.evaluate('document.getElementById("main").scrollTop')).toBeGreaterThan(0);
  });

  it('an offer has a name and the focus, and what lies under it cannot be reached until it has gone', async () => {
    const { page } = await openOnDuty();
    await page.click('#menu-open');
    fake.sendOffer(fake.offer(1));
    await page.waitForSelector('#offer-decline:not(:disabled)');
    expect(await page.locator('#menu[open]').count()).toBe(0);
    expect(await page.getByRole('dialog', { name: 'New job' }).count()).toBe(1);
    expect(await page.locator(':is(header, main, footer)[inert]').count()).toBe(3);
    expect(await page.evaluate('document.activeElement.id')).toBe('offer');
    for (const id of ['offer-decline', 'offer-accept']) {
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.id')).toBe(id);
    }
    fake.closeOffer('taken');
    await told(page, 'Another driver was first');
    expect(await page.locator(':is(header, main, footer)[inert]').count()).toBe(0);
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
  });
});

it('both answers to an offer are in sight on a small phone, however long the shop’s name is', async () => {
  const { page } = await openOnDuty();
  await page.setViewportSize({ width: 320, height: 480 });
  const offer = fake.offer(1);
  const name = 'Bartholomew-Featherstonehaugh-Cholmondeley & Daughters Family Kitchen';
  fake.sendOffer({ ...offer, job: { ...offer.job, pickup: { ...offer.job.pickup, name } } });
  await page.waitForSelector(`#offer:has-text("${name}")`);
  await page.waitForSelector('#offer-accept:not(:disabled)');
  for (const id of ['#offer-decline', '#offer-accept']) {
    const box = await page.locator(id).boundingBox();
    expect((box?.y ?? 0) + (box?.height ?? 999)).toBeLessThanOrEqual(480);
  }
});

describe('the focus of the keyboard', () => {
  it('goes to the middle of the screen from a step that is taken, so that an Enter that is held takes no second one', async () => {
    const { page } = await openOnDuty('to_pickup');
    await page.focus('#step');
    for (let repeats = 0; repeats < 3; repeats += 1) await page.keyboard.down('Enter');
    await page.waitForSelector('#step:has-text("I have the order")');
    await fake.until(() => fake.effects.length > 0);
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    expect(fake.effects).toEqual(['arrived ord_1']);
    await page.keyboard.up('Enter');
  });

  it('stays on a button that is drawn anew and does the same', async () => {
    const { page, context } = await openOnDuty('to_pickup');
    const far = await page.textContent('.away');
    await page.focus('.stop');
    await context.setGeolocation({ latitude: -26.2602, longitude: 27.8581, accuracy: 8 });
    await expect.poll(() => page.textContent('.away')).not.toBe(far);
    expect(await page.evaluate('document.activeElement.className')).toBe('stop');
  });
});

describe('a whole job', () => {
  it('goes from the offer to delivered by taps alone, with the customer’s code wrong once', async () => {
    const { page } = await open();
    await page.click('#shift');
    await page.waitForSelector('main h1:has-text("Waiting for orders")');
    await fake.until(() => fake.fixes.length > 0);
    expect(fake.fixes[0]).toMatchObject({ lat: expect.closeTo(-26.2452, 2), accuracyM: expect.any(Number) });

    fake.sendOffer(fake.offer(1));
    await page.waitForSelector('#offer:has-text("R27.50")');
    expect(await page.textContent('#offer')).toMatch(/640 m.*to the shop.*3\.4 km.*trip.*Collect R123\.50 cash/s);
    await page.click('#offer-accept');
    await page.waitForSelector('.job h1:has-text("Ride to the shop")');
    expect(await page.getAttribute('#navigate', 'href')).toMatch(/-26\.2485/);
    await page.click('#step:has-text("I have arrived")');
    await page.click('#step:has-text("I have the order")');
    await page.click('#step:has-text("I have arrived")');
    await page.click('#step:has-text("Hand over")');
    await page.fill('#otp-code', '1111');
    await page.click('#otp button[type=submit]');
    await page.waitForSelector('#otp .wrong:has-text("That code is wrong. Tries left: 4.")');
    await page.fill('#otp-code', fake.otp);
    await page.click('#otp button[type=submit]');
    await told(page, 'K1F delivered', 'good');
    await page.waitForSelector('.figure.main:has-text("R273.00")');
    const steps = ['arrived ord_1', 'picked_up ord_1', 'arrived ord_1', 'delivered ord_1'];
    expect(fake.effects).toEqual(['status online', 'accept off_1', ...steps]);
    expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0);
  });

  it('what was refused is not said any longer once it has been done', async () => {
    const { page } = await openOnDuty('to_pickup');
    fake.isTooFar = true;
    await page.click('#step:has-text("I have arrived")');
    await page.waitForSelector('.notice.bad:has-text("not close enough")');
    fake.isTooFar = false;
    await page.click('#step:has-text("I have arrived")');
    await page.waitForSelector('.notice.bad', { state: 'detached' });
    expect(fake.effects).toEqual(['arrived ord_1']);
  });

  it('with a simulated rider: drives to the stop by one button', async () => {
    fake.goOnline();
    const { page } = await open(`/drive?demo=1#token=${TOKEN}`);
    await page.waitForSelector('#signal:has-text("Simulated GPS")');
    fake.give(fake.offer(1));
    await page.click('#menu-open');
    await page.selectOption('#menu select >> nth=1', { index: 3 });
    await page.click('#drive-there');
    const first = fake.fixes.length;
    await fake.until(() => fake.fixes.length > first + 2);
    const [from, to] = [fake.fixes[first], fake.fixes.at(-1)];
    const gap = (fix: typeof to): number => Math.hypot((fix?.lat ?? 0) - -26.2485, (fix?.lng ?? 0) - 27.854);
    expect(gap(to)).toBeLessThan(gap(from));
    expect(to?.speedMps).toBeCloseTo(41, 0);
  });

  it('a simulated rider keeps the speed that was chosen over a reload', async () => {
    const { page } = await open(`/drive?demo=1#token=${TOKEN}`);
    await page.waitForSelector('#shift');
    for (const [before, chosen] of [
      ['25', '41'],
      ['41', '11'],
    ] as const) {
      await page.click('#menu-open');
      expect(await page.inputValue('#menu label:nth-of-type(2) select')).toBe(before);
      await page.selectOption('#menu label:nth-of-type(2) select', chosen);
      await page.reload();
      await page.waitForSelector('#shift');
    }
  });

  it('several jobs are a list of stops, and the driver may take another one first', async () => {
    const { page } = await openOnDuty('to_dropoff');
    fake.give(fake.offer(2));
    await page.waitForSelector('.job.pickup[data-order=ord_2]');
    expect(await page.locator('.next .stop').allTextContents()).toEqual([
      expect.stringContaining('Bring K1F'),
      expect.stringContaining('Bring K2F'),
    ]);
    await page.click('.next .stop:has-text("Bring K1F")');
    await page.waitForSelector('.job.dropoff[data-order=ord_1]');
    await page.click('#step:has-text("I have arrived")');
    await fake.until(() => fake.effects.includes('arrived ord_1'));
  });
});

describe('an offer', () => {
  it('closes by itself when its time is over, and says so', async () => {
    const { page } = await openOnDuty();
    const offer = fake.offer(1);
    fake.sendOffer(offer);
    await page.waitForSelector('#offer-seconds');
    // The same one, of which little is left: nobody has to see it in so short a time.
    fake.sendOffer({ ...offer, expiresAtMs: Date.now() + 1_000 });
    await told(page, 'ran out');
    expect(await page.isVisible('#offer')).toBe(false);
  });

  it.each([
    ['taken', 'Another driver was first'],
    ['cancelled', 'cancelled this job'],
  ] as const)('closed as %s is taken off the screen with the reason in words', async (reason, words) => {
    const { page } = await openOnDuty();
    fake.sendOffer(fake.offer(1));
    await page.waitForSelector('#offer-accept');
    fake.closeOffer(reason);
    await told(page, words);
    expect(await page.isVisible('#offer')).toBe(false);
  });

  it('that was lost to another driver is said, and no job appears', async () => {
    const { page } = await openOnDuty();
    fake.acceptOutcome = 'lost';
    fake.sendOffer(fake.offer(1));
    await page.click('#offer-accept');
    await page.waitForSelector('.notice.bad:has-text("Another driver was first")');
    expect(await page.locator('.job').count()).toBe(0);
  });

  it('that ended while the phone was away is gone after the reconnection, not a ghost', async () => {
    const { page } = await openOnDuty();
    fake.sendOffer(fake.offer(1));
    await page.waitForSelector('#offer-accept');
    fake.cut();
    await page.waitForSelector('#offer .unsure');
    fake.view = { ...fake.view, offer: null };
    fake.reachable = true;
    await told(page, 'no longer open');
    expect(await page.isVisible('#offer')).toBe(false);
  });
});

describe('a bad network', () => {
  it('every step is kept, survives a reload, and is done once, in order, with its first id', async () => {
    const { page } = await openOnDuty('to_pickup');
    fake.mute = true;
    await page.click('#step:has-text("I have arrived")');
    await fake.until(() => fake.idsOf('arrived').length === 1);
    fake.cut();
    await page.click('#step:has-text("I have the order")');
    await page.waitForSelector('.unsent:has-text("Kept on this phone") li >> nth=1');
    expect(await page.locator('.unsent li').allTextContents()).toEqual(['Arrived, K1F', 'Picked up K1F']);
    await page.reload();
    await page.waitForSelector('.job h1:has-text("Ride to the customer")');
    expect(await page.locator('.unsent li').allTextContents()).toEqual(['Arrived, K1F', 'Picked up K1F']);

    fake.mute = false;
    fake.reachable = true;
    await fake.until(() => fake.effects.includes('picked_up ord_1'));
    await page.waitForSelector('.unsent', { state: 'detached' });
    expect(fake.effects).toEqual(['arrived ord_1', 'picked_up ord_1']);
    expect(fake.idsOf('arrived')).toHaveLength(2);
    expect(new Set(fake.idsOf('arrived')).size).toBe(1);
    expect(fake.idsOf('picked_up')).toHaveLength(1);
  });

  it('a double tap is one action', async () => {
    const { page } = await openOnDuty();
    fake.sendOffer(fake.offer(1));
    await page.dblclick('#offer-accept');
    await page.waitForSelector('.job[data-order=ord_1]');
    expect(fake.idsOf('accept')).toHaveLength(1);
  });

  it('positions of the way are kept while it is gone, and come after the newest one', async () => {
    const { page, context } = await openOnDuty();
    await fake.until(() => fake.fixes.length > 0);
    fake.cut();
    await page.waitForSelector('#state:has-text("No connection")');
    const waiting = async () => Number(/(\d+) positions wait/.exec((await page.textContent('#signal')) ?? '')?.[1] ?? 0);
    for (let step = 1; (await waiting()) < 3; step++) {
      await context.setGeolocation({ latitude: -26.2452 + step * 1e-4, longitude: 27.8581, accuracy: 8 });
      await page.waitForTimeout(300);
    }
    const before = fake.fixes.length;
    fake.reachable = true;
    await fake.until(() => fake.fixes.length >= before + 3);
    const late = fake.fixes.slice(before, before + 3).map((fix) => fix.atMs);
    expect(late[0]).toBe(Math.max(...late));
    expect(late[1]).toBeLessThan(late[2] ?? 0);
  });

  it('the app opens without any network from what the worker kept, with the job and the way to it', async () => {
    const { page, context } = await openOnDuty('to_dropoff');
    await page.evaluate('navigator.serviceWorker.ready');
    await context.setOffline(true);
    await page.reload();
    await page.waitForSelector('.job h1:has-text("Ride to the customer")');
    expect(await page.textContent('.job')).toContain('8115 Vilakazi Street');
    await page.waitForSelector('#state:has-text("No connection")');
  });

  it('the shift is the driver’s last word, also when said without signal', async () => {
    const { page } = await openOnDuty();
    fake.cut();
    await page.waitForSelector('#state:has-text("No connection")');
    await page.click('#shift:has-text("Go off duty")');
    await page.waitForSelector('.unsent:has-text("Go off duty")');
    fake.reachable = true;
    await fake.until(() => fake.effects.includes('status offline'));
    await page.waitForSelector('#shift:has-text("Go online")');
    expect(await page.locator('.notice').count()).toBe(0);
  });

  it('a cancelled delivery is said loudly and leaves the screen', async () => {
    const { page } = await openOnDuty('to_dropoff');
    fake.cancel('ord_1');
    await page.waitForSelector('.notice.bad:has-text("K1F was cancelled")');
    expect(await page.locator('.job').count()).toBe(0);
  });
});

it('speaks isiZulu after one choice, and keeps to it', async () => {
  const { page } = await open();
  await page.waitForSelector('#shift');
  await page.click('#menu-open');
  await page.selectOption('#menu select', 'zu');
  await page.waitForSelector('#shift:has-text("Qala umsebenzi")');
  await page.reload();
  await page.waitForSelector('#shift:has-text("Qala umsebenzi")');
});
