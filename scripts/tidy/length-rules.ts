/**
 * How long a function may be before it has to say why. Sees every body: declarations, methods, accessors, constructors, arrows and
 * function expressions, in page scripts as well.
 */
import ts from 'typescript';
import { breach, type ParsedFile, visit } from './parse.ts';
import type { Breach } from './rules.ts';

/** Lines between the braces, those of functions inside with them. */
const MAX_LINES = 70;
/** On a line right above the function (or above the statement or member that it is the value of), followed by the reason. */
const REASON = /^\s*(?:\/\/|\/?\*+)\s*Long because \S.*/m;

export function checkLengths(file: ParsedFile): Breach[] {
  const breaches: Breach[] = [];
  visit(file.tree, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined || isSuite(node, file)) return;
    const lines = linesOf(node.body as ts.Node, file);
    if (lines <= MAX_LINES || isExplained(node, file)) return;
    const message = `${nameOf(node, file)} has ${lines} lines, at most ${MAX_LINES}: cut it up, or write "// Long because ..." above it`;
    breaches.push(breach(file, node, 'function-length', message));
  });
  return breaches;
}

/**
 * A switch over a closed union is as long as the union, and reads like a table: it counts as its longest case. `assertNever` as its
 * default is what shows that the union is closed.
 */
function linesOf(body: ts.Node, file: ParsedFile): number {
  let lines = span(body, file) - (ts.isBlock(body) ? 2 : 0);
  const cut = (node: ts.Node): void => {
    if (!ts.isSwitchStatement(node) || !endsInAssertNever(node, file)) {
      ts.forEachChild(node, cut);
      return;
    }
    lines -= span(node, file) - Math.max(...node.caseBlock.clauses.map((clause) => span(clause, file)));
  };
  cut(body);
  return lines;
}

/** Line breaks from the node's first character to its last, and one. */
function span(node: ts.Node, file: ParsedFile): number {
  const lineAt = (position: number): number => file.tree.getLineAndCharacterOfPosition(position).line;
  return lineAt(node.end) - lineAt(node.getStart(file.tree)) + 1;
}

function endsInAssertNever(node: ts.SwitchStatement, file: ParsedFile): boolean {
  const last = node.caseBlock.clauses.at(-1);
  return last !== undefined && ts.isDefaultClause(last) && /\bassertNever\(/.test(last.getText(file.tree));
}

/** What a suite of tests is given is a list of tests; each of them counts by itself. */
function isSuite(node: ts.Node, file: ParsedFile): boolean {
  const call = node.parent;
  return file.path.startsWith('test/') && ts.isCallExpression(call) && /^(describe|suite)\b/.test(call.expression.getText(file.tree));
}

function isExplained(node: ts.Node, file: ParsedFile): boolean {
  for (let at: ts.Node = node; !ts.isSourceFile(at); at = at.parent) {
    const above = ts.getLeadingCommentRanges(file.text, at.getFullStart()) ?? [];
    if (above.some(({ pos, end }) => REASON.test(file.text.slice(pos, end)))) return true;
    if (ts.isStatement(at) || ts.isClassElement(at) || ts.isObjectLiteralElement(at)) return false;
  }
  return false;
}

function nameOf(node: ts.SignatureDeclaration, file: ParsedFile): string {
  if (node.name !== undefined) return node.name.getText(file.tree);
  const { parent } = node;
  const isNamed = ts.isVariableDeclaration(parent) || ts.isPropertyDeclaration(parent) || ts.isPropertyAssignment(parent);
  return isNamed ? parent.name.getText(file.tree) : 'a function';
}
