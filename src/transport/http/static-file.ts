/**
 * Files of the pages that this server serves: read at start, stripped of what only their authors read, compressed once, named by their
 * content. It must never take a path from a request to the disk.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { HttpReply, HttpRequest } from './message.ts';

/** Formats in which a comment or an indentation is nothing to a browser. */
const NOTED = /^text\/(?:html|css|javascript)/;
/** Request headers that an answer depends on. */
export const STATIC_FILE_HEADERS = ['if-none-match', 'accept-encoding'] as const;
const ETAG_CHARS = 22;

export interface StaticFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  readonly brotli: Buffer;
  /** Weak, because every encoding carries it. */
  readonly etag: string;
}

/** Reads a file. A missing one throws here, at start, and not in a request. */
export function readStaticFile(type: string, url: URL): StaticFile {
  const source = readFileSync(url);
  return staticFile(type, NOTED.test(type) ? Buffer.from(withoutNotes(source.toString('utf8'))) : source);
}

/** Compressed once, as well as it goes: airtime is dearer to a customer or a driver than a moment at our start. */
export function staticFile(type: string, plain: Buffer): StaticFile {
  return {
    type,
    plain,
    gzipped: gzipSync(plain, { level: constants.Z_BEST_COMPRESSION }),
    brotli: brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }),
    etag: `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, ETAG_CHARS)}"`,
  };
}

/**
 * Comments that stand on lines of their own and indentation are for whoever reads the source; customers pay for every byte. No file of
 * a page may hold a text of several lines: it would lose its indentation as well.
 */
export function withoutNotes(source: string): string {
  const lines = source.replace(/^[ \t]*(?:<!--(?:(?!-->).)*-->|\/\*(?:(?!\*\/).)*\*\/|\/\/[^\n]*)\n/gms, '');
  return lines.replace(/^[ \t]+/gm, '');
}

/** @returns the handler of a file: in the smallest encoding that the browser takes, or 304 when it has it already */
export function answerWith(file: StaticFile, more: Readonly<Record<string, string>> = {}): (request: HttpRequest) => HttpReply {
  const { type, plain, gzipped, brotli, etag } = file;
  const headers = { 'content-type': type, 'cache-control': 'no-cache', vary: 'accept-encoding', etag, ...more };
  const known: HttpReply = { status: 304, headers };
  const full: HttpReply = { status: 200, headers, body: plain };
  const gzip: HttpReply = { status: 200, headers: { ...headers, 'content-encoding': 'gzip' }, body: gzipped };
  const br: HttpReply = { status: 200, headers: { ...headers, 'content-encoding': 'br' }, body: brotli };
  return (request) => {
    if (request.header('if-none-match').includes(etag)) return known;
    const accepted = request.header('accept-encoding');
    if (/\bbr\b/.test(accepted)) return br;
    return /\bgzip\b/.test(accepted) ? gzip : full;
  };
}
