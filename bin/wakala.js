#!/usr/bin/env node
/**
 * The command. In a checkout it builds first when sources have changed; an installed copy has no sources and
 * starts at once. Everything else is in src/main.ts.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const EXIT_FAILED = 1;
const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const buildScript = path.join(root, 'scripts/build.mjs');

if (existsSync(path.join(root, 'src')) && existsSync(path.join(root, 'node_modules/typescript')) && existsSync(buildScript)) {
  const { build } = await import(pathToFileURL(buildScript).href);
  if (build() === 'failed') process.exit(EXIT_FAILED);
}
// `start` is `serve` for people who try it out: the defaults are embedded where nothing else is configured.
if (process.argv[2] === 'start') process.argv[2] = 'serve';
const program = await import(pathToFileURL(path.join(root, 'dist/main.js')).href);
if (typeof program.main === 'function') await program.main(process.argv.slice(2));
