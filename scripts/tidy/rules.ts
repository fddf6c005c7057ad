/**
 * Runs every rule over a tree of sources. Knows which rule applies where; the rules themselves are in the
 * files beside it. Pure: takes texts, returns breaches.
 */
import { checkCode } from './code-rules.ts';
import { checkExports } from './export-rules.ts';
import { checkImports } from './import-rules.ts';
import { checkLengths } from './length-rules.ts';
import { type ParsedFile, parse } from './parse.ts';
import { checkPurity } from './purity-rules.ts';
import { checkText } from './text-rules.ts';

export interface SourceText {
  /** Relative to the repository's root, forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Breach {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

/** @returns breaches sorted by path and line; empty when the tree is clean. */
export function checkTree(files: readonly SourceText[]): Breach[] {
  const parsed = new Map<string, ParsedFile>();
  for (const file of files) {
    if (/\.(ts|mts|mjs|js)$/.test(file.path)) parsed.set(file.path, parse(file));
  }
  const breaches: Breach[] = [];
  for (const file of files) breaches.push(...checkText(file));
  for (const file of parsed.values()) breaches.push(...checkCode(file), ...checkImports(file), ...checkLengths(file));
  breaches.push(...checkPurity(parsed), ...checkExports(parsed));
  return breaches.sort((a, b) => a.path.localeCompare(b.path) || a.line - b.line || a.rule.localeCompare(b.rule));
}
