/** Syntax trees and the import list of one file. Knows no rule. */
import path from 'node:path/posix';
import ts from 'typescript';
import type { Breach, SourceText } from './rules.ts';

export interface ImportOf {
  /** As written. */
  readonly specifier: string;
  /** Repository path for a relative import, null for a package. */
  readonly target: string | null;
  /** Erased at run time (`import type`, or only type members). */
  readonly typeOnly: boolean;
  readonly node: ts.Node;
}

export interface ParsedFile extends SourceText {
  readonly tree: ts.SourceFile;
  readonly imports: readonly ImportOf[];
}

export function parse(file: SourceText): ParsedFile {
  const kind = /ts$/.test(file.path) ? ts.ScriptKind.TS : ts.ScriptKind.JS;
  const tree = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true, kind);
  const imports: ImportOf[] = [];
  const add = (specifier: ts.Expression | undefined, typeOnly: boolean, node: ts.Node): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const relative = specifier.text.startsWith('.');
    const target = relative ? path.normalize(path.join(path.dirname(file.path), specifier.text)) : null;
    imports.push({ specifier: specifier.text, target, typeOnly, node });
  };
  visit(tree, (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, importsTypesOnly(node), node);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly, node);
    else if (
      ts.isCallExpression(node) &&
      (node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText(tree) === 'require')
    ) {
      add(node.arguments[0], false, node);
    }
  });
  return { ...file, tree, imports };
}

function importsTypesOnly(node: ts.ImportDeclaration): boolean {
  const clause = node.importClause;
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const named = clause.namedBindings;
  if (clause.name !== undefined || named === undefined || !ts.isNamedImports(named)) return false;
  return named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly);
}

/** Depth first, parents before children. */
export function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

export function breach(file: ParsedFile, node: ts.Node, rule: string, message: string): Breach {
  const line = file.tree.getLineAndCharacterOfPosition(node.getStart(file.tree)).line + 1;
  return { path: file.path, line, rule, message };
}
