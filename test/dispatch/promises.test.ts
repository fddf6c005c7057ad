/** What a market promises whatever happens in whatever order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Dispatcher } from '../../src/actors/market/dispatch/dispatcher.ts';
import type { MarketOffer, OfferOutcome } from '../../src/actors/market/protocol.ts';
import { at, driver, job, NOW_MS, STRAIGHT } from './support.ts';

type Step =
  | { readonly do: 'open'; readonly order: number; readonly version: number; readonly m: number }
  | { readonly do: 'close'; readonly order: number }
  | { readonly do: 'driver'; readonly id: number; readonly m: number; readonly slots: number }
  | { readonly do: 'gone'; readonly id: number }
  | { readonly do: 'answer'; readonly pick: number; readonly outcome: OfferOutcome }
  | { readonly do: 'tick'; readonly afterS: number };

const order = fc.integer({ min: 0, max: 5 });
const id = fc.integer({ min: 0, max: 7 });
const m = fc.integer({ min: -4_000, max: 4_000 });
const outcome = fc.constantFrom<OfferOutcome>('won', 'lost', 'declined', 'expired', 'undelivered', 'refused', 'withdrawn');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('open' as const), order, version: fc.integer({ min: 1, max: 3 }), m }),
  fc.record({ do: fc.constant('close' as const), order }),
  fc.record({ do: fc.constant('driver' as const), id, m, slots: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ do: fc.constant('gone' as const), id }),
  fc.record({ do: fc.constant('answer' as const), pick: fc.nat(), outcome }),
  fc.record({ do: fc.constant('tick' as const), afterS: fc.integer({ min: 1, max: 30 }) }),
);

/** What is open according to what the dispatcher said, and nothing else. */
class Book {
  readonly open = new Map<string, MarketOffer>();
  readonly versions = new Map<string, number>();
  readonly names = new Set<string>();

  made(offers: readonly MarketOffer[]): void {
    for (const offer of offers) {
      expect(this.names.has(offer.offerId), 'an offer id is used once').toBe(false);
      expect(this.versions.get(offer.orderId), 'offers are of the present version').toBe(offer.jobVersion);
      this.names.add(offer.offerId);
      this.open.set(offer.offerId, offer);
    }
  }

  voided(withdrawals: readonly { readonly offerId: string }[]): void {
    for (const { offerId } of withdrawals) expect(this.open.delete(offerId), 'only open offers are withdrawn').toBe(true);
  }

  check(): void {
    const drivers = [...this.open.values()].map(({ driverId }) => driverId);
    expect(new Set(drivers).size, 'a driver holds one offer').toBe(drivers.length);
    const exclusive = new Set<string>();
    for (const offer of this.open.values()) {
      expect(exclusive.has(offer.orderId), 'nobody else is offered what is offered exclusively').toBe(false);
      if (offer.exclusive) {
        exclusive.add(offer.orderId);
        expect([...this.open.values()].filter(({ orderId }) => orderId === offer.orderId)).toHaveLength(1);
      }
      expect(this.versions.has(offer.orderId), 'nothing closed is on offer').toBe(true);
    }
  }
}

describe('whatever happens in whatever order', () => {
  it('no job is offered exclusively to two, no driver holds two offers, nothing closed is on offer', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
        const dispatcher = new Dispatcher(STRAIGHT);
        const book = new Book();
        let nowMs = NOW_MS;
        for (const each of steps) {
          nowMs = apply(dispatcher, book, each, nowMs);
          book.check();
          expect(dispatcher.counts.offers).toBe(book.open.size);
          expect(dispatcher.counts.jobs).toBe(book.versions.size);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('every job is offered in the end when somebody fits, however many decline', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 8 }), fc.nat(), (jobs, drivers, salt) => {
        const dispatcher = new Dispatcher(STRAIGHT);
        const ids = Array.from({ length: drivers }, (_, i) => i);
        for (const i of ids) dispatcher.setDriver(driver(`d${i}`));
        for (let i = 0; i < jobs; i++) dispatcher.openJob(job(`o${i}`, { pickup: at(((salt + i * 977) % 9_000) - 4_500) }));
        const offered = new Set<string>();
        for (let t = 0; t < 400 && offered.size < jobs; t++) {
          const nowMs = NOW_MS + t * 2_000;
          for (const i of ids) dispatcher.place(`d${i}`, at(i * 300).lat, at(i * 300).lng, nowMs);
          for (const { offerId, orderId } of dispatcher.tick(nowMs).offers) {
            offered.add(orderId);
            dispatcher.ended(offerId, (salt + t) % 3 === 0 ? 'won' : 'declined', nowMs);
          }
        }
        expect(offered.size).toBe(jobs);
      }),
      { numRuns: 40 },
    );
  });

  it('the same calls give the same offers', () => {
    const run = (): MarketOffer[] => {
      const dispatcher = new Dispatcher(STRAIGHT);
      for (let i = 0; i < 30; i++) {
        dispatcher.setDriver(driver(`d${i}`));
        dispatcher.place(`d${i}`, at((i * 7_919) % 3_000).lat, at(0, (i * 104_729) % 2_000).lng, NOW_MS);
      }
      for (let i = 0; i < 20; i++) dispatcher.openJob(job(`o${i}`, { pickup: at((i * 611) % 2_500) }));
      return [0, 1, 2].flatMap((t) => [...dispatcher.tick(NOW_MS + t * 2_000).offers]);
    };
    expect(run()).toEqual(run());
  });
});

function apply(dispatcher: Dispatcher, book: Book, each: Step, nowMs: number): number {
  switch (each.do) {
    case 'open': {
      const opened = dispatcher.openJob(
        job(`o${each.order}`, { version: each.version, pickup: at(each.m), openedAtMs: nowMs, readyAtMs: nowMs }),
      );
      book.voided(opened.withdrawals);
      if (opened.outcome !== 'known') book.versions.set(`o${each.order}`, each.version);
      return nowMs;
    }
    case 'close':
      book.voided(dispatcher.closeJob(`o${each.order}`));
      book.versions.delete(`o${each.order}`);
      return nowMs;
    case 'driver':
      book.voided(dispatcher.setDriver(driver(`d${each.id}`, { freeSlots: each.slots })));
      dispatcher.place(`d${each.id}`, at(each.m).lat, at(each.m).lng, nowMs);
      return nowMs;
    case 'gone':
      book.voided(dispatcher.removeDriver(`d${each.id}`));
      return nowMs;
    case 'answer': {
      const offers = [...book.open.values()];
      const offer = offers[each.pick % Math.max(1, offers.length)];
      if (offer === undefined) return nowMs;
      book.open.delete(offer.offerId);
      book.voided(dispatcher.ended(offer.offerId, each.outcome, nowMs));
      if (each.outcome === 'won') book.versions.delete(offer.orderId);
      return nowMs;
    }
    case 'tick': {
      const laterMs = nowMs + each.afterS * 1_000;
      const { offers, withdrawals } = dispatcher.tick(laterMs);
      book.voided(withdrawals);
      book.made(offers);
      return laterMs;
    }
  }
}
