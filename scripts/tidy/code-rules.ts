/** Rules over one file's syntax tree: what may not be written, wherever it is imported from. */
import ts from 'typescript';
import { breach, type ParsedFile, visit } from './parse.ts';
import type { Breach } from './rules.ts';

const RUNNERS = new Set(['describe', 'it', 'test', 'suite', 'bench']);
const FORBIDDEN_MODIFIERS = new Set(['only', 'skip', 'todo', 'skipIf', 'runIf', 'fails']);
const MODULE_MOCKS = new Set(['mock', 'doMock', 'hoisted']);
const ASSIGNMENTS = new Set([ts.SyntaxKind.EqualsToken, ts.SyntaxKind.QuestionQuestionEqualsToken, ts.SyntaxKind.BarBarEqualsToken]);
/** The only reader of the environment. Tests, benches and tools start programs and so must set it. */
const ENVIRONMENT_READER = 'src/config.ts';

export function checkCode(file: ParsedFile): Breach[] {
  const breaches: Breach[] = [...checkBarrel(file)];
  const isTest = file.path.startsWith('test/');
  const mayReadEnvironment = file.path === ENVIRONMENT_READER || !file.path.startsWith('src/');
  // Pages run in browsers.
  const isProgram = file.path.startsWith('src/') && file.path.endsWith('.ts');
  const isConfig = /\.config\.(ts|mts|mjs|js)$/.test(file.path) || file.path === 'test/support/global-setup.ts';
  const add = (node: ts.Node, rule: string, message: string): void => {
    breaches.push(breach(file, node, rule, message));
  };
  visit(file.tree, (node) => {
    if (ts.isEnumDeclaration(node)) add(node, 'enum', 'use a union of string literals');
    if (!isConfig && isDefaultExport(node)) add(node, 'default-export', 'export by name');
    if (ts.isExportDeclaration(node) && node.exportClause === undefined)
      add(node, 'export-star', 'export names one by one, from where they are');
    if (!mayReadEnvironment && isEnvironment(node)) add(node, 'environment', `only ${ENVIRONMENT_READER} reads process.env`);
    if (ts.isCatchClause(node) && isSilent(node.block, file)) add(node, 'empty-catch', 'rethrow, map, count, or say why nothing is to do');
    if (isSilentPromiseCatch(node, file)) add(node, 'empty-catch', 'a swallowed rejection: map it, count it, or say why nothing is to do');
    if (isProgram && isOldClosure(node)) add(node, 'old-closure', 'name the function first: see docs/adr/0015');
    if (isTest) checkTestNode(node, file, add);
  });
  return breaches;
}

function checkBarrel(file: ParsedFile): Breach[] {
  if (!file.path.startsWith('src/') && !file.path.startsWith('test/')) return [];
  const statements = file.tree.statements;
  const reExports = statements.filter((s) => ts.isExportDeclaration(s) && s.moduleSpecifier !== undefined);
  const others = statements.filter((s) => !ts.isImportDeclaration(s) && !ts.isExportDeclaration(s));
  const first = reExports[0];
  return first !== undefined && others.length === 0
    ? [breach(file, first, 'barrel', 'a file that only passes names on; import from the source')]
    : [];
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true;
  return ts.canHaveModifiers(node) && (ts.getModifiers(node)?.some((m) => m.kind === ts.SyntaxKind.DefaultKeyword) ?? false);
}

/** `process.env` in any form, and `env` imported from node:process. */
function isEnvironment(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) return node.name.text === 'env' && /(^|\.)process$/.test(node.expression.getText());
  if (ts.isElementAccessExpression(node))
    return /^process$/.test(node.expression.getText()) && /^['"]env['"]$/.test(node.argumentExpression.getText());
  if (!ts.isImportSpecifier(node) || (node.propertyName ?? node.name).text !== 'env') return false;
  const from = node.parent.parent.parent.moduleSpecifier;
  return ts.isStringLiteral(from) && /^(node:)?process$/.test(from.text);
}

/** A function literal that is assigned to a property: V8 allocates it old, and all that it closes over stays with it. */
function isOldClosure(node: ts.Node): boolean {
  if (!ts.isBinaryExpression(node) || !ASSIGNMENTS.has(node.operatorToken.kind)) return false;
  if (!ts.isPropertyAccessExpression(node.left) && !ts.isElementAccessExpression(node.left)) return false;
  let value = node.right;
  while (ts.isParenthesizedExpression(value) || ts.isAsExpression(value) || ts.isSatisfiesExpression(value)) value = value.expression;
  return ts.isArrowFunction(value) || ts.isFunctionExpression(value);
}

/** No statement and no comment that explains it. */
function isSilent(block: ts.Block, file: ParsedFile): boolean {
  return block.statements.length === 0 && !/\/[/*]/.test(block.getText(file.tree));
}

function isSilentPromiseCatch(node: ts.Node, file: ParsedFile): boolean {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression) || node.expression.name.text !== 'catch') return false;
  const handler = node.arguments[0];
  if (handler === undefined || (!ts.isArrowFunction(handler) && !ts.isFunctionExpression(handler))) return false;
  return ts.isBlock(handler.body) && isSilent(handler.body, file);
}

function checkTestNode(node: ts.Node, file: ParsedFile, add: (node: ts.Node, rule: string, message: string) => void): void {
  if (ts.isPropertyAccessExpression(node)) {
    const object = node.expression.getText(file.tree);
    if (RUNNERS.has(object.split('.')[0] as string) && FORBIDDEN_MODIFIERS.has(node.name.text)) {
      add(node, 'narrowed-test', `.${node.name.text} hides tests from the suite`);
    }
    if (object === 'vi' && MODULE_MOCKS.has(node.name.text)) add(node, 'module-mock', 'pass a fake that keeps the contract instead');
  }
  if (isFixedSleep(node, file)) add(node, 'fixed-sleep', 'wait for an event, or poll a condition in a loop');
}

/** A sleep inside a loop that checks a condition is a poll, and allowed. */
function isFixedSleep(node: ts.Node, file: ParsedFile): boolean {
  const sleeps =
    (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && sleepNames(file).has(node.expression.text)) ||
    (ts.isNewExpression(node) && node.expression.getText(file.tree) === 'Promise' && resolvesByTimer(node, file));
  return sleeps && ts.isAwaitExpression(node.parent) && !isInLoop(node);
}

function sleepNames(file: ParsedFile): Set<string> {
  const names = new Set(['sleep', 'delay']);
  for (const { specifier, node } of file.imports) {
    if (!specifier.endsWith('timers/promises') || !ts.isImportDeclaration(node)) continue;
    const named = node.importClause?.namedBindings;
    if (named !== undefined && ts.isNamedImports(named)) {
      for (const element of named.elements) if ((element.propertyName ?? element.name).text === 'setTimeout') names.add(element.name.text);
    }
  }
  return names;
}

/** `new Promise((resolve) => setTimeout(resolve, …))`: the timer calls the resolver itself. */
function resolvesByTimer(node: ts.NewExpression, file: ParsedFile): boolean {
  const executor = node.arguments?.[0];
  if (executor === undefined || (!ts.isArrowFunction(executor) && !ts.isFunctionExpression(executor))) return false;
  const resolver = executor.parameters[0]?.name.getText(file.tree);
  let found = false;
  visit(executor.body, (child) => {
    if (
      ts.isCallExpression(child) &&
      child.expression.getText(file.tree).endsWith('setTimeout') &&
      child.arguments[0]?.getText(file.tree) === resolver
    ) {
      found = true;
    }
  });
  return found;
}

function isInLoop(node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node.parent; at !== undefined && !ts.isFunctionLike(at); at = at.parent) {
    if (ts.isIterationStatement(at, false)) return true;
  }
  return false;
}
