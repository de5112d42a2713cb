import { type PolicyProblem, problemAt } from './problem.ts'

/** Longest file taken, in UTF-16 units: a policy is a text for people. */
export const LONGEST_FILE = 500_000

/** Most UTF-16 units that the files of a bundle have together. */
export const LARGEST_BUNDLE = 2_000_000

/** What no text for people needs: what is left of a wrong encoding, and what shows a text otherwise than it is. */
const UNFIT: readonly (readonly [RegExp, string])[] = [
  [/\u0000/, 'a NUL character; the file must be text in UTF-8'],
  [/\ufffd/, 'not UTF-8: save the file as UTF-8'],
  [/[\ud800-\udfff]/u, 'half a character; the file must be text in UTF-8'],
  [/[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/, 'a control character'],
  [/\r(?!\n)/, 'a carriage return that ends no line; save the file with LF or CRLF line ends'],
  [
    /[\u202a-\u202e\u2066-\u2069]/,
    'a character that turns the direction of the text, so that it reads otherwise than it is',
  ],
]

/** What keeps a file from being read at all, at its first place; null where nothing does. A byte order mark is no fault. */
export function sourceFault(file: string, source: string): PolicyProblem | null {
  if (source.length > LONGEST_FILE)
    return problemAt({ file, line: 1 }, `the file is longer than ${LONGEST_FILE} characters`)
  let first = Number.POSITIVE_INFINITY
  let message = ''
  for (const [pattern, what] of UNFIT) {
    const at = source.search(pattern)
    if (at >= 0 && at < first) [first, message] = [at, what]
  }
  return message === '' ? null : problemAt({ file, ...placeOfOffset(source, first) }, message)
}

/** Line and column of an offset. */
function placeOfOffset(source: string, offset: number): { readonly line: number; readonly column: number } {
  const before = source.slice(0, offset)
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}

/** A file without its byte order mark. */
export function withoutMark(source: string): string {
  return source.startsWith('\ufeff') ? source.slice(1) : source
}
