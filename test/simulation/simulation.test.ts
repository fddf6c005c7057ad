/** Whole nodes through whole days of faults: what was acknowledged is there once, and everything comes to rest. `SIM_SEED=7` or `SIM_SEED=100-200`. */
import { expect, it } from 'vitest';
import { breachesOf } from './judge.ts';
import { breachesOfDrivers, disagreementsOf } from './judge-drivers.ts';
import { World } from './world.ts';

const [FROM = 1, TO = FROM] = (process.env.SIM_SEED ?? '1-8').split('-').map(Number);
const SEEDS = Array.from({ length: TO - FROM + 1 }, (_, i) => FROM + i);
const TURNS = 3_000;
const SHORT_TURNS = 400;
const RESERVED_MS = 3_600_000;
const OFFERED_MS = 150_000;

it.each(SEEDS)(
  'a day with lost batches, dead threads and a WhatsApp that stumbles leaves nothing lost, doubled or stuck (seed %i)',
  {
    timeout: 120_000,
  },
  async (seed) => {
    const world = new World(seed);
    await world.open();
    world.upset();
    await world.live(TURNS);
    world.calm();
    world.mood = 'resting';
    await world.until(() => !world.isBusy, 'everything sent and answered');
    // The last offers end.
    await world.pass(OFFERED_MS);
    await world.until(() => !world.isBusy, 'everything sent and answered');
    expect(disagreementsOf(world), 'orders and drivers').toEqual([]);
    await world.finish();
    // Reservations of checkouts that nobody confirmed go back to the shelf.
    await world.pass(RESERVED_MS);
    await world.until(() => !world.isBusy, 'everything sent and answered');
    expect(await world.askAgain(), 'answers that changed').toEqual([]);
    expect(await world.deaf(), 'phones that get no answer').toEqual([]);
    expect(breachesOf(world)).toEqual([]);
    expect(breachesOfDrivers(world)).toEqual([]);
    // A day on which nothing happens proves nothing.
    expect(world.meta.acknowledged.size).toBeGreaterThan(TURNS / 50);
    expect(world.orders().size).toBeGreaterThan(0);
  },
);

it('one seed is one day: played again, every event is the same', async () => {
  const day = async (): Promise<string> => {
    const world = new World(FROM);
    await world.open();
    world.upset();
    await world.live(SHORT_TURNS);
    return JSON.stringify([...world.node.database.rows.values()]);
  };
  expect(await day()).toBe(await day());
});
