/** Tracks as GPX 1.1 and GeoJSON, piece by piece so that a day of fixes never lies in memory as text. Pure; must never know who asks. */
import type { TrackFix } from '../../ports.ts';

/** Points in one piece of text. */
const PIECE_POINTS = 200;
/** A hundredth of a metre. */
const DECIMALS = 7;
/** What XML 1.0 does not allow at all, not even escaped: most control characters and halves of characters. */
const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** @returns text that is safe in XML content and attributes; characters that XML forbids are left out */
export function escapeXml(text: string): string {
  return text.replace(NOT_XML, '').replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

/**
 * @param points in order of time; taken one at a time, so it may itself be a stream that is read as this one is
 * @returns a whole GPX document in pieces; without points a valid one with an empty track
 */
export function* toGpx(name: string, points: Iterable<TrackFix>): Generator<string, void, undefined> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<gpx version="1.1" creator="Wakala" xmlns="http://www.topografix.com/GPX/1/1" xmlns:wakala="urn:wakala:gpx:1"' +
    ' xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v2">\n' +
    `<trk><name>${escapeXml(name)}</name><trkseg>\n`;
  yield* inPieces(points, gpxPoint, '');
  yield '</trkseg></trk>\n</gpx>\n';
}

/** GPX 1.1 has no speed, course or accuracy of a point; the first two have a well-known extension, the last has ours. */
function gpxPoint(point: TrackFix): string {
  const motion =
    (point.speedMps === null ? '' : `<gpxtpx:speed>${round(point.speedMps, 2)}</gpxtpx:speed>`) +
    (point.headingDeg === null ? '' : `<gpxtpx:course>${round(point.headingDeg, 1)}</gpxtpx:course>`);
  const extra =
    (motion === '' ? '' : `<gpxtpx:TrackPointExtension>${motion}</gpxtpx:TrackPointExtension>`) +
    (point.accuracyM === null ? '' : `<wakala:accuracy>${round(point.accuracyM, 1)}</wakala:accuracy>`);
  const extensions = extra === '' ? '' : `<extensions>${extra}</extensions>`;
  const at = new Date(point.atMs).toISOString();
  return `<trkpt lat="${degrees(point.lat)}" lon="${degrees(point.lng)}"><time>${at}</time>${extensions}</trkpt>
`;
}

/**
 * @param points as for `toGpx`
 * @returns a GeoJSON FeatureCollection in pieces, one Point feature a fix: a LineString of fewer than two points would not be valid
 */
export function* toGeoJson(name: string, points: Iterable<TrackFix>): Generator<string, void, undefined> {
  yield `{"type":"FeatureCollection","name":${JSON.stringify(name)},"features":[\n`;
  yield* inPieces(points, geoJsonFeature, ',\n');
  yield '\n]}\n';
}

function geoJsonFeature(point: TrackFix): string {
  return JSON.stringify({
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [Number(degrees(point.lng)), Number(degrees(point.lat))] },
    properties: {
      at: new Date(point.atMs).toISOString(),
      accuracy_m: point.accuracyM,
      speed_mps: point.speedMps,
      heading_deg: point.headingDeg,
    },
  });
}

function* inPieces(points: Iterable<TrackFix>, render: (point: TrackFix) => string, separator: string): Generator<string> {
  let piece = '';
  let count = 0;
  for (const point of points) {
    piece += (count === 0 ? '' : separator) + render(point);
    count++;
    if (count % PIECE_POINTS !== 0) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

function degrees(value: number): string {
  return value.toFixed(DECIMALS);
}

function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
