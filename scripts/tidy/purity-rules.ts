/**
 * Purity of `src/geo/**` and of every `state.ts`, and of everything that they import at run time: no clock,
 * no randomness, no I/O, no built-in module. Replay of a journal is only true if this holds.
 */
import ts from 'typescript';
import { breach, type ParsedFile, visit } from './parse.ts';
import type { Breach } from './rules.ts';

const FORBIDDEN_GLOBALS = new Set([
  'performance',
  'crypto',
  'process',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'console',
  'globalThis',
  'require',
]);

export function checkPurity(files: ReadonlyMap<string, ParsedFile>): Breach[] {
  const roots = [...files.keys()].filter((path) => path.startsWith('src/geo/') || /^src\/.*\/state\.ts$/.test(path));
  /** Path -> the root that makes it pure, for the message. */
  const pure = new Map<string, string>();
  const queue = roots.map((path) => ({ path, root: path }));
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const file = files.get(next.path);
    if (file === undefined || pure.has(next.path)) continue;
    pure.set(next.path, next.root);
    for (const { target, typeOnly } of file.imports) {
      if (target !== null && !typeOnly) queue.push({ path: target, root: next.root });
    }
  }
  return [...pure].flatMap(([path, root]) => checkFile(files.get(path) as ParsedFile, root));
}

function checkFile(file: ParsedFile, root: string): Breach[] {
  const breaches: Breach[] = [];
  const because = file.path === root ? '' : ` (imported by ${root})`;
  const add = (node: ts.Node, what: string): void => {
    breaches.push(breach(file, node, 'purity', `${what} in pure code${because}`));
  };
  for (const item of file.imports) {
    if (!item.typeOnly && item.specifier.startsWith('node:')) add(item.node, item.specifier);
  }
  visit(file.tree, (node) => {
    if (ts.isPropertyAccessExpression(node)) {
      const text = `${node.expression.getText(file.tree)}.${node.name.text}`;
      if (text === 'Date.now' || text === 'Math.random') add(node, text);
    }
    if (ts.isNewExpression(node) && node.expression.getText(file.tree) === 'Date' && (node.arguments?.length ?? 0) === 0)
      add(node, 'new Date()');
    if (ts.isCallExpression(node) && node.expression.getText(file.tree) === 'Date') add(node, 'Date()');
    if (ts.isIdentifier(node) && FORBIDDEN_GLOBALS.has(node.text) && isFreeReference(node)) add(node, node.text);
  });
  return breaches;
}

/** False for property names, declarations and type positions, which only share the spelling. */
function isFreeReference(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent) || ts.isBindingElement(parent)) return parent.initializer === node;
  if (ts.isCallExpression(parent) || ts.isNewExpression(parent) || ts.isVariableDeclaration(parent))
    return !('name' in parent) || parent.name !== node;
  return (
    ts.isExpressionStatement(parent) ||
    ts.isElementAccessExpression(parent) ||
    ts.isReturnStatement(parent) ||
    ts.isBinaryExpression(parent)
  );
}
