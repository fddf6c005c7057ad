/** Replayed recordings and exported tracks. */
import { describe, expect, it } from 'vitest';
import { distanceM } from '../../src/geo/distance.ts';
import type { Position } from '../../src/geo/gps/fix.ts';
import { type ReplayLine, replayGps } from '../../src/geo/gps/replay.ts';
import type { TrackFix } from '../../src/ports.ts';
import { escapeXml, toGeoJson, toGpx } from '../../src/transport/gps/export.ts';
import { noisyTrack } from './filter/noise.ts';

const T0 = Date.UTC(2026, 0, 5, 8);
const row = (s: number, lat = -26.2485, rest = ',8,0'): string => `${T0 + s * 1_000},${lat},27.854${rest}`;

function replay(lines: readonly string[], options = {}): ReplayLine[] {
  return [...replayGps(lines, options)];
}

describe('replay', () => {
  it('each row gets one result with the reason and the smoothed position', () => {
    const lines = replay([
      't_ms,lat,lng,accuracy_m,speed_mps',
      row(0),
      row(1),
      '',
      row(2, -26.3),
      row(1),
      row(3),
      row(4, -26.2485, ',500,'),
      row(5, 0, ','),
      '# end',
    ]);
    expect(lines.map((line) => line.code)).toEqual([null, null, 'gps.teleport', 'gps.duplicate', null, 'gps.inaccurate', 'gps.teleport']);
    expect(lines.map((line) => line.line)).toEqual([2, 3, 5, 6, 7, 8, 9]);
    expect(lines[0]).toMatchObject({ t_ms: T0, accepted: true, fence: true, position: { lat: -26.2485, lng: 27.854, accuracy_m: 8 } });
    expect(lines[2]!.position).toBeNull();
  });

  it('a header may order the columns; without one the standard order holds; times may count from 0', () => {
    expect(replay(['lng,lat,t_ms,extra', '27.854,-26.2485,0,x', '27.854,-26.2485,1000,y'])).toMatchObject([
      { t_ms: 0, accepted: true },
      { t_ms: 1_000, accepted: true },
    ]);
    expect(replay(['0,-26.2485,27.854,8,', '1000,-26.2485,27.854,8,', '500,-26.2485,27.854,8,']).map((line) => line.code)).toEqual([
      null,
      null,
      'gps.late',
    ]);
    expect(replay([])).toEqual([]);
  });

  it('an unreadable row names its column and spoils no other', () => {
    const lines = replay([row(0), `${T0 + 1_000},-26,2485,27,854,8,0`, `${T0 + 2_000},x,27.854,8,0`, `${T0},,27.854`, row(3)]);
    expect(lines.map((line) => line.field)).toEqual([null, 'lat', 'lat', 'lat', null]);
    expect(lines.at(-1)!.accepted).toBe(true);
  });

  it('a single time in the far future does not carry the clock away; a real gap does', () => {
    const glitch = replay([row(0), row(1), row(400_000_000), row(2), row(3), row(4), row(5)]);
    expect(glitch.filter((line) => line.flags.includes('clock_skew')).map((line) => line.line)).toEqual([3]);
    expect(glitch.slice(3).every((line) => line.accepted)).toBe(true);
    const gap = replay([row(0), row(1), row(7_200), row(7_201), row(7_202), row(7_203)]);
    expect(gap.every((line) => line.accepted)).toBe(true);
    expect(gap[2]!.flags).toEqual(['reinitialised']);
  });

  it('the observer sees published positions in order and its events come out with their row', () => {
    const seen: Position[] = [];
    const lines = replay([row(0), row(1, -26.3), row(2), row(3, -26.2485, ',80,0')], {
      observe: (position: Position, isFenceWorthy: boolean) => {
        seen.push(position);
        return isFenceWorthy ? [{ type: 'seen', n: seen.length }] : [];
      },
    });
    expect(lines.map((line) => line.events)).toEqual([[{ type: 'seen', n: 1 }], [], [{ type: 'seen', n: 2 }], []]);
    expect(seen).toHaveLength(3);
  });

  it('a noisy recording at 1 Hz loses its outliers and keeps its fixes', () => {
    const track = noisyTrack({ seed: 5, fixes: 3_000, sigmaM: 6, intervalS: 1 });
    const lines = replay(
      track.map(({ fix }) => [fix.atMs, fix.lat, fix.lng, fix.accuracyM, fix.speedMps].map((cell) => Number(cell).toFixed(7)).join(',')),
    );
    const bad = track.flatMap((item, i) => (item.kind === 'bad' ? [lines[i]!] : []));
    const good = track.flatMap((item, i) => (item.kind === 'good' ? [{ item, line: lines[i]! }] : []));
    expect(bad.length).toBeGreaterThan(15);
    expect(bad.filter((line) => line.accepted)).toEqual([]);
    expect(good.filter(({ line }) => line.accepted).length / good.length).toBeGreaterThan(0.87);
    for (const { item, line } of good) {
      if (line.position !== null) expect(distanceM(item.truth, line.position)).toBeLessThan(250);
    }
  });
});

describe('export', () => {
  const point = (i: number): TrackFix => ({
    atMs: T0 + i * 1_000,
    lat: -26.2485 + i * 1e-5,
    lng: 27.854,
    accuracyM: 8,
    speedMps: i % 2 ? 5.25 : null,
    headingDeg: 90,
  });

  it('names are escaped and what XML forbids is left out', () => {
    expect(escapeXml(`<a b="c" d='e'>&\u0000\u000b\ud800\ufffe😀\n`)).toBe('&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;😀\n');
    expect([...toGpx('</name><x>', [])].join('')).toContain('<name>&lt;/name&gt;&lt;x&gt;</name>');
  });

  it('GPX has every point with its time, and nothing but an empty track without points', () => {
    const text = [...toGpx('Day', [point(0), point(1)])].join('');
    expect(text.match(/<trkpt /g)).toHaveLength(2);
    expect(text).toContain('<trkpt lat="-26.2485000" lon="27.8540000"><time>2026-01-05T08:00:00.000Z</time>');
    expect([...toGpx('Empty', [])].join('')).toMatch(/<trkseg>\n<\/trkseg><\/trk>\n<\/gpx>\n$/);
  });

  it('GPX tells speed and course as Garmin TrackPointExtension v2 does, which readers look for by name', () => {
    const text = [...toGpx('Day', [point(1)])].join('');
    expect(text).toContain('xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v2"');
    expect(text).toContain(
      '<gpxtpx:TrackPointExtension><gpxtpx:speed>5.25</gpxtpx:speed><gpxtpx:course>90</gpxtpx:course></gpxtpx:TrackPointExtension>',
    );
  });

  it('GeoJSON is well-formed for none, one and many, with longitude first', () => {
    for (const count of [0, 1, 200, 201, 450]) {
      const parsed = JSON.parse(
        [
          ...toGeoJson(
            'a "day"',
            Array.from({ length: count }, (_, i) => point(i)),
          ),
        ].join(''),
      );
      expect(parsed).toMatchObject({ type: 'FeatureCollection', name: 'a "day"' });
      expect(parsed.features).toHaveLength(count);
    }
    const [feature] = JSON.parse([...toGeoJson('x', [point(1)])].join('')).features;
    expect(feature.geometry).toEqual({ type: 'Point', coordinates: [27.854, -26.24849] });
    expect(feature.properties).toEqual({ at: '2026-01-05T08:00:01.000Z', accuracy_m: 8, speed_mps: 5.25, heading_deg: 90 });
  });

  it('points are taken as the reader asks, not all at once', () => {
    let taken = 0;
    function* endless(): Generator<TrackFix> {
      for (;;) yield point(taken++);
    }
    const pieces = toGpx('endless', endless());
    pieces.next();
    pieces.next();
    expect(taken).toBe(200);
    pieces.return();
  });
});
