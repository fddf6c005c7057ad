/** A place given in numbers: coordinates alone, or a map's link that has them. Pure; follows no link. */
import type { Position } from '../../../tenant/protocol.ts';

const COORDINATES = /(-?\d{1,2}\.\d{2,15})(?:,|%2C| |, )\s?(-?\d{1,3}\.\d{2,15})/i;
const ALONE = /^[^\p{L}]*$/u;
const MAP_LINK =
  /^\S*\s*https?:\/\/(?:[a-z]+\.)*(?:google\.[a-z.]+\/maps|maps\.google\.[a-z.]+|maps\.apple\.com|openstreetmap\.org|waze\.com)\S*$/i;
/** Longer texts are no link alone. */
const PIN_MAX_CHARS = 300;

/** @returns null for anything that says more, or no place on earth. */
export function positionIn(text: string): Position | null {
  if (!text.includes('.') || text.length > PIN_MAX_CHARS) return null;
  const trimmed = text.trim();
  if (!ALONE.test(trimmed) && !MAP_LINK.test(trimmed)) return null;
  const [, lat, lng] = COORDINATES.exec(trimmed) ?? [];
  if (lat === undefined || lng === undefined) return null;
  const position = { lat: Number(lat), lng: Number(lng) };
  return Math.abs(position.lat) <= 90 && Math.abs(position.lng) <= 180 ? position : null;
}
