/**
 * Runs bench/*.bench.ts one after another, each in a process of its own. A bench prints one JSON line a
 * figure on stdout; those lines go to bench/results/<date>.jsonl with commit and machine added. Other lines
 * are only shown. `npm run bench -- actors journal` runs those two.
 */
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const BENCH = path.join(ROOT, 'bench');
const MEASURE_BUILT = path.join(BENCH, 'lib', 'measure-built.mjs');
const SUFFIX = '.bench.ts';
const MAX_BENCH_MS = 15 * 60_000;
/** The heap of a production thread (src/node/nursery.ts). */
const HEAP = ['--min-semi-space-size=16', '--max-semi-space-size=64', '--no-allocation-site-pretenuring'];

const git = (...args) => spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' }).stdout?.trim() ?? '';
const dirty = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+changes';
const context = {
  commit: `${git('rev-parse', '--short', 'HEAD') || 'none'}${dirty}`,
  node: process.version,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
};

/** A figure is a JSON object on a line of its own; anything else is talk. */
function parseFigure(line) {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line);
  } catch {
    // Talk that happens to begin with a brace.
    return null;
  }
}

function run(name, results) {
  return new Promise((done) => {
    const child = spawn(
      process.execPath,
      [...HEAP, '--expose-gc', '--import', 'tsx', '--import', MEASURE_BUILT, path.join(BENCH, `${name}${SUFFIX}`)],
      {
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'inherit'],
        timeout: MAX_BENCH_MS,
      },
    );
    createInterface({ input: child.stdout }).on('line', (line) => {
      const figure = parseFigure(line);
      const text = figure === null ? line : JSON.stringify({ bench: name, at: new Date().toISOString(), ...context, ...figure });
      process.stdout.write(`${text}\n`);
      if (figure !== null) appendFileSync(results, `${text}\n`);
    });
    child.on('close', (code, signal) => {
      if (code !== 0) process.stderr.write(`bench: ${name} failed (${signal ?? `exit ${code}`})\n`);
      done(code === 0);
    });
  });
}

const all = (existsSync(BENCH) ? readdirSync(BENCH) : [])
  .filter((file) => file.endsWith(SUFFIX))
  .map((file) => file.slice(0, -SUFFIX.length));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));
if (all.length === 0 || unknown.length > 0) {
  process.stderr.write(
    `bench: ${unknown.length > 0 ? `no bench ${unknown.join(', ')}; ` : ''}there are ${all.sort().join(', ') || 'none'}\n`,
  );
  process.exit(64);
}
if (build() === 'failed') process.exit(1);
mkdirSync(path.join(BENCH, 'results'), { recursive: true });
const results = path.join(BENCH, 'results', `${new Date().toISOString().slice(0, 10)}.jsonl`);
let failed = 0;
for (const name of wanted.length > 0 ? wanted : all.sort()) {
  process.stdout.write(`bench: ${name} …\n`);
  if (!(await run(name, results))) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
