/**
 * An `export` of src that no other file imports: whoever reads it has to look for users that are not there. Knows names, not types.
 * Scripts of pages are left out: browsers and tests load them by a path that is put together at run time.
 */
import path from 'node:path/posix';
import ts from 'typescript';
import { breach, type ParsedFile, visit } from './parse.ts';
import type { Breach } from './rules.ts';

/** What the command in bin calls, by the path that it finds at run time. */
const ENTRY = 'src/main.ts';
/** Instead of a name: the whole module was taken, so any name may be in use. */
const WHOLE = '*';

export function checkExports(files: ReadonlyMap<string, ParsedFile>): Breach[] {
  const used = usedNames(files);
  const breaches: Breach[] = [];
  for (const file of files.values()) {
    if (!/^src\/.*\.ts$/.test(file.path) || file.path === ENTRY) continue;
    const names = used.get(file.path) ?? new Set();
    if (names.has(WHOLE)) continue;
    for (const { name, node } of exportsOf(file)) {
      if (!names.has(name)) breaches.push(breach(file, node, 'unused-export', `no other file imports ${name}: keep it to this one`));
    }
  }
  return breaches;
}

/** Path -> what other files take from it. */
function usedNames(files: ReadonlyMap<string, ParsedFile>): Map<string, Set<string>> {
  const used = new Map<string, Set<string>>();
  const use = (target: string, name: string): void => {
    const names = used.get(target);
    if (names === undefined) used.set(target, new Set([name]));
    else names.add(name);
  };
  for (const file of files.values()) {
    for (const { target, node } of file.imports) {
      if (target !== null) for (const name of namesTaken(node)) use(target, name);
    }
    visit(file.tree, (node) => {
      if (!ts.isImportTypeNode(node) || !ts.isLiteralTypeNode(node.argument) || !ts.isStringLiteral(node.argument.literal)) return;
      const specifier = node.argument.literal.text;
      if (specifier.startsWith('.')) use(path.join(path.dirname(file.path), specifier), firstName(node.qualifier));
    });
  }
  return used;
}

/** @returns only `WHOLE` where single names cannot be told: `import * as`, `export *`, `await import(…)`. */
function namesTaken(node: ts.Node): readonly string[] {
  if (ts.isImportDeclaration(node)) {
    const bindings = node.importClause?.namedBindings;
    if (bindings === undefined) return [];
    return ts.isNamedImports(bindings) ? bindings.elements.map(sourceName) : [WHOLE];
  }
  if (ts.isExportDeclaration(node) && node.exportClause !== undefined && ts.isNamedExports(node.exportClause)) {
    return node.exportClause.elements.map(sourceName);
  }
  return [WHOLE];
}

function sourceName(element: ts.ImportSpecifier | ts.ExportSpecifier): string {
  return (element.propertyName ?? element.name).text;
}

function firstName(qualifier: ts.EntityName | undefined): string {
  if (qualifier === undefined) return WHOLE;
  return ts.isIdentifier(qualifier) ? qualifier.text : firstName(qualifier.left);
}

function exportsOf(file: ParsedFile): { readonly name: string; readonly node: ts.Node }[] {
  const found: { readonly name: string; readonly node: ts.Node }[] = [];
  const add = (name: ts.Node | undefined, node: ts.Node): void => {
    if (name !== undefined && ts.isIdentifier(name)) found.push({ name: name.text, node });
  };
  for (const statement of file.tree.statements) {
    if (ts.isExportDeclaration(statement)) {
      const clause = statement.exportClause;
      if (clause !== undefined && ts.isNamedExports(clause)) for (const element of clause.elements) add(element.name, element);
    } else if (isExported(statement)) {
      if (ts.isVariableStatement(statement)) for (const { name } of statement.declarationList.declarations) add(name, statement);
      else add((statement as ts.DeclarationStatement).name, statement);
    }
  }
  return found;
}

function isExported(node: ts.Node): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node)?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword) ?? false);
}
