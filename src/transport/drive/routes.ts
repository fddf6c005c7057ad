/**
 * The driver's app as files: page, modules, manifest, service worker. Everything is read once at start and answered with an ETag;
 * it must never know a driver: the app itself speaks to the API and to the socket.
 */
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { HttpApp } from '../http/server/app.ts';
import { answerWith, readStaticFile, STATIC_FILE_HEADERS, type StaticFile, staticFile } from '../http/static-file.ts';

const SCRIPT_TYPE = 'text/javascript; charset=utf-8';
const PAGE_PATH = '/drive';
const WORKER_PATH = '/drive/sw.js';
/** What the page runs, by folder. `device` is the phone, `session` all that goes to the server and comes from it, `screen` what is drawn. */
const MODULES: Readonly<Record<string, readonly string[]>> = {
  '.': ['app', 'renewal', 'start'],
  device: ['alarm', 'geometry', 'gps', 'store', 'token'],
  session: ['codec', 'link', 'model', 'outbox', 'positions', 'proofs', 'queue', 'refusal', 'session', 'shift', 'wire'],
  screen: ['header', 'notices', 'offer', 'parts', 'proof-card', 'reasons', 'screens', 'sheets', 'sign-in', 'text'],
};
/** Path of the request -> file and type. A fixed list, so that no path of a request ever reaches the disk. */
const FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  [PAGE_PATH]: ['page/page.html', 'text/html; charset=utf-8'],
  '/drive/page.css': ['page/page.css', 'text/css; charset=utf-8'],
  '/drive/manifest.webmanifest': ['page/manifest.json', 'application/manifest+json'],
  '/drive/icon.svg': ['page/icon.svg', 'image/svg+xml'],
  '/drive/icon.png': ['page/icon.png', 'image/png'],
  // One set of helpers for the pages that draw elements by hand.
  '/drive/dom.js': ['../sandbox/page/dom.js', SCRIPT_TYPE],
  ...Object.fromEntries(
    Object.entries(MODULES)
      .flatMap(([folder, names]) => names.map((name) => posix.join(folder, `${name}.js`)))
      .map((file) => [`/drive/${file}`, [`page/${file}`, SCRIPT_TYPE] as const]),
  ),
};
/** Everything comes from this server; nothing is inline. `connect-src 'self'` holds for the socket as well. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const WORKER_POLICY = "default-src 'none'; connect-src 'self'";
/** The page may use the receiver and the wake lock, and nothing else that a phone guards. */
const PERMISSIONS = 'geolocation=(self), screen-wake-lock=(self), camera=(), microphone=(), payment=()';

interface DriveFile extends StaticFile {
  readonly path: string;
}

interface DriveFiles {
  /** Of all files together, as a browser gets them: compressed. */
  readonly transferredBytes: number;
  readonly totalBytes: number;
  readonly paths: readonly string[];
}

/**
 * Adds `/drive` and its files to the app. A missing file throws here, at start, and not in a request.
 * @returns what was added, for logs and for the bound on the app's size
 */
export function registerDrive(app: HttpApp): DriveFiles {
  const files = Object.entries(FILES).map(([path, [file, type]]) => ({ path, ...readStaticFile(type, new URL(file, import.meta.url)) }));
  const all = [...files, serviceWorker(files)];
  for (const file of all) app.route('GET', file.path, answerWith(file, headersOf(file.path)), { headers: STATIC_FILE_HEADERS });
  return {
    transferredBytes: all.reduce((sum, { gzipped }) => sum + gzipped.length, 0),
    totalBytes: all.reduce((sum, { plain }) => sum + plain.length, 0),
    paths: all.map(({ path }) => path),
  };
}

/** The worker holds the list of files and a version that changes with any byte of them: browsers install a new one by that. */
function serviceWorker(files: readonly DriveFile[]): DriveFile {
  const hash = createHash('sha256');
  for (const { path, plain } of files) hash.update(`${path} ${plain.length}\n`).update(plain);
  const version = hash.digest('hex').slice(0, 12);
  const head = `const VERSION = '${version}';\nconst FILES = ${JSON.stringify(files.map(({ path }) => path))};\n`;
  const code = readStaticFile(SCRIPT_TYPE, new URL('page/sw.js', import.meta.url)).plain;
  return { path: WORKER_PATH, ...staticFile(SCRIPT_TYPE, Buffer.concat([Buffer.from(head), code])) };
}

function headersOf(path: string): Record<string, string> {
  if (path === PAGE_PATH) return { 'content-security-policy': PAGE_POLICY, 'permissions-policy': PERMISSIONS };
  // A worker lives under the policy of its own script, and may only serve what lies below its own path unless told so.
  if (path === WORKER_PATH) return { 'content-security-policy': WORKER_POLICY, 'service-worker-allowed': PAGE_PATH };
  return {};
}
