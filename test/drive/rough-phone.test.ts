/** The driver's app on phones that fail it: no storage, a disk that goes away, a clock that is set, a pocket. */
import { describe, expect, it } from 'vitest';
import { busyDisk, holdClock, type Phone, type Server, told } from './browser.ts';
import { DRIVER_ID, type FakeDispatch, TOKEN } from './fake-dispatch.ts';
import { onStage } from './stage.ts';

const NOT_KEPT = '.notice:has-text("This browser keeps nothing")';

/** Longer than a late disk is waited for and asked again after, together. */
const LATE = { timeout: 25_000 };
/** Of a position, as the protocol fixes it. */
const RECORD_BYTES = 32;

let fake: FakeDispatch;
let server: Server;
let phone: Phone;

// Signs in only where a test says so.
onStage(
  (stage) => {
    ({ fake, server, phone } = stage);
  },
  { isOnline: true, path: '/drive/icon.svg' },
);

/** Signs in, once the phone is as rough as `script` makes it. */
async function goOnDuty(script = ''): Promise<Phone> {
  await phone.page.addInitScript(script);
  await phone.page.goto(`${server.url}/drive#token=${TOKEN}`);
  await phone.page.waitForSelector('#state:text-is("Online")');
  return phone;
}

/** From then on the database does not answer, until `window.letDisk()`. */
const LATE_DISK = `{
  const { open } = IDBFactory.prototype;
  const let_ = new Promise((resolve) => (window.letDisk = resolve));
  IDBFactory.prototype.open = function (...given) {
    const late = {};
    let_.then(() => {
      const real = open.apply(this, given);
      for (const name of ['onupgradeneeded', 'onsuccess', 'onerror']) real[name] = (event) => {
        late.result = real.result;
        late[name]?.(event);
      };
    });
    return late;
  };
}`;

/** Loads the app anew, on a phone whose disk takes longer than anybody waits. */
async function reloadWithLateDisk(page: Phone['page']): Promise<void> {
  await page.addInitScript(LATE_DISK);
  await page.reload();
  await page.waitForSelector(NOT_KEPT);
}

describe('a disk that is late at the start', () => {
  it('gives what an earlier page left when it comes, and it goes out', async () => {
    const { page } = await goOnDuty();
    fake.give(fake.offer(1), 'to_pickup');
    await page.waitForSelector('.job');
    fake.cut();
    await page.waitForSelector('#state:has-text("No connection")');
    await page.click('#step:has-text("I have arrived")');
    await page.waitForSelector('.unsent li');
    await reloadWithLateDisk(page);
    fake.reachable = true;
    await page.waitForSelector('#state:text-is("Online")');
    expect(fake.effects).toEqual([]);
    await page.evaluate('letDisk()');
    await fake.until(() => fake.effects.includes('arrived ord_1'));
    await page.waitForSelector('#step:has-text("I have the order")');
  });

  it('neither undoes nor loses what was done meanwhile: the newer word on a matter counts, on the disk as well', async () => {
    const { page } = await goOnDuty();
    fake.give(fake.offer(1), 'to_pickup');
    fake.give(fake.offer(2), 'to_pickup');
    await page.waitForSelector('.next .stop');
    fake.cut();
    await page.waitForSelector('#state:has-text("No connection")');
    await page.click('#step:has-text("I have arrived")');
    await page.waitForSelector('.unsent li:has-text("Arrived, K1F")');
    const [old] = await fromDisk(page, 'actions');
    await reloadWithLateDisk(page);
    await page.click('#step:has-text("I have arrived")');
    await page.waitForSelector('.unsent li:has-text("Arrived, K1F")');
    await page.evaluate('letDisk()');
    await expect.poll(async () => (await fromDisk(page, 'actions')).filter((id) => id !== old).length, LATE).toBe(1);
    await expect.poll(() => fromDisk(page, 'actions')).not.toContain(old);
    fake.reachable = true;
    await fake.until(() => fake.effects.length > 0);
    await page.waitForSelector('.unsent li', { state: 'detached' });
    expect(fake.effects).toEqual(['arrived ord_1']);
    expect(fake.idsOf('arrived')).not.toContain(old);
  });

  it('gives the positions of the way that an earlier page could not send, and its proof', async () => {
    const { page, context } = await goOnDuty();
    fake.give(fake.offer(1), 'at_dropoff');
    await page.waitForSelector('.job');
    fake.cut();
    await page.waitForSelector('#state:has-text("No connection")');
    const cutAtMs = Date.now();
    let south = 0;
    await expect
      .poll(async () => {
        await context.setGeolocation({ latitude: -26.2455 - south++ * 1e-4, longitude: 27.8581, accuracy: 8 });
        return await page.textContent('#signal');
      }, LATE)
      .toMatch(/[5-9] positions wait/);
    await page.click('#proof-note');
    await page.fill('#proof-text', 'Nobody at home');
    await page.click('#proof-sheet button[type=submit]');
    await page.waitForSelector('#proof-waiting');
    await expect.poll(async () => Number((await fromDisk(page, 'positions'))[0]) >= 5 * RECORD_BYTES, LATE).toBe(true);
    await reloadWithLateDisk(page);
    fake.reachable = true;
    await page.waitForSelector('#state:text-is("Online")');
    expect([fake.fixes.filter(isLeft), fake.proofs]).toEqual([[], []]);
    await page.evaluate('letDisk()');
    await expect.poll(() => [fake.proofs.length, fake.fixes.some(isLeft)], LATE).toEqual([1, true]);

    /** On the way there; where the phone is now, the receiver says again. */
    function isLeft({ lat, atMs }: { readonly lat: number; readonly atMs: number }): boolean {
      return atMs > cutAtMs && lat > -26.2455 - (south - 1.5) * 1e-4;
    }
  });
});

/** The ids of the actions in the driver's database, or the length of its positions; waits while it is late. */
async function fromDisk(page: Phone['page'], store: 'actions' | 'positions'): Promise<unknown[]> {
  return await page.evaluate(`new Promise((resolve, reject) => {
    const opening = indexedDB.open('wakala-drive-${DRIVER_ID}');
    opening.onerror = reject;
    opening.onsuccess = () => {
      opening.result.transaction('${store}').objectStore('${store}').getAll().onsuccess = ({ target }) => {
        opening.result.close();
        resolve(target.result.map((kept) => kept.id ?? kept.byteLength));
      };
    };
  })`);
}

describe('storage', () => {
  it('a phone that keeps nothing works, says so, and is the same phone at every connection', async () => {
    const refuse = "() => { throw new DOMException('refused', 'SecurityError'); }";
    const devices: (string | null)[] = [];
    phone.page.on('websocket', (socket) => devices.push(new URL(socket.url()).searchParams.get('device')));
    const { page } = await goOnDuty(`indexedDB.open = Storage.prototype.getItem = Storage.prototype.setItem = ${refuse};`);
    await page.waitForSelector(NOT_KEPT);
    fake.give(fake.offer(1), 'to_pickup');
    await page.click('#step:has-text("I have arrived")');
    await fake.until(() => fake.effects.includes('arrived ord_1'));
    fake.closeAll(1001);
    await expect.poll(() => devices.length).toBeGreaterThan(1);
    expect(new Set(devices).size).toBe(1);
  });

  it('a disk that fails in the middle of the shift is said, and the step goes out all the same', async () => {
    const { page } = await goOnDuty();
    fake.give(fake.offer(1), 'to_pickup');
    await page.waitForSelector('.job');
    await page.evaluate("indexedDB.open = IDBDatabase.prototype.transaction = () => { throw new DOMException('full', 'UnknownError'); }");
    await page.click('#step:has-text("I have arrived")');
    await fake.until(() => fake.effects.includes('arrived ord_1'));
    await page.waitForSelector(NOT_KEPT);
  });

  it('a disk that does not answer is said, and the step goes out all the same', async () => {
    const { page } = await goOnDuty();
    fake.give(fake.offer(1), 'to_pickup');
    await page.waitForSelector('.job');
    await page.evaluate(busyDisk('actions'));
    await page.click('#step:has-text("I have arrived")');
    await fake.until(() => fake.effects.includes('arrived ord_1'));
    await page.waitForSelector(NOT_KEPT);
  });

  it('a step that the disk has not taken is not said to be kept', async () => {
    const { page } = await goOnDuty();
    fake.give(fake.offer(1), 'to_pickup');
    await page.waitForSelector('.job');
    fake.cut();
    await page.waitForSelector('#state:has-text("No connection")');
    await page.evaluate(busyDisk('actions'));
    await holdClock(page);
    await page.click('#step:has-text("I have arrived")');
    await page.waitForSelector('#step:has-text("I have the order")');
    expect(await page.locator('.unsent li').count()).toBe(0);
    await page.clock.resume();
    // Given up by then, and said.
    await page.waitForSelector(NOT_KEPT);
    await page.waitForSelector('.unsent li');
  });

  it('a browser whose database never opens works all the same', async () => {
    const { page } = await goOnDuty('indexedDB.open = () => ({});');
    await page.waitForSelector(NOT_KEPT);
    fake.give(fake.offer(1), 'to_pickup');
    await page.click('#step:has-text("I have arrived")');
    await fake.until(() => fake.effects.includes('arrived ord_1'));
  });

  it('a database that the browser has closed under the app is opened again, and what is done then survives a reload', async () => {
    const { page } = await goOnDuty(`{
      const { transaction } = IDBDatabase.prototype;
      IDBDatabase.prototype.transaction = function (...given) { window.database = this; return transaction.apply(this, given); };
    }`);
    fake.give(fake.offer(1), 'to_pickup');
    await page.waitForSelector('.job');
    await page.evaluate('database.close()');
    fake.cut();
    await page.click('#step:has-text("I have arrived")');
    await page.waitForSelector('.unsent li');
    await page.reload();
    await page.waitForSelector('.unsent li:has-text("Arrived, K1F")');
    expect(await page.isVisible(NOT_KEPT)).toBe(false);
  });

  it('an older page that holds the database does not keep the app from starting', async () => {
    const older = await phone.context.newPage();
    await older.goto(`${server.url}/drive/icon.svg`);
    await older.evaluate(`new Promise((resolve) => (indexedDB.open('wakala-drive-${DRIVER_ID}', 1).onsuccess = resolve))`);
    const { page } = await goOnDuty();
    await page.waitForSelector(NOT_KEPT);
  });
});

it('positions that a dying link has swallowed go out again on the next one', async () => {
  const { page, context } = await goOnDuty();
  await fake.until(() => fake.fixes.length > 0);
  fake.isDeaf = true;
  let south = 0;
  await expect
    .poll(async () => {
      await context.setGeolocation({ latitude: -26.2455 - south++ * 1e-4, longitude: 27.8581, accuracy: 8 });
      return fake.swallowed;
    })
    .toBeGreaterThan(2);
  expect(await page.textContent('#signal')).not.toContain('wait');
  const before = fake.fixes.length;
  fake.cut();
  await page.waitForSelector('#state:has-text("No connection")');
  fake.isDeaf = false;
  fake.reachable = true;
  // All of the way, and not only where it ended.
  await fake.until(
    () =>
      new Set(
        fake.fixes
          .slice(before)
          .map(({ lat }) => lat)
          .filter((lat) => lat <= -26.2455),
      ).size > 2,
  );
});

it('a clock that is set back by an hour silences no position, and the server’s time is asked anew', async () => {
  const { page, context } = await goOnDuty('{ const now = Date.now; window.setBackMs = 0; Date.now = () => now() - window.setBackMs; }');
  await fake.until(() => fake.fixes.length > 0);
  const asked = page.waitForRequest('**/v1/driver/me');
  await page.evaluate('window.setBackMs = 3_600_000');
  await asked;
  const before = fake.fixes.length;
  await context.setGeolocation({ latitude: -26.2552, longitude: 27.8581, accuracy: 8 });
  await fake.until(() => fake.fixes.length > before);
});

it('a clock that is a minute ahead of the receiver’s silences no position', async () => {
  await goOnDuty('{ const now = Date.now; Date.now = () => now() + 60_000; }');
  await fake.until(() => fake.fixes.length > 0);
});

it('in a pocket nothing is drawn, and whoever looks again sees what is now', async () => {
  const { page } = await goOnDuty(
    "window.seen = 'visible'; Object.defineProperty(document, 'visibilityState', { get: () => window.seen });",
  );
  await page.evaluate("window.seen = 'hidden'");
  fake.give(fake.offer(1), 'to_pickup');
  await told(page, 'K1F');
  expect(await page.isVisible('.job')).toBe(false);
  await page.evaluate("window.seen = 'visible'; document.dispatchEvent(new Event('visibilitychange'))");
  await page.waitForSelector('.job[data-order=ord_1]');
});

it('at twice the size on a small phone every choice is in sight, and the middle of the screen has room', async () => {
  const { page } = await goOnDuty();
  await page.setViewportSize({ width: 180, height: 370 });
  const isCut = async (): Promise<string[]> => {
    const choices = await page.locator(':is(button, select, a.big):visible').all();
    const boxes = await Promise.all(choices.map(async (choice) => ({ text: await choice.textContent(), box: await choice.boundingBox() })));
    return boxes.filter(({ box }) => box !== null && (box.x < 0 || box.x + box.width > 180)).map(({ text }) => text ?? '');
  };
  fake.sendOffer({ ...fake.offer(1), feeMinor: 1_234_500 });
  await page.waitForSelector('#offer-accept:not(:disabled)');
  expect(await isCut()).toEqual([]);
  expect((await page.locator('.route .pickup > span').boundingBox())?.width).toBeGreaterThan(80);
  await page.click('#offer-accept');
  await page.waitForSelector('.job[data-order=ord_1]');
  fake.give(fake.offer(2), 'to_pickup');
  await told(page, 'K2F');
  expect(await isCut()).toEqual([]);
  expect((await page.locator('main').boundingBox())?.height).toBeGreaterThanOrEqual(180);
  await page.click('#menu-open');
  await page.waitForSelector('#menu[open]');
  expect(await isCut()).toEqual([]);
});

it('by ear: the shift and the link are said when they change, and no second is counted aloud', async () => {
  const { page } = await goOnDuty();
  expect(await page.locator('#heard').getAttribute('role')).toBe('status');
  await page.waitForSelector('#heard:text-is("Online")', { state: 'attached' });
  expect(await page.locator(':is([role=status], [aria-live]) :is(#state, #signal)').count()).toBe(0);
  fake.cut();
  await page.waitForSelector('#state:has-text("retry in")');
  expect(await page.textContent('#heard')).toMatch(/^No connection\D*$/);
});
