/** Proof of a delivery from the driver's phone, in a real browser: photo, note and signature, also where there is no signal. */
import { deflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { withoutMetadata } from '../../src/transport/http/picture.ts';
import { busyDisk, holdClock, type Phone, told } from './browser.ts';
import { DRIVER_ID, type FakeDispatch } from './fake-dispatch.ts';
import { onStage } from './stage.ts';

let fake: FakeDispatch;
let phone: Phone;

onStage(
  (stage) => {
    ({ fake, phone } = stage);
  },
  { isOnline: true, shows: '#state:text-is("Online")' },
);

async function arriveAtDoor(from: 'to_dropoff' | 'at_dropoff' = 'at_dropoff'): Promise<void> {
  fake.give(fake.offer(1), from);
  await phone.page.waitForSelector('.job[data-order=ord_1]');
}

async function handOver(): Promise<void> {
  const { page } = phone;
  await page.click('#step:has-text("Hand over")');
  await page.fill('#otp-code', fake.otp);
  await page.click('#otp button[type=submit]');
}

/** The view that the page keeps beside its database, without the rating. */
const FORGOTTEN_RATING = `{
  const key = 'wakala.drive.view.${DRIVER_ID}';
  const view = JSON.parse(localStorage.getItem(key));
  if (view.handed[0].isRated !== true) throw new Error('never remembered');
  view.handed[0].isRated = false;
  localStorage.setItem(key, JSON.stringify(view));
}`;

async function takePhoto(file: { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
  const chooser = phone.page.waitForEvent('filechooser');
  await phone.page.click('#proof-photo');
  await (await chooser).setFiles(file);
}

async function writeNote(text: string): Promise<void> {
  await phone.page.click('#proof-note');
  await phone.page.fill('#proof-text', text);
  await phone.page.click('#proof-sheet button[type=submit]');
}

/** One grey pixel of this size: a real PNG, as browsers read it. */
function picture(width: number, height: number): Buffer {
  const chunk = (name: string, body: Buffer): Buffer => {
    const all = Buffer.alloc(body.length + 12);
    all.writeUInt32BE(body.length, 0);
    all.write(name, 4, 'latin1');
    body.copy(all, 8);
    all.writeUInt32BE(crc32(all.subarray(4, body.length + 8)), body.length + 8);
    return all;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 0, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.alloc((width + 1) * height));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

function crc32(bytes: Buffer): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ -1) >>> 0;
}

/** Width and height in the frame header of a baseline JPEG. */
function sizeOf(jpeg: Buffer): number[] {
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  return [jpeg.readUInt16BE(frame + 7), jpeg.readUInt16BE(frame + 5)];
}

it('after the hand-over a photo goes up small, as a JPEG without a word of the camera, and the card goes when the driver is done', async () => {
  const { page } = phone;
  await arriveAtDoor();
  await handOver();
  await told(page, 'K1F delivered', 'good');
  await takePhoto({ name: 'door.png', mimeType: 'image/png', buffer: picture(2_560, 1_440) });
  await told(page, 'Proof for K1F has reached the shop', 'good');
  const [photo] = fake.proofs;
  expect(photo).toMatchObject({ orderId: 'ord_1', kind: 'photo', mediaType: 'image/jpeg' });
  const bytes = Buffer.from(photo?.bytes ?? []);
  expect(sizeOf(bytes)).toEqual([1_280, 720]);
  expect(withoutMetadata('image/jpeg', bytes)).toEqual(bytes);
  await page.click('#proof-done');
  await page.waitForSelector('.proof', { state: 'detached' });
});

it('at the door, before any code: a note and a signature for whoever has no phone', async () => {
  const { page } = phone;
  await arriveAtDoor();
  await writeNote('  Given to the neighbour at 8117 ');
  await fake.until(() => fake.proofs.length === 1);
  await page.click('#proof-signature');
  const pad = await page.locator('#proof-pad').boundingBox();
  if (pad === null) throw new Error('no pad');
  await page.mouse.move(pad.x + 20, pad.y + 20);
  await page.mouse.down();
  await page.mouse.move(pad.x + pad.width / 2, pad.y + pad.height / 2, { steps: 5 });
  await page.mouse.up();
  await page.click('#proof-sheet button[type=submit]');
  await fake.until(() => fake.proofs.length === 2);
  expect(fake.proofs.map(({ kind, mediaType }) => [kind, mediaType])).toEqual([
    ['note', 'text/plain'],
    ['signature', 'image/svg+xml'],
  ]);
  expect(Buffer.from(fake.proofs[0]?.bytes ?? []).toString()).toBe('Given to the neighbour at 8117');
  expect(Buffer.from(fake.proofs[1]?.bytes ?? []).toString()).toMatch(/d="M\d+ \d+(L\d+ \d+){3,}"/);
  expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0);
});

it('without signal it waits on the phone, survives a reload, and goes up after the step that it belongs to', async () => {
  const { page } = phone;
  await arriveAtDoor('to_dropoff');
  fake.cut();
  await page.waitForSelector('#state:has-text("No connection")');
  await page.click('#step:has-text("I have arrived")');
  await writeNote('Nobody at home');
  await takePhoto({ name: 'door.png', mimeType: 'image/png', buffer: picture(64, 64) });
  await page.waitForSelector('#proof-waiting:has-text("Waiting to be sent: 2")');
  await page.reload();
  await page.waitForSelector('#proof-waiting:has-text("Waiting to be sent: 2")');
  expect(fake.proofs).toEqual([]);
  fake.reachable = true;
  await fake.until(() => fake.proofs.length === 2);
  await page.waitForSelector('#proof-waiting', { state: 'detached' });
  expect(fake.proofs.map(({ kind }) => kind)).toEqual(['note', 'photo']);
  expect(await page.locator('.notice.bad').count()).toBe(0);
});

it('what may be added after the hand-over is remembered over a reload, with the rating of the customer, given once', async () => {
  const { page } = phone;
  await arriveAtDoor();
  await handOver();
  await page.waitForSelector('#rating');
  expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBeLessThanOrEqual(0);
  fake.cut();
  await page.waitForSelector('#state:has-text("No connection")');
  await page.click('#rating button:has-text("4")');
  await page.waitForSelector('#proof-waiting');
  await page.reload();
  await page.waitForSelector('.proof[data-order=ord_1]');
  expect(await page.locator('#rating').count()).toBe(0);
  fake.reachable = true;
  await told(page, 'Your rating for K1F has reached the shop', 'good');
  expect(fake.ratings).toEqual([{ orderId: 'ord_1', stars: 4 }]);
});

it('a rating that the disk has not taken is not said to be kept: after a reload it is asked for again, and once it is kept no more', async () => {
  const { page } = phone;
  await arriveAtDoor();
  await handOver();
  await page.waitForSelector('#rating');
  fake.cut();
  await page.waitForSelector('#state:has-text("No connection")');
  await page.evaluate(busyDisk('proofs'));
  // Else the disk is given up in the end.
  await holdClock(page);
  await page.click('#rating button:has-text("4")');
  await page.waitForSelector('#rating', { state: 'detached' });
  expect(await page.locator('#proof-waiting').count()).toBe(0);
  await page.reload();
  await page.clock.resume();
  await page.waitForSelector('#rating');
  await page.click('#rating button:has-text("2")');
  await page.waitForSelector('#proof-waiting:has-text("Waiting to be sent: 1")');
  // As when the page ended right after the disk had it.
  await page.evaluate(FORGOTTEN_RATING);
  await page.reload();
  await page.waitForSelector('#proof-waiting');
  expect(await page.locator('#rating').count()).toBe(0);
  fake.reachable = true;
  await fake.until(() => fake.ratings.length === 1);
  await page.waitForSelector('#proof-waiting', { state: 'detached' });
  expect(await page.locator('#rating').count()).toBe(0);
  expect(fake.ratings).toEqual([{ orderId: 'ord_1', stars: 2 }]);
});

it('a refusal and a file that is no picture are said, and nothing is tried for ever', async () => {
  const { page } = phone;
  await arriveAtDoor();
  await takePhoto({ name: 'x.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('not a picture') });
  await page.waitForSelector('.notice.bad:has-text("cannot be read")');
  const { view } = fake;
  fake.view = { ...view, jobs: view.jobs.map((job) => ({ ...job, phase: 'to_dropoff' as const })) };
  await writeNote('too early');
  await page.waitForSelector('.notice.bad:has-text("Note: not accepted. The order is at another step already.")');
  expect([fake.proofs, await page.locator('#proof-waiting').count()]).toEqual([[], 0]);
});

/** What a gateway says in its own words. */
const GATEWAY_PAGE = '<html><body><h1>413 Request Entity Too Large</h1></body></html>';
/** No pause between two tries is longer. */
const LONGEST_PAUSE_MS = 30_000;

it.each([
  ['a no', 413],
  ['a forbidden', 403],
  ['a sign-in page of its own', 200],
])(
  '%s by a gateway is no word of the server: it is tried again some twenty times, then told, and what comes after it goes through',
  async (_, status) => {
    const { page } = phone;
    await arriveAtDoor();
    let tries = 0;
    await page.route('**/v1/orders/*/proof', (route) => {
      if (route.request().postData()?.includes('too big') !== true) return route.continue();
      tries++;
      return route.fulfill({ status, contentType: 'text/html; charset=utf-8', body: GATEWAY_PAGE });
    });
    await holdClock(page);
    await writeNote('too big');
    await writeNote('small enough');
    await page.clock.runFor(1_000);
    await fake.until(() => fake.proofs.length === 1);
    await expect.poll(() => tries).toBeGreaterThanOrEqual(2);
    expect(await page.locator('.notice.bad').count()).toBe(0);
    await expect
      .poll(async () => {
        await page.clock.runFor(LONGEST_PAUSE_MS);
        return await page.locator('.notice.bad:has-text("Note: not accepted. It cannot get through to the shop.")').count();
      })
      .toBe(1);
    expect(tries).toBe(20);
    expect(await page.locator('#proof-waiting').count()).toBe(0);
  },
);

it('a gateway that is back before that has cost nothing', async () => {
  const { page } = phone;
  await arriveAtDoor();
  await page.route('**/v1/orders/*/proof', (route) => route.fulfill({ status: 404, contentType: 'text/html', body: GATEWAY_PAGE }));
  await writeNote('Given to the neighbour');
  await page.waitForSelector('#proof-waiting');
  await page.waitForResponse('**/v1/orders/*/proof');
  await page.unroute('**/v1/orders/*/proof');
  await told(page, 'Proof for K1F has reached the shop', 'good');
});

it('a proof that is refused because the sign-in is over stays on the phone, and goes with the next one', async () => {
  const { page } = phone;
  await arriveAtDoor();
  const approved = fake.view;
  fake.view = { ...approved, status: 'suspended' };
  await writeNote('Nobody at home');
  await page.waitForSelector('.wrong:has-text("Your account is suspended")');
  fake.view = approved;
  expect(fake.proofs).toEqual([]);
  await page.reload();
  await fake.until(() => fake.proofs.length === 1);
});
