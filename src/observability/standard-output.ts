/**
 * Standard output as a place for lines of the log: whatever becomes of it (its reader is gone, the disk behind it is
 * full), nobody who logs fails over it. It must never know what a line says.
 */
import { writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/** What waits for room behind standard output; further lines are lost, and counted. */
const WAITING_MAX_BYTES = 1_048_576;
/** Before a pipe that does not block, and is full, is tried again. */
const BUSY_WAIT_MS = 10;
const CLOSED = 'closed';

/**
 * Written at once, so that several threads may share it. A line that finds no room waits and goes out before the next
 * one that does; once the reader has closed its end, everything is dropped. A reader that is merely slow is waited for.
 * @param fd of an open file, not closed here
 */
export function standardOutput(fd = 1, waitingMaxBytes = WAITING_MAX_BYTES): DestinationStream {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let lost = 0;
  let isClosed = false;
  const take = (line: string): boolean => {
    const bytes = Buffer.from(line);
    if (waitingBytes + bytes.length > waitingMaxBytes) return false;
    waiting.push(bytes);
    waitingBytes += bytes.length;
    return true;
  };
  const pour = (): void => {
    for (let head = waiting[0]; head !== undefined; head = waiting[0]) {
      const taken = writeSome(fd, head);
      isClosed = taken === CLOSED;
      if (taken === CLOSED || taken === 0) break;
      waitingBytes -= taken;
      if (taken === head.length) waiting.shift();
      else waiting[0] = head.subarray(taken);
    }
    if (isClosed) waiting = [];
  };
  return {
    write: (line) => {
      if (isClosed) return;
      if (waiting.length > 0) pour();
      if (lost > 0 && waiting.length === 0 && take(lostLine(lost))) lost = 0;
      if (!take(line)) lost += 1;
      pour();
    },
  };
}

/** @returns how many of the bytes were taken: 0 when there is no room, `closed` when nobody reads any more. Blocks while a pipe is full. */
function writeSome(fd: number, bytes: Buffer): number | typeof CLOSED {
  for (;;) {
    try {
      return writeSync(fd, bytes);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') return CLOSED;
      if (code !== 'EAGAIN' && code !== 'EBUSY') return 0;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BUSY_WAIT_MS);
    }
  }
}

function lostLine(lines: number): string {
  const facts = { level: 'warn', time: new Date().toISOString(), lines, msg: 'standard output took no more: lines were lost' };
  return `${JSON.stringify(facts)}\n`;
}
