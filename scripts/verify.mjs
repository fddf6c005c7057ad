/**
 * All checks, one verb. Cheap ones first; stops at the first that fails. `npm run verify -- tidy biome` runs
 * only the steps named.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const resolve = createRequire(import.meta.url).resolve;
const packageFile = (name, file) => path.join(path.dirname(resolve(`${name}/package.json`)), file);

/** Name and the arguments for Node. */
const STEPS = [
  ['tidy', ['--import', 'tsx', 'scripts/tidy.ts']],
  ['biome', [packageFile('@biomejs/biome', 'bin/biome'), 'check', '--error-on-warnings', '.']],
  ['build', ['scripts/build.mjs']],
  ['types', [packageFile('typescript', 'bin/tsc'), '-p', 'tsconfig.test.json']],
  ['tests', [packageFile('vitest', 'vitest.mjs'), 'run']],
];

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !STEPS.some(([step]) => step === name));
if (unknown.length > 0) {
  process.stderr.write(`verify: no step ${unknown.join(', ')}; there are ${STEPS.map(([step]) => step).join(', ')}\n`);
  process.exit(64);
}

const seconds = (sinceMs) => `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`;
const startedMs = Date.now();
for (const [name, args] of STEPS) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const stepMs = Date.now();
  process.stdout.write(`verify: ${name} …\n`);
  const { status, signal } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) {
    process.stdout.write(`verify: ${name} FAILED (${signal ?? `exit ${status}`}) after ${seconds(stepMs)}\n`);
    process.exit(1);
  }
  process.stdout.write(`verify: ${name} ok in ${seconds(stepMs)}\n`);
}
process.stdout.write(`verify: all ok in ${seconds(startedMs)}\n`);
