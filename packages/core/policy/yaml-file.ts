import {
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isScalar,
  Lexer,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml'
import { problemAt } from './problem.ts'
import { BAD, type Bad, complain, type Reader, type Reading } from './reader.ts'

/** The most brackets a line may open inside one another, so that nesting cannot exhaust the parser's stack. */
const DEEPEST = 64

/** The most lexemes of YAML in one file: NETRACK's rules have a quarter of them, and the parser takes seconds for a million. */
const MOST_LEXEMES = 60_000

/** What is left to read of a bundle; its files share it. */
export interface Budget {
  lexemes: number
}

/** The most faults of syntax told of one file: the later ones follow from the first. */
const MOST_FAULTS = 20

/**
 * Reads one YAML file by a shape. Syntax errors, directives, tags, duplicate keys, anchors, aliases and whatever the shape
 * refuses are reported into `reading` with line and column; nothing is thrown on purpose, but a hostile file may exhaust
 * the parser's stack, which the caller takes for a fault of the file.
 */
export function readYaml<T>(
  source: string,
  shape: Reader<T>,
  reading: Omit<Reading, 'lines'>,
  budget: Budget = { lexemes: MOST_LEXEMES },
): T | Bad {
  const lines = new LineCounter()
  const within: Reading = { ...reading, lines }
  const report = (line: number, message: string, column?: number): Bad => {
    const at = { file: reading.file, line, ...(column === undefined ? {} : { column }) }
    reading.problems.push(problemAt(at, message))
    return BAD
  }
  const deep = deepLine(source)
  if (deep !== null) return report(deep, TOO_DEEP)
  const directive = source.split('\n').findIndex((line) => line.startsWith('%'))
  if (directive >= 0) return report(directive + 1, 'a directive (%…) is not taken: the language is YAML 1.2', 1)
  if (!spend(source, budget)) return report(1, TOO_LONG)
  // `uniqueKeys` of the parser compares every key of a mapping with every other one.
  const document = parseDocument(source, {
    lineCounter: lines,
    uniqueKeys: false,
    prettyErrors: false,
    merge: false,
    version: '1.2',
    logLevel: 'error',
  })
  const faults = [...document.errors, ...document.warnings].slice(0, MOST_FAULTS)
  for (const fault of faults) {
    const { line, col } = lines.linePos(fault.pos[0])
    if (EXHAUSTED.test(fault.message)) return report(line, TOO_DEEP)
    report(line, OWN_WORDS[fault.code] ?? fault.message, col)
  }
  if (faults.length > 0 || refusedNodes(document, within)) return BAD
  if (document.contents === null) return report(1, 'the file is empty')
  return shape.read(document.contents, within)
}

/** Takes the lexemes of a source off what may be read; false where they are too many. */
function spend(source: string, budget: Budget): boolean {
  const most = Math.min(MOST_LEXEMES, budget.lexemes)
  const lexer = new Lexer().lex(source)
  let spent = 0
  while (lexer.next().done !== true && spent <= most) spent++
  budget.lexemes -= spent
  return spent <= most
}

const TOO_LONG = `the file has more words and marks of YAML than the ${MOST_LEXEMES} of a file, or than are left of the bundle's`
const TOO_DEEP = 'brackets or indents are nested too deeply'
const NO_TAGS = 'tags (!…) are not taken; a file includes no other'
const OWN_WORDS: Readonly<Partial<Record<ErrorCode, string>>> = {
  TAG_RESOLVE_FAILED: NO_TAGS,
  MULTIPLE_DOCS: 'a second document begins here (---); a file holds one',
}
const EXHAUSTED = /call stack|too much recursion/i

/** Reports every anchor, alias and tag, and every key that a mapping has twice; true where there is one. */
function refusedNodes(document: Document.Parsed, reading: Reading): boolean {
  const before = reading.problems.length
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node) || node.anchor !== undefined) {
        complain(node, reading, 'anchors and aliases are not taken; write it out')
      } else if (node.tag !== undefined) complain(node, reading, NO_TAGS)
      if (!isMap(node)) return
      const seen = new Set<unknown>()
      for (const { key } of node.items) {
        if (!isScalar(key)) continue
        const label = String(key.value)
        if (seen.has(label)) complain(key as Node, reading, `the key '${label}' is there twice`)
        seen.add(label)
      }
    },
  })
  return reading.problems.length > before
}

/** The first line that nests too deeply, or null. Strings with many brackets count too; no policy needs them. */
function deepLine(source: string): number | null {
  let depth = 0
  for (const [i, line] of source.split('\n').entries()) {
    for (const char of line) {
      if (char === '[' || char === '{') depth++
      else if (char === ']' || char === '}') depth = Math.max(0, depth - 1)
    }
    const indent = line.length - line.trimStart().length
    const marks = /^[\s?:-]*/.exec(line)?.[0].replace(/\s/g, '').length ?? 0
    if (depth > DEEPEST || (marks > DEEPEST && !/^-+\s*$/.test(line)) || indent > 4 * DEEPEST) return i + 1
  }
  return null
}
