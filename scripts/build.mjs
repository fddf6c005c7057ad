/**
 * src -> dist: the compiler, then the files that it does not know (SQL, pages, JSON). Skipped when nothing
 * changed since the last good build. Plain JavaScript, because it runs before anything is compiled.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const SRC = path.join(ROOT, 'src');
const DIST = path.join(ROOT, 'dist');
const STAMP = path.join(DIST, '.build-stamp');
const BUILD_INFO = path.join(DIST, '.tsbuildinfo');
const ASSETS = new Set(['.sql', '.html', '.css', '.js', '.json', '.svg', '.png']);

/** All files under a folder, sorted, relative to it. */
function filesUnder(folder) {
  const found = [];
  const walk = (at) => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const full = path.join(at, entry.name);
      if (entry.isDirectory()) walk(full);
      else found.push(path.relative(folder, full));
    }
  };
  walk(folder);
  return found.sort();
}

const isCode = (file) => file.endsWith('.ts') && !file.endsWith('.d.ts');
const isAsset = (file) => ASSETS.has(path.extname(file));
const outputOf = (file) => path.join(DIST, isCode(file) ? file.replace(/\.ts$/, '.js') : file);

/** Changes when any source or the compiler's settings change. */
function fingerprint(files) {
  const hash = createHash('sha256');
  const inputs = [...files.map((file) => path.join(SRC, file)), ...['tsconfig.json', 'package-lock.json'].map((f) => path.join(ROOT, f))];
  for (const input of inputs) {
    const { mtimeMs, size } = statSync(input);
    hash.update(`${path.relative(ROOT, input)} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

/** Removes what no source stands behind any more, so that a deleted file cannot live on in dist. */
function removeOrphans(files) {
  const expected = new Set(files.filter((f) => isCode(f) || isAsset(f)).map(outputOf));
  for (const file of filesUnder(DIST)) {
    const full = path.join(DIST, file);
    if (file.startsWith('.')) continue;
    if (!expected.has(full) && !expected.has(full.replace(/\.map$/, ''))) rmSync(full);
  }
}

function compile() {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  return spawnSync(process.execPath, [tsc, '-p', ROOT], { cwd: ROOT, stdio: ['ignore', 2, 2] }).status === 0;
}

/**
 * Builds when needed.
 * @returns 'fresh' when there was nothing to do, 'built', or 'failed' after the compiler has said why on stderr.
 */
export function build() {
  mkdirSync(DIST, { recursive: true });
  const files = filesUnder(SRC);
  const print = fingerprint(files);
  const complete = () => files.filter((f) => isCode(f) || isAsset(f)).every((f) => existsSync(outputOf(f)));
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === print && complete()) return 'fresh';
  rmSync(STAMP, { force: true });
  // The compiler believes its own notes about what it emitted; without the output they are wrong.
  if (!files.filter(isCode).every((f) => existsSync(outputOf(f)))) rmSync(BUILD_INFO, { force: true });
  if (!compile()) return 'failed';
  for (const file of files.filter(isAsset)) {
    mkdirSync(path.dirname(outputOf(file)), { recursive: true });
    copyFileSync(path.join(SRC, file), outputOf(file));
  }
  removeOrphans(files);
  if (!complete()) {
    process.stderr.write('build: the compiler reported success but left files out\n');
    return 'failed';
  }
  writeFileSync(STAMP, print);
  return 'built';
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const started = Date.now();
  const outcome = build();
  process.stdout.write(`build: ${outcome} in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  process.exit(outcome === 'failed' ? 1 : 0);
}
