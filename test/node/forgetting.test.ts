/** Rounds of forgetting: what they say and count, how they fail and how they end. */
import { expect, it } from 'vitest';
import { type ForgettingOptions, keepForgetting } from '../../src/node/thread/forgetting.ts';
import { type Horizon, LETTERS_MAX, type Retention } from '../../src/persistence/postgres/stores/retention.ts';

const DAY_MS = 86_400_000;
const NOW_MS = 1_000 * DAY_MS;

/** Ids on pages, dead letters by the number; both go as they are asked for. */
class Shelf implements Retention {
  readonly asked: [string, number][] = [];
  pages = [3, 0, 4];
  letters = 0;
  unfinishedMs: number | null = null;
  beyondMs: number | null = null;
  /** Runs before each step. */
  before: () => Promise<void> = async () => undefined;

  async horizon(): Promise<Horizon> {
    await this.before();
    return { nowMs: NOW_MS, unfinishedMs: this.unfinishedMs };
  }

  async forgetCommands(beforeMs: number, page: number) {
    await this.before();
    this.asked.push(['commands', (NOW_MS - beforeMs) / DAY_MS]);
    const removed = this.pages[page] ?? 0;
    this.pages[page] = 0;
    return { removed, nextPage: page + 1 < this.pages.length ? page + 1 : null };
  }

  async deadLettersBeyond() {
    return this.beyondMs;
  }

  async forgetDeadLetters(beforeMs: number) {
    await this.before();
    this.asked.push(['letters', (NOW_MS - beforeMs) / DAY_MS]);
    const removed = Math.min(LETTERS_MAX, this.letters);
    this.letters -= removed;
    return removed;
  }
}

function begin(retention: Shelf, stepMs = 0) {
  const said: string[] = [];
  const counted: Record<string, number> = {};
  const options: ForgettingOptions = {
    retention,
    commandDays: 14,
    deadLetterDays: 90,
    deadLettersMax: 1_000,
    log: {
      info: (facts: unknown, text?: unknown) => void said.push(`${String(text)} ${JSON.stringify(facts)}`),
      warn: (_: unknown, text?: unknown) => void said.push(`warn: ${String(text)}`),
    },
    metrics: {
      counter: () => ({
        inc: (labels = {}, by = 1) => {
          counted[labels.kind ?? ''] = (counted[labels.kind ?? ''] ?? 0) + by;
        },
      }),
    },
    pauses: { roundMs: DAY_MS, retryMs: 0, stepMs },
  };
  return { said, counted, end: keepForgetting(options) };
}

it('goes through all ids and all old dead letters once a round, counts them and says so', async () => {
  const shelf = new Shelf();
  shelf.letters = LETTERS_MAX + 1;
  const { said, counted, end } = begin(shelf);
  await expect
    .poll(() => said, { timeout: 20_000 })
    .toEqual(['old command ids and dead letters forgotten {"commands":7,"deadLetters":501}']);
  await end();
  expect(counted).toEqual({ command: 7, dead_letter: 501 });
  expect(shelf.asked).toEqual([...Array(3).fill(['commands', 14]), ...Array(2).fill(['letters', 90])]);
});

it('says nothing when nothing was old', async () => {
  const shelf = new Shelf();
  shelf.pages = [0];
  const { said, end } = begin(shelf);
  await expect.poll(() => shelf.asked.length, { timeout: 20_000 }).toBe(2);
  await end();
  expect(said).toEqual([]);
});

it('keeps ids, but not dead letters, for something that is not finished, and says so after a day', async () => {
  const shelf = new Shelf();
  shelf.unfinishedMs = NOW_MS - 5 * DAY_MS;
  const { said, end } = begin(shelf);
  await expect.poll(() => shelf.asked.length, { timeout: 20_000 }).toBe(4);
  await end();
  expect(shelf.asked.map(([, days]) => days)).toEqual([19, 19, 19, 90]);
  expect(said[0]).toBe('warn: command ids are kept longer: an effect or a post of the intake log is not finished');
});

it('forgets younger dead letters too when there are more than are kept, and warns', async () => {
  const shelf = new Shelf();
  shelf.pages = [0];
  shelf.letters = 1;
  shelf.beyondMs = NOW_MS - 3 * DAY_MS;
  const { said, end } = begin(shelf);
  await expect.poll(() => said.length, { timeout: 20_000 }).toBe(2);
  await end();
  expect(shelf.asked.at(-1)).toEqual(['letters', 3]);
  expect(said[0]).toBe('warn: more dead letters than are kept: the oldest are forgotten');
});

it('comes again after a round that the database broke off, and removes what is left', async () => {
  const shelf = new Shelf();
  let calls = 0;
  shelf.before = async () => {
    if (++calls === 3) throw new Error('Connection terminated unexpectedly');
  };
  const { said, counted, end } = begin(shelf);
  await expect.poll(() => said.length, { timeout: 20_000 }).toBe(2);
  await end();
  expect(said).toEqual([
    'warn: old command ids and dead letters were not forgotten',
    'old command ids and dead letters forgotten {"commands":4,"deadLetters":0}',
  ]);
  expect(counted.command).toBe(7);
});

it('ends in a pause at once, and in a step when that is over', async () => {
  const resting = new Shelf();
  const pausing = begin(resting, DAY_MS);
  await expect.poll(() => resting.asked.length, { timeout: 20_000 }).toBe(1);
  await pausing.end();
  expect(resting.asked.length).toBe(1);

  const busy = new Shelf();
  let finish = (): void => undefined;
  busy.before = () =>
    new Promise((resolve) => {
      finish = resolve;
    });
  const { said, end } = begin(busy);
  let ended = false;
  const ending = end().then(() => {
    ended = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(ended).toBe(false);
  busy.before = async () => undefined;
  finish();
  await ending;
  expect([busy.asked.length <= 1, said]).toEqual([true, []]);
});
