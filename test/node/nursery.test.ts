/** The nurseries of the threads together never take more than their share of the memory, and what passes is made in them. */
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { HEAP_FLAGS, nurseryMb, youngGenerationMb } from '../../src/node/nursery.ts';

const GIB = 2 ** 30;

describe('the nursery of a thread', () => {
  it.each([
    // threads, memory in GiB, megabytes of one half
    [2, 24, 64],
    [2, 4, 64],
    [2, 2, 32],
    [2, 1, 16],
    [1, 2, 64],
    [8, 4, 16],
    [32, 64, 64],
    [32, 24, 32],
    [64, 2, 16],
  ])('with %i threads and %i GiB may grow to %i MB', (threads, memoryGib, expected) => {
    expect(nurseryMb(threads, memoryGib * GIB)).toBe(expected);
  });

  it('takes what passes, also where most of the kind has stayed', async () => {
    for (const flag of HEAP_FLAGS) setFlagsFromString(flag);
    const resourceLimits = { maxYoungGenerationSizeMb: youngGenerationMb(1) };
    const worker = new Worker(new URL('../support/nursery-thread.mjs', import.meta.url), { resourceLimits });
    const [told] = (await once(worker, 'message')) as [{ oldBytesEach: number }];
    expect(told.oldBytesEach).toBeLessThan(10);
  });
});
