/** `wakala replay gps` on a recorded ride: the same filter, fence and estimate as a live one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseStop, replayFile } from '../../src/node/commands/replay-gps.ts';

const STOP = { lat: -26.26, lng: 27.86 };
const folder = mkdtempSync(path.join(tmpdir(), 'wakala-replay-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Line {
  readonly accepted: boolean;
  readonly code: string | null;
  readonly events: readonly { readonly type: string }[];
}

/** Five minutes towards the stop from 2 km, then a wait at it; one outlier and one 0,0 on the way. */
function ride(): Line[] {
  const rows = ['t_ms,lat,lng,accuracy_m,speed_mps'];
  for (let i = 0; i < 200; i++) {
    const left = Math.max(0, 1 - i / 150);
    const jitter = Math.sin(i * 12.9898) * 4e-5;
    const lat = i === 80 ? 0 : STOP.lat + 0.02 * left + jitter + (i === 60 ? 0.05 : 0);
    rows.push(`${1_795_161_600_000 + i * 2_000},${lat},${i === 80 ? 0 : STOP.lng - jitter},8,${left > 0 ? 7.4 : 0}`);
  }
  const file = path.join(folder, 'ride.csv');
  writeFileSync(file, rows.join('\n'));
  const lines: Line[] = [];
  replayFile(file, STOP, (line) => lines.push(JSON.parse(line) as Line));
  return lines;
}

describe('a ride', () => {
  it('gives one line a fix, says why one was not taken, and arrives once', () => {
    const lines = ride();
    expect(lines).toHaveLength(200);
    expect(lines.filter((line) => !line.accepted).map((line) => line.code)).toEqual(['gps.teleport', 'gps.null_island']);
    const events = lines.flatMap((line) => line.events.map((event) => event.type));
    expect(events.filter((type) => type === 'arrived')).toHaveLength(1);
    expect(events.filter((type) => type === 'eta').length).toBeLessThanOrEqual(3);
    expect(events.filter((type) => type === 'left')).toEqual([]);
  });
});

it.each([
  ['-26.26,27.86', STOP],
  ['-26.26, 27.86', STOP],
  ['91,0', null],
  ['-26.26', null],
  ['1,2,3', null],
  ['a,b', null],
  ['', null],
])('a stop %j is %j', (text, expected) => expect(parseStop(text)).toEqual(expected));
