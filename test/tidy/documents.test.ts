/** What the documents name exists: files, links, metrics, variables; and every registered error can happen. Benchmarks are left out: they tell of the past. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeVariables } from '../../src/config-schema.ts';
import { ERRORS } from '../../src/errors.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

function filesUnder(folder: string, ending: RegExp): string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name}`)
    .filter((name) => ending.test(name));
}

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const SOURCES = ['src', 'test', 'scripts', 'bench'].flatMap((folder) => filesUnder(folder, /\.(ts|mjs|js|sql)$/));
const PROGRAM = SOURCES.filter((file) => file.startsWith('src/'));
const PAGES = ['README.md', ...filesUnder('docs', /\.md$/)].filter((page) => !page.endsWith('BENCHMARKS.md'));

/** `page: name`, each once, so that a failure says where to look. */
function named(pattern: RegExp, isThere: (name: string, page: string) => boolean): string[] {
  const missing = PAGES.flatMap((page) =>
    [...read(page).matchAll(pattern)]
      .map((match) => match[1] as string)
      .flatMap((name) => (isThere(name, page) ? [] : [`${page}: ${name}`])),
  );
  return [...new Set(missing)];
}

/** Of tables that end in a column "held by", the names in that column; of prose, those behind "Held by". */
function holdersIn(page: string): string[] {
  const tables = read(page)
    .split(/\n(?!\|)/)
    .filter((part) => /\| held by \|\n/.test(part));
  const cells = tables.flatMap((table) => table.split('\n').map((row) => row.split('|').at(-2) ?? ''));
  const prose = [...read(page).matchAll(/\*Held by\*((?:[,\s]+`[a-z-]+`)+)/g)].map(([, names]) => names as string);
  // A capital begins the name of a type: what holds is that it compiles.
  return [...cells, ...prose].flatMap((text) => [...text.matchAll(/`([a-z][^`]*)`/g)].map(([, name]) => name as string));
}

describe('documents', () => {
  it('name only tests that are there as what holds an invariant', () => {
    const holders = PAGES.flatMap((page) => holdersIn(page).map((name) => ({ page, name })));
    expect(holders.length).toBeGreaterThan(100);
    const isTest = (name: string): boolean => SOURCES.some((file) => file.startsWith('test/') && file.endsWith(`/${name}.test.ts`));
    const missing = holders.filter(({ name }) => !isTest(name) && !existsSync(path.join(ROOT, name)));
    expect(missing.map(({ page, name }) => `${page}: ${name}`)).toEqual([]);
  });

  it('name only files that are there', () => {
    const isThere = (name: string): boolean => SOURCES.some((file) => file === name || file.endsWith(`/${name}`));
    expect(named(/`((?:[a-z0-9-]+\/)*[a-z0-9.-]+\.(?:ts|mjs|sql))`/g, isThere)).toEqual([]);
  });

  it('name only folders of the sources that are there', () => {
    expect(named(/`((?:src|test|bench|scripts)\/[a-z0-9/-]*)`/g, (name) => existsSync(path.join(ROOT, name)))).toEqual([]);
  });

  it('link only to what is there', () => {
    const isThere = (link: string, page: string): boolean => existsSync(path.join(ROOT, path.dirname(page), link));
    expect(named(/\]\((?!https?:)([^)#\s]+)/g, isThere)).toEqual([]);
  });

  it('name only metrics that the program exports', () => {
    const program = PROGRAM.map(read).join('\n');
    expect(named(/`(wakala_[a-z_]+)\*?`/g, (name) => program.includes(name))).toEqual([]);
  });

  it('name only variables that are read', () => {
    const known = new Set(describeVariables().map(({ name }) => name));
    const tests = SOURCES.filter((file) => file.startsWith('test/'))
      .map(read)
      .join('\n');
    expect(named(/\b(WAKALA_[A-Z_]+[A-Z])\b/g, (name) => known.has(name) || tests.includes(`process.env.${name}`))).toEqual([]);
  });
});

describe('the registry of errors', () => {
  it('holds no code that nothing raises', () => {
    const program = PROGRAM.filter((file) => !/^src\/errors[a-z-]*\.ts$/.test(file))
      .map(read)
      .join('\n');
    expect(Object.keys(ERRORS).filter((code) => !program.includes(code))).toEqual([]);
  });
});
