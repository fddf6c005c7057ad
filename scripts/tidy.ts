/**
 * The house rules that a machine can check. `npx tsx scripts/tidy.ts [root]` prints `file:line rule message`
 * for each breach and exits 1 when there is any. It reads files only; it must never import the program.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { argv, exit, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Breach, checkTree, type SourceText } from './tidy/rules.ts';

const FOLDERS = ['src', 'test', 'scripts', 'bench', 'bin'];
const EXTENSIONS = new Set(['.ts', '.mts', '.mjs', '.js', '.sql', '.html', '.css']);
const SKIPPED = new Set(['node_modules', 'dist', 'results', '.wakala']);

/** Paths are relative to `root`, with forward slashes, sorted. Folders that do not exist are left out. */
function readTree(root: string): SourceText[] {
  const found: SourceText[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const full = path.join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) walk(full);
      } else if (EXTENSIONS.has(path.extname(entry.name))) {
        found.push({ path: path.relative(root, full).split(path.sep).join('/'), text: readFileSync(full, 'utf8') });
      }
    }
  };
  for (const name of FOLDERS) {
    const folder = path.join(root, name);
    if (existsSync(folder)) walk(folder);
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** One line a breach, sorted by file and line. */
function render(breaches: readonly Breach[]): string {
  return breaches.map((b) => `${b.path}:${b.line} ${b.rule} ${b.message}\n`).join('');
}

const root = path.resolve(argv[2] ?? path.join(path.dirname(fileURLToPath(import.meta.url)), '..'));
const files = readTree(root);
const breaches = checkTree(files);
stdout.write(render(breaches));
if (files.length === 0) {
  // A check over nothing proves nothing: a wrong folder must not look like success.
  stdout.write(`tidy: no source files under ${root}\n`);
  exit(1);
}
stdout.write(`tidy: ${files.length} files, ${breaches.length} breaches\n`);
exit(breaches.length === 0 ? 0 : 1);
