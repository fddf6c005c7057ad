/**
 * Pictures as bytes: which of three formats they are, and the same picture without what cameras write beside it (place, time, device).
 * Pixels are never decoded. Pure; it must never know what a picture is for.
 *
 * Formats: ISO/IEC 10918-1 (JPEG), PNG third edition, RFC 9649 (WebP).
 */

export type PictureType = 'image/jpeg' | 'image/png' | 'image/webp';
export const PICTURE_TYPES: readonly PictureType[] = ['image/jpeg', 'image/png', 'image/webp'];

const PNG_HEAD = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Chunks that pixels need; all others are words of whoever made the file. */
const PNG_KEPT = new Set(['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'iCCP', 'sBIT', 'bKGD', 'pHYs']);
const PNG_FRAME_BYTES = 12;
const WEBP_KEPT = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP']);
const WEBP_HEAD_BYTES = 12;
const WEBP_CHUNK_HEAD_BYTES = 8;
/** Of the flags in a VP8X chunk: there is an EXIF chunk, there is an XMP chunk. */
const WEBP_METADATA_FLAGS = 0x0c;

const JPEG = { start: 0xd8, end: 0xd9, scan: 0xda, restartFirst: 0xd0, restartLast: 0xd7, app0: 0xe0, app15: 0xef, comment: 0xfe } as const;
/** JFIF, the colour profile, and Adobe's note on the colours' order, as they begin. Under the same markers cameras write notes of their own. */
const JPEG_APPS_KEPT: ReadonlyMap<number, string> = new Map([
  [0xe0, 'JFIF\0'],
  [0xe2, 'ICC_PROFILE\0'],
  [0xee, 'Adobe'],
]);

/**
 * @param bytes a whole file, which is left as it is
 * @returns the same pixels without EXIF, XMP, IPTC, comments and whatever follows the picture; null when it is no whole picture of that
 *   type. The turn that EXIF may ask for is lost with it. O(bytes).
 */
export function withoutMetadata(type: PictureType, bytes: Buffer): Buffer | null {
  const parts = type === 'image/jpeg' ? jpegParts(bytes) : type === 'image/png' ? pngParts(bytes) : webpParts(bytes);
  return parts === null ? null : Buffer.concat(parts);
}

function jpegParts(bytes: Buffer): Buffer[] | null {
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== JPEG.start) return null;
  const parts = [bytes.subarray(0, 2)];
  let at = 2;
  let hasPixels = false;
  for (;;) {
    if (bytes[at] !== 0xff) return null;
    // A marker may be preceded by any number of fill bytes.
    while (bytes[at + 1] === 0xff) at++;
    const marker = bytes[at + 1];
    if (marker === undefined) return null;
    if (marker === JPEG.end) return hasPixels ? [...parts, bytes.subarray(at, at + 2)] : null;
    if (at + 4 > bytes.length) return null;
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    if (end < at + 4 || end > bytes.length) return null;
    if (isKept(marker, bytes.subarray(at + 4, end))) parts.push(bytes.subarray(at, end));
    at = end;
    if (marker !== JPEG.scan) continue;
    const scanEnd = endOfScan(bytes, at);
    if (scanEnd === null) return null;
    parts.push(bytes.subarray(at, scanEnd));
    at = scanEnd;
    hasPixels = true;
  }
}

function isKept(marker: number, body: Buffer): boolean {
  if (marker === JPEG.comment) return false;
  if (marker < JPEG.app0 || marker > JPEG.app15) return true;
  const name = JPEG_APPS_KEPT.get(marker);
  return name !== undefined && body.toString('latin1', 0, name.length) === name;
}

/** @returns where the next marker begins that is none of the scan's own; null when the file ends first. */
function endOfScan(bytes: Buffer, from: number): number | null {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) return null;
    const isScans = next === 0 || next === 0xff || (next >= JPEG.restartFirst && next <= JPEG.restartLast);
    if (!isScans) return at;
  }
  return null;
}

function pngParts(bytes: Buffer): Buffer[] | null {
  if (!bytes.subarray(0, PNG_HEAD.length).equals(PNG_HEAD)) return null;
  const parts = [bytes.subarray(0, PNG_HEAD.length)];
  let hasPixels = false;
  for (let at = PNG_HEAD.length; at + PNG_FRAME_BYTES <= bytes.length; ) {
    const end = at + PNG_FRAME_BYTES + bytes.readUInt32BE(at);
    const name = bytes.toString('latin1', at + 4, at + 8);
    if (end > bytes.length || (parts.length === 1 && name !== 'IHDR')) return null;
    if (PNG_KEPT.has(name)) parts.push(bytes.subarray(at, end));
    if (name === 'IDAT') hasPixels = true;
    if (name === 'IEND') return hasPixels ? parts : null;
    at = end;
  }
  return null;
}

function webpParts(bytes: Buffer): Buffer[] | null {
  if (bytes.length < WEBP_HEAD_BYTES || bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WEBP')
    return null;
  const fileEnd = WEBP_CHUNK_HEAD_BYTES + bytes.readUInt32LE(4);
  if (fileEnd > bytes.length) return null;
  const parts: Buffer[] = [];
  let hasPixels = false;
  for (let at = WEBP_HEAD_BYTES; at < fileEnd; ) {
    if (at + WEBP_CHUNK_HEAD_BYTES > fileEnd) return null;
    const sizeBytes = bytes.readUInt32LE(at + 4);
    // Chunks begin at even places.
    const end = at + WEBP_CHUNK_HEAD_BYTES + sizeBytes + (sizeBytes % 2);
    const name = bytes.toString('latin1', at, at + 4);
    if (end > fileEnd) return null;
    if (WEBP_KEPT.has(name)) parts.push(name === 'VP8X' ? withoutFlags(bytes.subarray(at, end)) : bytes.subarray(at, end));
    if (name === 'VP8 ' || name === 'VP8L' || name === 'ANMF') hasPixels = true;
    at = end;
  }
  if (!hasPixels) return null;
  const head = Buffer.from(bytes.subarray(0, WEBP_HEAD_BYTES));
  head.writeUInt32LE(
    parts.reduce((sum, part) => sum + part.length, WEBP_HEAD_BYTES - WEBP_CHUNK_HEAD_BYTES),
    4,
  );
  return [head, ...parts];
}

function withoutFlags(chunk: Buffer): Buffer {
  const copy = Buffer.from(chunk);
  const flags = copy[WEBP_CHUNK_HEAD_BYTES];
  if (flags !== undefined) copy[WEBP_CHUNK_HEAD_BYTES] = flags & ~WEBP_METADATA_FLAGS;
  return copy;
}
