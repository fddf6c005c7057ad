/** The driver rides for another customer first: no way to look shows where it is, and all of them say why. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrderNews } from '../../src/ports.ts';
import { snapshotOf } from '../../src/transport/tracking/snapshot.ts';
import { type Client, openSocket, openStream } from './clients.ts';
import { HOME, ORDER, type Running, SHOP, startTracking, tokenFor, trackedOrder } from './world.ts';

const NOW = 1_800_000_000_000;
const TOKEN = tokenFor();

const elsewhere = (atMs: number): Extract<OrderNews, { type: 'elsewhere' }> => ({
  type: 'elsewhere',
  driverId: 'drv_3f1',
  atMs,
  etaAtMs: atMs + 1_200_000,
  etaLatestAtMs: atMs + 1_800_000,
  source: 'model',
});
const position = (atMs: number): OrderNews => ({ ...elsewhere(atMs), type: 'position', lat: -26.24, lng: 27.86, headingDeg: 90 });

describe('a snapshot of a driver who is elsewhere', () => {
  it('has the expected time and no position', () => {
    const seen = snapshotOf(trackedOrder(NOW, { phase: 'picked_up' }), 1, elsewhere(NOW - 1_000), NOW);
    expect(seen).toMatchObject({ busy_elsewhere: true, position: null, eta: { stop: 'dropoff', at_ms: NOW + 1_199_000 } });
    const there = snapshotOf(trackedOrder(NOW, { phase: 'picked_up' }), 1, position(NOW - 1_000), NOW);
    expect(there).toMatchObject({ busy_elsewhere: false, position: { lat: -26.24 } });
  });

  it('says nothing of another driver, of the time before, or of long ago', () => {
    for (const [patch, atMs] of [
      [{ driver: { id: 'drv_other', name: null, vehicle: 'car', registration: null } as const }, NOW],
      [{ assignedAtMs: NOW }, NOW - 1],
      [{}, NOW - 300_001],
    ] as const)
      expect(snapshotOf(trackedOrder(NOW, patch), 1, elsewhere(atMs), NOW)).toMatchObject({
        busy_elsewhere: false,
        position: null,
        eta: null,
      });
  });

  it('has a number of its own: it never falls when the driver comes and goes, and equal numbers are equal content', () => {
    const step = fc.record({ isShown: fc.boolean(), movedMs: fc.integer({ min: 0, max: 20_000 }), waitedMs: fc.nat({ max: 200_000 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const order = trackedOrder(NOW);
        let [atMs, nowMs] = [NOW, NOW];
        let heard: OrderNews = position(atMs);
        let last = snapshotOf(order, 1, heard, nowMs)!;
        for (const { isShown, movedMs, waitedMs } of steps) {
          nowMs += waitedMs;
          // A driver is published once a moment.
          if (movedMs > 0 && atMs + movedMs <= nowMs) {
            atMs += movedMs;
            heard = isShown ? position(atMs) : elsewhere(atMs);
          }
          const next = snapshotOf(order, 1, heard, nowMs)!;
          expect(next.seq).toBeGreaterThanOrEqual(last.seq);
          if (next.seq === last.seq) expect(next).toEqual(last);
          last = next;
        }
      }),
    );
    expect(snapshotOf(trackedOrder(NOW), 1, position(NOW), NOW)?.seq).not.toBe(snapshotOf(trackedOrder(NOW), 1, elsewhere(NOW), NOW)?.seq);
  });
});

describe('over the network', () => {
  let world: Running;
  let clients: Client[];

  beforeEach(() => {
    world = startTracking({ limits: { callsBurst: 1_000 } });
    clients = [];
  });
  afterEach(async () => {
    for (const client of clients) client.leave();
    await world.close();
    expect(world.defects).toEqual([]);
  });

  const say = (news: OrderNews): void => world.feed.publish(`order/${ORDER}`, news, true);
  const poll = async () => await (await fetch(`${world.url}/v1/track/${TOKEN}`)).json();
  async function connected(): Promise<Client[]> {
    const events = await openStream(world.url, TOKEN);
    if (events instanceof Response) throw new Error(`refused with ${events.status}`);
    clients = [events, await openSocket(world.url, TOKEN)];
    return clients;
  }

  it('snapshot, difference, stream, socket and poll all hide the driver, and show it from its turn on', async () => {
    world.order.advance('picked_up');
    say(elsewhere(Date.now()));
    const watching = await connected();
    for (const client of watching) await client.until((it) => it.track !== null);
    for (const seen of [await poll(), ...watching.map((client) => client.track)])
      expect(seen).toMatchObject({ busy_elsewhere: true, position: null });

    const hereAtMs = Date.now() + 1;
    say(position(hereAtMs));
    for (const client of watching) await client.until((it) => it.track?.position !== null);
    for (const seen of [await poll(), ...watching.map((client) => client.track)])
      expect(seen).toMatchObject({ busy_elsewhere: false, position: { lat: -26.24, lng: 27.86, at_ms: hereAtMs } });

    say(elsewhere(hereAtMs + 1));
    for (const client of watching) await client.until((it) => it.track?.position === null);
    const [polled, ...others] = [await poll(), ...watching.map((client) => client.track)];
    for (const other of others) expect(other).toEqual(polled);
  });

  it('nothing that was sent while the driver was elsewhere holds a place but the shop and the own door', async () => {
    world.order.advance('picked_up');
    const watching = await connected();
    for (let i = 0; i < 5; i++) say(elsewhere(Date.now() + i));
    const { seq } = (await poll()) as { seq: number };
    for (const client of watching) await client.until((it) => it.track?.seq === seq);
    const own = new Set([SHOP.lat, SHOP.lng, HOME.lat, HOME.lng].map(String));
    for (const { data } of watching.flatMap((client) => client.heard))
      for (const [, , value] of JSON.stringify(data).matchAll(/"(lat|lng)":(-?[\d.]+)/g)) expect(own).toContain(value);
  });

  it('the page says so, in the words of its reader', async () => {
    world.order.advance('picked_up');
    say(elsewhere(Date.now()));
    const page = async (language: string) => await (await fetch(`${world.url}/t/${TOKEN}?lang=${language}`)).text();
    expect(await page('en')).toContain('>Sipho finishes another delivery first</h1>');
    expect(await page('zu')).toContain('>Sipho uqedela okunye ukulethwa kuqala</h1>');
    world.order.advance('at_dropoff');
    expect(await page('en')).toContain('>Sipho is at your place</h1>');
  });
});
