/** Makes things that stay, and then things of the same kind that do not; tells how many bytes each of those took in the old generation. */
import { getHeapSpaceStatistics } from 'node:v8';
import { parentPort } from 'node:worker_threads';

const ROUNDS = 30;
const THINGS = 60_000;
const PASSING = 20_000;

const make = (i) => ({ number: i, inner: { half: i / 2, list: [i, i + 1] }, list: [i] });
const oldBytes = () => getHeapSpaceStatistics().find((space) => space.space_name === 'old_space').space_used_size;

let kept = [];
for (let round = 1; round <= ROUNDS; round++) {
  for (let i = 0; i < THINGS; i++) kept.push(make(i));
  if (round % 10 === 0) kept = [];
}
const before = oldBytes();
let numbers = 0;
for (let i = 0; i < PASSING; i++) numbers += make(i).inner.half;
parentPort.postMessage({ oldBytesEach: (oldBytes() - before) / PASSING, numbers });
