/** Rules that need no syntax tree: length, names, header, marks of unfinished work, paths of a machine. */
import type { Breach, SourceText } from './rules.ts';

const MAX_LINES = 400;
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|bench|config|d))?\.[a-z]+$/;
const KEBAB_FOLDER = /^[a-z0-9]+(-[a-z0-9]+)*$/;
/** Split so that this file does not accuse itself. */
const UNFINISHED = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME'].join('|')})\\b`);
const SESSION_SETTING = /set_config\s*\([^()]*,\s*false\s*\)/i;

interface LinePattern {
  readonly rule: string;
  readonly pattern: RegExp;
  readonly message: string;
  readonly applies: (path: string) => boolean;
}

const everywhere = (): boolean => true;
/** The rules and their test have to spell out what they forbid. */
const notItself = (path: string): boolean => !path.startsWith('scripts/tidy/') && !path.startsWith('test/tidy/');
const notTests = (path: string): boolean => notItself(path) && !path.startsWith('test/');

const LINE_PATTERNS: readonly LinePattern[] = [
  { rule: 'unfinished', pattern: UNFINISHED, message: 'finish it or write an issue', applies: everywhere },
  {
    rule: 'machine-path',
    pattern: /(^|[\s'"`(=:])\/(work|root)\//,
    message: 'names a folder of one machine',
    applies: notItself,
  },
  { rule: 'machine-path', pattern: /(^|[\s'"`(=:])\/(home|tmp)\//, message: 'use os.tmpdir() or the data folder', applies: notTests },
  {
    rule: 'outside-path',
    pattern: /\.\.\/shared\/|\bshared\/(design|reference|fixtures)\b/,
    message: 'depends on a folder outside the repository',
    applies: notItself,
  },
  {
    rule: 'session-setting',
    pattern: SESSION_SETTING,
    message: 'a tenant set for a session leaks into the next transaction of a pooled connection; pass true',
    applies: notItself,
  },
];

export function checkText(file: SourceText): Breach[] {
  const breaches: Breach[] = [];
  const add = (line: number, rule: string, message: string): void => {
    breaches.push({ path: file.path, line, rule, message });
  };
  const lines = file.text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length > MAX_LINES) add(MAX_LINES + 1, 'file-length', `${lines.length} lines, at most ${MAX_LINES}`);

  const segments = file.path.split('/');
  const name = segments.pop() as string;
  const numberedSql = name.endsWith('.sql') && /^[a-z0-9_-]+\.sql$/.test(name);
  if (!KEBAB.test(name) && !numberedSql) add(1, 'kebab-case', `file name ${name}`);
  for (const folder of segments) if (!KEBAB_FOLDER.test(folder)) add(1, 'kebab-case', `folder name ${folder}`);

  if (file.path.startsWith('src/') && !startsWithComment(file)) {
    add(1, 'header', 'say in one sentence what this file is and what it must never know');
  }
  if (file.path.endsWith('.test.ts') && !startsWithSentence(file.text)) {
    add(1, 'test-header', 'say in one sentence what these tests guarantee: /** ... */');
  }
  lines.forEach((text, index) => {
    for (const { rule, pattern, message, applies } of LINE_PATTERNS) {
      if (applies(file.path) && pattern.test(text)) add(index + 1, rule, message);
    }
  });
  return breaches;
}

/** Three words and a full stop: a bare name or an empty comment guarantees nothing. */
function startsWithSentence(text: string): boolean {
  const head = /^\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? '';
  return head.includes('.') && (head.match(/[\p{L}\p{N}]+/gu)?.length ?? 0) >= 3;
}

function startsWithComment(file: SourceText): boolean {
  const text = file.text.replace(/^#!.*\n/, '').trimStart();
  if (file.path.endsWith('.sql')) return text.startsWith('--') || text.startsWith('/*');
  if (file.path.endsWith('.html')) return text.replace(/^<!doctype html>\s*/i, '').startsWith('<!--');
  return text.startsWith('/*') || text.startsWith('//');
}
