/** Questions that share queries: each is answered once, whatever happens to the others. */
import { expect, it } from 'vitest';
import { Grouped } from '../../src/persistence/postgres/grouped.ts';

it('asks for everybody of one turn together, a few groups at a time, and goes on to those who wait, also after a failure', async () => {
  const groups: { readonly group: readonly number[]; readonly end: (error?: Error) => void }[] = [];
  const failed: number[] = [];
  const grouped = new Grouped<number>({
    max: 3,
    inFlightMax: 2,
    ask: (group) =>
      new Promise((resolve, reject) => {
        groups.push({ group, end: (error) => (error === undefined ? resolve() : reject(error)) });
      }),
    failed: (group) => failed.push(...group),
  });
  const asked = () => groups.map(({ group }) => group);
  for (let n = 0; n < 9; n++) grouped.want(n);
  expect(asked()).toEqual([]);
  await expect.poll(asked).toEqual([
    [0, 1, 2],
    [3, 4, 5],
  ]);
  groups[0]?.end(new Error('away'));
  await expect.poll(asked).toEqual([
    [0, 1, 2],
    [3, 4, 5],
    [6, 7, 8],
  ]);
  expect(failed).toEqual([0, 1, 2]);
  for (const { end } of groups) end();
});
