/**
 * How large a thread's nursery may grow: one of the two halves in which V8 keeps what is young. Under load what is in flight lives for tens
 * of milliseconds: in the default nursery (16 MB) most of it survives, is copied twice and then dies old. Knows memory and threads only.
 */
import { totalmem } from 'node:os';
import process from 'node:process';

/** A half begins with this: V8 would start with 1 MB, and copies all the more until it has grown. */
const NURSERY_MIN_MB = 16;
/** Beyond it nothing more was gained: 12 % less CPU a message than with 32 MB, as with 128. */
const NURSERY_MAX_MB = 64;
/** V8 counts three halves: two, and as much for large objects. */
const HALVES = 3;
/** All nurseries together: at most this part of the memory. */
const MEMORY_SHARE = 1 / 8;
const BYTES_PER_MB = 2 ** 20;

/**
 * For every thread that starts afterwards; the limits of a worker only say how far it may grow. No pretenuring: once conversations stay awake
 * V8 would put all that the same code makes among the old at once, also the twenty states on the way to the one that stays.
 */
export const HEAP_FLAGS = [`--min-semi-space-size=${NURSERY_MIN_MB}`, '--no-allocation-site-pretenuring'] as const;

/** @param memoryBytes what the process may use. @returns megabytes of one half, a power of two as V8 wants it. */
export function nurseryMb(threads: number, memoryBytes: number): number {
  const mostMb = (memoryBytes * MEMORY_SHARE) / BYTES_PER_MB / (threads * HALVES);
  let sizeMb = NURSERY_MAX_MB;
  while (sizeMb > NURSERY_MIN_MB && sizeMb > mostMb) sizeMb /= 2;
  return sizeMb;
}

/** For a worker's `resourceLimits`. */
export function youngGenerationMb(threads: number): number {
  return HALVES * nurseryMb(threads, memoryBytes());
}

/** Of the machine or of the container, whichever is less; a container without a limit reports 0 or more than there is. */
function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
