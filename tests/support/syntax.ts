// What the tidy tests need to know about the syntax of a file.
import ts from "typescript";
import type { SourceFile } from "./source-files.ts";

/** One import or re-export statement, or a dynamic import. */
export interface ImportStatement {
  readonly specifier: string;
  readonly line: number;
  /** Whether it vanishes in JavaScript. */
  readonly isTypeOnly: boolean;
}

/** One function with a body. */
export interface FunctionSpan {
  readonly name: string;
  readonly line: number;
  readonly nrLines: number;
  readonly isSuite: boolean;
}

/** One function or method with a doc comment. */
export interface DocumentedFunction {
  readonly name: string;
  readonly line: number;
  /** The text of the comment. */
  readonly doc: string;
  /** Whether it is an exported function. */
  readonly isExported: boolean;
}

const parsed = new Map<string, ts.SourceFile>();

function parse({ path, text }: SourceFile): ts.SourceFile {
  let tree = parsed.get(path);
  if (tree === undefined) {
    tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
    parsed.set(path, tree);
  }
  return tree;
}

function lineOf(tree: ts.SourceFile, offset: number): number {
  return tree.getLineAndCharacterOfPosition(offset).line + 1;
}

function visitAll(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => visitAll(child, visit));
}

/** Every import of a file, static and dynamic, in order. */
export function importsOf(file: SourceFile): ImportStatement[] {
  const tree = parse(file);
  const imports: ImportStatement[] = [];
  const add = (specifier: ts.Node | undefined, isTypeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const line = lineOf(tree, specifier.getStart(tree));
    imports.push({ specifier: specifier.text, line, isTypeOnly });
  };
  visitAll(tree, (node) => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false);
    }
  });
  return imports;
}

function isTypeImport({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false;
  if (importClause.isTypeOnly) return true;
  const { name, namedBindings } = importClause;
  if (name !== undefined || namedBindings === undefined) return false;
  if (!ts.isNamedImports(namedBindings)) return false;
  return namedBindings.elements.every((element) => element.isTypeOnly);
}

/** Every function of a file with its length in lines. */
export function functionsOf(file: SourceFile): FunctionSpan[] {
  const tree = parse(file);
  const functions: FunctionSpan[] = [];
  visitAll(tree, (node) => {
    if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) return;
    const line = lineOf(tree, node.getStart(tree));
    const nrLines = lineOf(tree, node.getEnd()) - line + 1;
    functions.push({ name: nameOf(node), line, nrLines, isSuite: isSuiteCallback(node) });
  });
  return functions;
}

function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name !== undefined) return node.name.getText();
  const { parent } = node;
  const isNamed = ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent);
  return isNamed ? parent.name.getText() : "(anonymous)";
}

/** Whether a function is the body of `describe(…)`, which is a list of tests and not a function. */
function isSuiteCallback({ parent }: ts.Node): boolean {
  return ts.isCallExpression(parent) && parent.expression.getText().startsWith("describe");
}

/** Functions, methods and constants of a file whose doc comment holds `tag`. */
export function functionsTagged(file: SourceFile, tag: string): DocumentedFunction[] {
  const tree = parse(file);
  const found: DocumentedFunction[] = [];
  visitAll(tree, (node) => {
    for (const doc of ts.getJSDocCommentsAndTags(node)) {
      if (doc.parent !== node || !doc.getText(tree).includes(tag)) continue;
      const line = lineOf(tree, doc.getStart(tree));
      const name = declaredName(node);
      found.push({ name, line, doc: doc.getText(tree), isExported: isExportedFunction(node) });
    }
  });
  return found;
}

function isExportedFunction(node: ts.Node): boolean {
  if (!ts.isFunctionDeclaration(node)) return false;
  return node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

function declaredName(node: ts.Node): string {
  if (ts.isVariableStatement(node)) {
    return node.declarationList.declarations[0]?.name.getText() ?? "";
  }
  const { name } = node as ts.NamedDeclaration;
  return name?.getText() ?? "";
}

/** String literals of a file that match `pattern` as a whole, with their lines. */
export function stringsLike(file: SourceFile, pattern: RegExp): { text: string; line: number }[] {
  const tree = parse(file);
  const found: { text: string; line: number }[] = [];
  visitAll(tree, (node) => {
    if (!ts.isStringLiteralLike(node) || !pattern.test(node.text)) return;
    found.push({ text: node.text, line: lineOf(tree, node.getStart(tree)) });
  });
  return found;
}

/** Property accesses such as `Math.random` and uses of a global, with their lines. */
export function usesOf(
  file: SourceFile,
  names: ReadonlySet<string>,
): { text: string; line: number }[] {
  const tree = parse(file);
  const found: { text: string; line: number }[] = [];
  visitAll(tree, (node) => {
    const isAccess = ts.isPropertyAccessExpression(node);
    const isGlobal = ts.isIdentifier(node) && isValue(node) && !isDeclaredAround(node);
    if ((!isAccess && !isGlobal) || !names.has(node.getText(tree))) return;
    found.push({ text: node.getText(tree), line: lineOf(tree, node.getStart(tree)) });
  });
  return found;
}

/** Whether an identifier stands for a value, not for a property or the name of a declaration. */
function isValue(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isBindingElement(parent) || ts.isTypeNode(parent)) return false;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  return !("name" in parent && parent.name === node);
}

/** Whether a scope around an identifier declares its name, so that it is not the global. */
function isDeclaredAround(node: ts.Identifier): boolean {
  for (let scope: ts.Node | undefined = node.parent; scope !== undefined; scope = scope.parent) {
    if (declaredIn(scope).has(node.text)) return true;
  }
  return false;
}

const declared = new WeakMap<ts.Node, ReadonlySet<string>>();

/** Names of the parameters and variables that belong to a node's own scope. */
function declaredIn(scope: ts.Node): ReadonlySet<string> {
  const known = declared.get(scope);
  if (known !== undefined) return known;
  const names = new Set<string>();
  const collect = (node: ts.Node): void => {
    const isBinding = ts.isVariableDeclaration(node) || ts.isParameter(node);
    if (isBinding || ts.isBindingElement(node)) addNames(node.name, names);
    const isTransparent = ts.isVariableStatement(node) || ts.isVariableDeclarationList(node);
    if (isTransparent) node.forEachChild(collect);
  };
  scope.forEachChild(collect);
  declared.set(scope, names);
  return names;
}

function addNames(name: ts.BindingName, names: Set<string>): void {
  if (ts.isIdentifier(name)) names.add(name.text);
  else for (const one of name.elements) if (!ts.isOmittedExpression(one)) addNames(one.name, names);
}
