// What a package exports by its index.ts, and whether each export has a doc comment.
import { posix } from "node:path";
import ts from "typescript";
import type { SourceFile } from "./source-files.ts";
import { packageFiles } from "./source-files.ts";

/** One exported name with the place of its declaration. */
export interface PublicExport {
  readonly name: string;
  readonly path: string;
  readonly line: number;
  readonly isDocumented: boolean;
}

const files = new Map<string, SourceFile>(packageFiles.map((file) => [file.path, file]));

function parse(path: string): ts.SourceFile {
  const text = files.get(path)?.text ?? "";
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
}

/** Everything that `packages/NAME/src/index.ts` exports, in order. */
export function publicExports(packageFolder: string): PublicExport[] {
  return exportsOf(`packages/${packageFolder}/src/index.ts`);
}

function exportsOf(path: string): PublicExport[] {
  return parse(path).statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) return reExports(statement, path);
    return isExported(statement) ? declarations(statement, path) : [];
  });
}

function reExports(statement: ts.ExportDeclaration, path: string): PublicExport[] {
  const { exportClause, moduleSpecifier } = statement;
  if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return [];
  if (!moduleSpecifier.text.startsWith(".")) return [];
  const all = exportsOf(posix.join(posix.dirname(path), moduleSpecifier.text));
  if (exportClause === undefined || !ts.isNamedExports(exportClause)) return all;
  const names = new Set(
    exportClause.elements.map(({ name, propertyName }) => (propertyName ?? name).text),
  );
  return all.filter(({ name }) => names.has(name));
}

function isExported(statement: ts.Statement): boolean {
  if (!ts.canHaveModifiers(statement)) return false;
  return statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

function declarations(statement: ts.Statement, path: string): PublicExport[] {
  const tree = statement.getSourceFile();
  const line = tree.getLineAndCharacterOfPosition(statement.getStart(tree)).line + 1;
  const isDocumented = ts.getJSDocCommentsAndTags(statement).length > 0;
  const names = ts.isVariableStatement(statement)
    ? statement.declarationList.declarations.map(({ name }) => name.getText(tree))
    : [(statement as ts.DeclarationStatement).name?.getText(tree) ?? ""];
  return names.map((name) => ({ name, path, line, isDocumented }));
}
