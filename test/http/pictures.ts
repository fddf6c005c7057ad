/** Small pictures with everything that cameras write beside the pixels. Bytes as the formats say, not as an encoder happens to. */

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const jpegPart = (marker: number, body: Buffer): Buffer => Buffer.concat([Buffer.from([0xff, marker]), u16(body.length + 2), body]);

export const SECRET = 'GPS -26.2386 27.8786';

const jpegHead = Buffer.from([0xff, 0xd8]);
const jfif = jpegPart(0xe0, Buffer.from('JFIF\0\x01\x01'));
const exif = jpegPart(0xe1, Buffer.from(`Exif\0\0${SECRET}`));
const profile = jpegPart(0xe2, Buffer.from('ICC_PROFILE\0'));
const tables = jpegPart(0xdb, Buffer.alloc(65, 1));
const scanHead = jpegPart(0xda, Buffer.from([1, 1, 0, 0, 63, 0]));
/** With a stuffed byte and a restart marker, as scans have them. */
const scan = Buffer.from([0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56]);
const jpegEnd = Buffer.from([0xff, 0xd9]);

export const cleanJpeg = Buffer.concat([jpegHead, jfif, profile, tables, scanHead, scan, scanHead, scan, jpegEnd]);
/** Two scans, words between them, and a second picture behind the end, as phones append them. */
export const jpeg = Buffer.concat([
  jpegHead,
  jfif,
  exif,
  profile,
  jpegPart(0xe0, Buffer.from(`JFXX\0${SECRET}`)),
  jpegPart(0xe2, Buffer.from(`MPF\0${SECRET}`)),
  jpegPart(0xed, Buffer.from(`IPTC ${SECRET}`)),
  jpegPart(0xfe, Buffer.from(SECRET)),
  tables,
  scanHead,
  scan,
  exif,
  scanHead,
  scan,
  jpegEnd,
  jpegHead,
  exif,
  jpegEnd,
]);

function pngChunk(name: string, body: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length);
  return Buffer.concat([size, Buffer.from(name, 'latin1'), body, Buffer.alloc(4)]);
}

const pngHead = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const pixels = [pngChunk('IDAT', Buffer.from('pixels')), pngChunk('IEND', Buffer.alloc(0))];
export const cleanPng = Buffer.concat([pngHead, pngChunk('IHDR', Buffer.alloc(13)), ...pixels]);
export const png = Buffer.concat([
  pngHead,
  pngChunk('IHDR', Buffer.alloc(13)),
  pngChunk('eXIf', Buffer.from(SECRET)),
  pngChunk('tEXt', Buffer.from(SECRET)),
  ...pixels,
  Buffer.from(SECRET),
]);

function webpChunk(name: string, body: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(body.length);
  return Buffer.concat([Buffer.from(name, 'latin1'), size, body, Buffer.alloc(body.length % 2)]);
}

function webpFile(...chunks: Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from('WEBP'), ...chunks]);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(body.length);
  return Buffer.concat([Buffer.from('RIFF'), size, body]);
}

const vp8 = webpChunk('VP8 ', Buffer.from('odd'));
export const cleanWebp = webpFile(webpChunk('VP8X', Buffer.from([0x10, ...Array(9).fill(0)])), vp8);
export const webp = webpFile(
  webpChunk('VP8X', Buffer.from([0x1c, ...Array(9).fill(0)])),
  vp8,
  webpChunk('EXIF', Buffer.from(SECRET)),
  webpChunk('XMP ', Buffer.from(`${SECRET}!`)),
);
