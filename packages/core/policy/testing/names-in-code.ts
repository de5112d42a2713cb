import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))

/** A text of the program's sources that is also a name, and that the compiler knows no closed list for. */
export interface NameInCode {
  /** `vault/use/open-fields.ts`: the file under `packages`. */
  readonly file: string
  readonly line: number
  readonly word: string
}

/**
 * Where sources (tests and testing/ apart) write one of these names as a free text: as an argument, a key or an operand that may
 * be any text. Where the compiler knows which few texts can stand in a place (`kind: 'consent'` of a ground), the text is of that
 * list and names nothing of a bundle.
 */
export function namesInCode(names: ReadonlySet<string>): readonly NameInCode[] {
  const files = sources()
  const config = ts.readConfigFile(`${ROOT}tsconfig.json`, (path) => ts.sys.readFile(path)).config as object
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT)
  const program = ts.createProgram([...files], options)
  const checker = program.getTypeChecker()
  const found: NameInCode[] = []
  for (const file of files) {
    const source = program.getSourceFile(file)
    if (source === undefined) throw new Error(`${file} is no source`)
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteralLike(node) && names.has(node.text) && isFree(node, checker)) {
        const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1
        found.push({ file: file.slice(`${ROOT}packages/`.length), line, word: node.text })
      }
      ts.forEachChild(node, visit)
    }
    visit(source)
  }
  return found
}

function sources(): readonly string[] {
  return readdirSync(`${ROOT}packages`, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && !/node_modules|(^|\/)testing\/|\.test\.ts$/.test(file))
    .map((file) => `${ROOT}packages/${file}`)
}

/** True where any other text could stand in this place as well. */
function isFree(node: ts.StringLiteralLike, checker: ts.TypeChecker): boolean {
  const { parent } = node
  if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) || ts.isLiteralTypeNode(parent)) return false
  if (ts.isPropertySignature(parent)) return false
  if (ts.isCaseClause(parent)) return !isClosed(checker.getTypeAtLocation(parent.parent.parent.expression))
  if (ts.isBinaryExpression(parent) && isComparison(parent.operatorToken.kind)) {
    return !isClosed(checker.getTypeAtLocation(parent.left === node ? parent.right : parent.left))
  }
  if (ts.isElementAccessExpression(parent) && parent.argumentExpression === node) {
    return checker.getTypeAtLocation(parent.expression).getProperty(node.text) === undefined
  }
  if (ts.isPropertyAssignment(parent) && parent.name === node) {
    const type = ts.isObjectLiteralExpression(parent.parent) ? checker.getContextualType(parent.parent) : undefined
    return type?.getProperty(node.text) === undefined
  }
  return !isClosed(checker.getContextualType(node)) && !declaresList(parent)
}

/** True of `[...] as const`: a closed list of the program's own, by which other places are known to be closed. */
function declaresList(node: ts.Node): boolean {
  return (
    ts.isArrayLiteralExpression(node) && ts.isAsExpression(node.parent) && ts.isConstTypeReference(node.parent.type)
  )
}

function isComparison(kind: ts.SyntaxKind): boolean {
  return kind === ts.SyntaxKind.EqualsEqualsEqualsToken || kind === ts.SyntaxKind.ExclamationEqualsEqualsToken
}

const OPEN = ts.TypeFlags.String | ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.TemplateLiteral

/** True of a type that takes these and those texts and no other. */
function isClosed(type: ts.Type | undefined): boolean {
  const parts = type === undefined ? [] : type.isUnion() ? type.types : [type]
  return (
    parts.some(({ flags }) => (flags & ts.TypeFlags.StringLiteral) !== 0) &&
    parts.every(({ flags }) => (flags & OPEN) === 0)
  )
}
