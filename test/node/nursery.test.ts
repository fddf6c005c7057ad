/** The nurseries of the threads together never take more than their share of the memory. */
import { describe, expect, it } from 'vitest';
import { nurseryMb } from '../../src/node/nursery.ts';

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
});
