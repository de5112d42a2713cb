import { isAlias, LineCounter, type Node, parseDocument, visit } from 'yaml'
import { problemAt } from './problem.ts'
import { BAD, type Bad, complain, type Reader, type Reading } from './reader.ts'

/** Longest file taken, in UTF-16 units: a policy is a text for people. */
export const LONGEST_FILE = 1_000_000

/** The most brackets a line may open inside one another, so that nesting cannot exhaust the parser's stack. */
const DEEPEST = 64

/**
 * Reads one YAML file by a shape. Syntax errors, duplicate keys, anchors, aliases and whatever the shape refuses are
 * reported into `reading` with their lines; nothing is thrown.
 */
export function readYaml<T>(source: string, shape: Reader<T>, reading: Omit<Reading, 'lines'>): T | Bad {
  const lines = new LineCounter()
  const within: Reading = { ...reading, lines }
  const report = (line: number, message: string): Bad => {
    reading.problems.push(problemAt({ file: reading.file, line }, message))
    return BAD
  }
  const deep = deepLine(source)
  if (deep !== null) return report(deep, 'brackets or indents are nested too deeply')
  const document = parseDocument(source, {
    lineCounter: lines,
    uniqueKeys: true,
    merge: false,
    version: '1.2',
    logLevel: 'silent',
  })
  const faults = [...document.errors, ...document.warnings]
  for (const fault of faults) {
    const [first = ''] = fault.message.split('\n')
    report(lines.linePos(fault.pos[0]).line, first.replace(/ at line \d+, column \d+:?$/, '') || 'not YAML')
  }
  if (faults.length > 0) return BAD
  const anchored: Node[] = []
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node) || node.anchor !== undefined) anchored.push(node)
    },
  })
  if (anchored.length > 0) {
    for (const node of anchored) complain(node, within, 'anchors and aliases are not taken; write it out')
    return BAD
  }
  if (document.contents === null) return report(1, 'the file is empty')
  return shape.read(document.contents, within)
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
    const dashes = /^[\s-]*/.exec(line)?.[0].split('-').length ?? 0
    if (depth > DEEPEST || dashes > DEEPEST || indent > 4 * DEEPEST) return i + 1
  }
  return null
}
