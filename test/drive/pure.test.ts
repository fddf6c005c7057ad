/** The driver app's pure modules: codec, geometry, wire, model, words. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DECLINE_REASONS, type DriverOffer } from '../../src/actors/driver/protocol.ts';
import { distanceM as serverDistanceM } from '../../src/geo/distance.ts';
import { decodeBinary } from '../../src/transport/gps/formats/binary.ts';
import { newsMessage, offerMessage, snapshotMessages } from '../../src/transport/gps/socket/driver-wire.ts';
import { presentDriver } from '../../src/transport/http/v1/present-driver.ts';
import { FakeDispatch } from './fake-dispatch.ts';
import {
  type CodecModule,
  type GeometryModule,
  type Model,
  type ModelEvent,
  type ModelModule,
  pageModule,
  type TextModule,
  type WireModule,
} from './page-modules.ts';

const codec = await pageModule<CodecModule>('session/codec');
const geometry = await pageModule<GeometryModule>('device/geometry');
const model = await pageModule<ModelModule>('session/model');
const wire = await pageModule<WireModule>('session/wire');
const text = await pageModule<TextModule>('screen/text');
const NOW_MS = 1_795_000_000_000;

const place = fc.record({ lat: fc.double({ min: -80, max: 80, noNaN: true }), lng: fc.double({ min: -179, max: 179, noNaN: true }) });
const fix = fc.record({
  atMs: fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }),
  lat: fc.double({ min: -90, max: 90, noNaN: true }),
  lng: fc.double({ min: -180, max: 180, noNaN: true }),
  accuracyM: fc.option(fc.integer({ min: 0, max: 65_535 }).map((n) => n / 10)),
  speedMps: fc.option(fc.integer({ min: 0, max: 40_000 }).map((n) => n / 100)),
  headingDeg: fc.option(fc.integer({ min: 0, max: 35_999 }).map((n) => n / 100)),
});

describe('the codec', () => {
  it('writes what the server reads, and reads what it wrote', () => {
    fc.assert(
      fc.property(fc.array(fix, { minLength: 1, maxLength: 40 }), (fixes) => {
        const frame = codec.encodeFixes(fixes);
        const server = decodeBinary(frame);
        expect(server).toEqual({ ok: true, fixes });
        expect(codec.decodeFixes(frame)).toEqual(fixes);
      }),
      { numRuns: 50 },
    );
  });

  it('gives nothing for a buffer that it did not write', () => {
    expect(codec.decodeFixes(new ArrayBuffer(33))).toEqual([]);
    expect(codec.decodeFixes(new ArrayBuffer(32))).toEqual([]);
  });

  it('thins a backlog to its bound, in order, with the newest kept and the whole way still in it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 1_000 }), (max, count) => {
        const kept = codec.thinned(
          Array.from({ length: count }, (_, index) => index),
          max,
        );
        expect(kept.length).toBeLessThanOrEqual(max);
        expect(kept.toSorted((a, b) => a - b)).toEqual(kept);
        if (count > 0) expect(kept.at(-1)).toBe(count - 1);
        if (count > 0 && max > 2) expect(kept[0]).toBe(0);
        if (count <= max) expect(kept).toHaveLength(count);
      }),
    );
  });
});

describe('geometry', () => {
  it('measures as the server does', () => {
    fc.assert(
      fc.property(place, place, (a, b) => {
        expect(geometry.distanceM(a, b)).toBeCloseTo(serverDistanceM(a, b), 0);
      }),
    );
  });

  it('a step has its length and leads nearer, and never beyond the target', () => {
    const near = fc.record({
      lat: fc.double({ min: -0.05, max: 0.05, noNaN: true }),
      lng: fc.double({ min: -0.05, max: 0.05, noNaN: true }),
    });
    fc.assert(
      fc.property(near, fc.double({ min: 1, max: 200, noNaN: true }), (offset, stepM) => {
        const from = { lat: -26.25, lng: 27.85 };
        const to = { lat: from.lat + offset.lat, lng: from.lng + offset.lng };
        const at = geometry.stepToward(from, to, stepM);
        const leftM = geometry.distanceM(from, to);
        expect(geometry.distanceM(at, to)).toBeCloseTo(Math.max(0, leftM - stepM), -0.5);
      }),
    );
  });

  it.each([
    [4, '0 m'],
    [637, '640 m'],
    [996, '1.0 km'],
    [3_420, '3.4 km'],
    [23_300, '23 km'],
    [null, '–'],
  ])('%s metres are said as %s', (metres, words) => {
    expect(geometry.sayDistance(metres)).toBe(words);
  });

  it('a sketch keeps every place inside its box', () => {
    const box = { width: 320, height: 150, pad: 20 };
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 5 }), (places) => {
        for (const { x, y } of geometry.sketched(places, box)) {
          expect(x).toBeGreaterThanOrEqual(box.pad - 0.01);
          expect(x).toBeLessThanOrEqual(box.width - box.pad + 0.01);
          expect(y).toBeGreaterThanOrEqual(box.pad - 0.01);
          expect(y).toBeLessThanOrEqual(box.height - box.pad + 0.01);
        }
      }),
    );
  });
});

const fake = new FakeDispatch();
const offer = (over: Partial<DriverOffer> = {}): DriverOffer => ({ ...fake.offer(1), expiresAtMs: NOW_MS + 30_000, ...over });
const told = (message: string | null): ModelEvent => wire.eventOf(message ?? '') as ModelEvent;
const view = (over: object): ModelEvent => ({
  type: 'view',
  view: wire.viewOf(presentDriver({ ...fake.view, ...over } as Parameters<typeof presentDriver>[0], NOW_MS)),
});
function play(...events: ModelEvent[]): { readonly model: Model; readonly news: string[] } {
  let state = model.EMPTY_MODEL;
  const news: string[] = [];
  for (const event of events) {
    const step = model.reduce(state, event, NOW_MS);
    state = step.model;
    news.push(...step.news.map(({ type }) => type));
  }
  return { model: state, news };
}
const job = (phase: 'to_pickup' | 'to_dropoff' = 'to_pickup') => ({
  offerId: 'off_1',
  feeMinor: 2_750,
  job: fake.offer(1).job,
  phase,
  startedAtMs: NOW_MS,
});

describe('the wire', () => {
  it('reads an offer alike from the socket and from the driver’s own view', () => {
    const fromSocket = (told(offerMessage(offer())) as { offer?: object }).offer;
    const fromView = (view({ offer: offer() }) as { view?: { offer: object } }).view?.offer;
    expect(fromView).toEqual({ ...fromSocket, surge: null });
    expect(fromSocket).toMatchObject({ code: 'K1F', cashMinor: 12_350, pickupDistanceM: 640, expiresAtMs: NOW_MS + 30_000 });
  });

  it('reads a delivery alike from the socket and from the view', () => {
    const fromSocket = (told(snapshotMessages({ ...fake.view, jobs: [job()] }).at(-1) ?? '') as { job?: object }).job;
    expect((view({ jobs: [job()] }) as { view?: { jobs: object[] } }).view?.jobs).toEqual([fromSocket]);
    expect(fromSocket).toMatchObject({
      deliveryId: 'ord_1',
      phase: 'to_pickup',
      startedAtMs: NOW_MS,
      pickup: { position: job().job.pickup.position },
    });
  });

  it('survives anything', () => {
    fc.assert(fc.property(fc.json(), (json) => void wire.eventOf(json)));
    fc.assert(fc.property(fc.jsonValue(), (value) => void wire.viewOf(value)));
    expect(wire.eventOf('{')).toBe(null);
  });
});

describe('the model', () => {
  it('an offer that has ended does not come back, whoever repeats it', () => {
    const closed = told(newsMessage({ type: 'offer_closed', offerId: 'off_1', reason: 'taken' }));
    expect(play(told(offerMessage(offer())), closed).news).toEqual(['offer', 'offer_closed']);
    expect(play(told(offerMessage(offer())), closed, told(offerMessage(offer()))).model.offer).toBe(null);
    expect(play(told(offerMessage(offer())), closed, { type: 'asked' }, view({ offer: offer() })).model.offer).toBe(null);
    expect(play(closed, told(offerMessage(offer()))).model.offer).toBe(null);
  });

  it('an offer that is over on arrival is never shown', () => {
    expect(play(told(offerMessage(offer({ expiresAtMs: NOW_MS })))).model.offer).toBe(null);
  });

  it('what the socket said after the question was asked outlives the older answer', () => {
    const { model: state, news } = play({ type: 'asked' }, told(offerMessage(offer())), view({ offer: null, online: true }));
    expect(state.offer).toMatchObject({ offerId: 'off_1' });
    expect(news).toEqual(['offer']);
    const gone = told(newsMessage({ type: 'delivery_ended', orderId: 'ord_1', outcome: 'cancelled' }));
    expect(play({ type: 'asked' }, gone, view({ jobs: [job()] })).model.jobs).toEqual([]);
  });

  it('what the view does not know any more is taken away, and said', () => {
    const { model: state, news } = play(told(offerMessage(offer())), { type: 'asked' }, view({}));
    expect(state.offer).toBe(null);
    expect(news).toEqual(['offer', 'offer_closed']);
    const lost = play(view({ online: true, jobs: [job()] }), { type: 'asked' }, view({ online: false, jobs: [] }));
    expect(lost.news).toEqual(['job_ended', 'put_offline']);
  });

  it('a job that the server took as handed over ends as delivered, also when the view says so first', () => {
    const atDoor = play(view({ jobs: [job('to_dropoff')] })).model;
    const handed = model.confirmStep(atDoor, 'ord_1', 'delivered');
    const asked = model.reduce(handed, { type: 'asked' }, NOW_MS).model;
    expect(model.reduce(asked, view({ jobs: [] }), NOW_MS).news).toMatchObject([{ type: 'job_ended', outcome: 'delivered' }]);
  });

  it('shows steps that wait as taken, and keeps what is confirmed apart', () => {
    const waiting = ['arrived', 'picked_up'].map((type) => ({ message: { type, delivery_id: 'ord_1' } }));
    const shown = { orderId: 'ord_1', deliveryId: 'ord_1', phase: 'to_pickup' };
    expect(model.withPending(shown, waiting)).toMatchObject({ phase: 'to_dropoff', confirmedPhase: 'to_pickup' });
    expect(model.withPending(shown, [{ message: { type: 'arrived', delivery_id: 'ord_2' } }]).phase).toBe('to_pickup');
    expect(model.withPending(shown, [{ message: { type: 'delivered', delivery_id: 'ord_1' } }]).phase).toBe('to_pickup');
  });

  it('orders the stops as told, otherwise fetches everything first', () => {
    const [first, second] = [1, 2].map((n) => ({ orderId: `ord_${n}`, phase: 'to_pickup', startedAtMs: n }));
    const names = (told: readonly object[]): string[] =>
      model.stopsInOrder([second as object, first as object], told).map(({ job: { orderId }, kind }) => `${kind} ${orderId}`);
    expect(names([])).toEqual(['pickup ord_1', 'pickup ord_2', 'dropoff ord_1', 'dropoff ord_2']);
    const order = ['pickup ord_2', 'dropoff ord_2', 'pickup ord_1', 'dropoff ord_1'];
    expect(names(order.map((stop) => ({ kind: stop.split(' ')[0], orderId: stop.split(' ')[1] })))).toEqual(order);
  });
});

it('every sentence exists in both languages, with the same values in it', () => {
  expect(Object.keys(text.ZU)).toEqual(Object.keys(text.EN));
  const values = (sentence: string | undefined): string[] => (sentence?.match(/\{\w+\}/g) ?? []).toSorted();
  for (const [key, sentence] of Object.entries(text.EN)) expect([key, values(text.ZU[key])]).toEqual([key, values(sentence)]);
});

it('every reason that the server takes is one that the driver can choose, in words', () => {
  expect(wire.DECLINE_REASONS).toEqual(DECLINE_REASONS);
  for (const reason of [...DECLINE_REASONS, 'none']) expect(Object.keys(text.EN)).toContain(`reason_${reason}`);
});
