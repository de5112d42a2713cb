import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseBundle } from './bundle.ts'
import { checkPolicy } from './check.ts'
import type { PolicyProblem } from './problem.ts'
import { LONGEST_FILE } from './source-check.ts'
import { netrackFiles } from './testing/netrack.ts'

const FILES = netrackFiles()
const RULES = FILES.get('rules.yaml') ?? ''
const RUSSIAN = FILES.get('policy.ru.md') ?? ''

function problemsOf(file: string, source: string): readonly PolicyProblem[] {
  const parsed = parseBundle(new Map([...FILES, [file, source]]))
  return parsed.ok ? checkPolicy(parsed.value) : parsed.error
}

const many = (text: string, length = LONGEST_FILE - 10_000): string => text.repeat(Math.floor(length / text.length))
const laughs = Array.from({ length: 30 }, (_, i) => `b${i + 1}: &b${i + 1} [*b${i}, *b${i}]\n`).join('')

/** [what, what the rules become, the line or a text on it, what is told] */
const HOSTILE: readonly (readonly [string, string, number | string, string])[] = [
  ['a file of 10 MB', many('a: b\n', 10_000_000), 1, 'longer than'],
  ['more mappings than anybody writes', many('a: { b: c }\n'), 1, 'words and marks'],
  ['a billion laughs', `b0: &b0 x\n${laughs}`, 1, 'anchors and aliases'],
  ['an anchor that holds itself', 'bundle: &a [*a]\n', 1, 'anchors and aliases'],
  ['a merge key', `<<: { zone: UTC }\n${RULES}`, 1, "unknown key '<<': a file takes nothing from another"],
  ['an include', `include: rules.yaml\n${RULES}`, 1, "unknown key 'include': a file takes nothing from another"],
  [
    'an including tag',
    RULES.replace('bundle: netrack', 'bundle: !include rules.yaml'),
    '!include',
    'tags (!…) are not taken',
  ],
  [
    'a tag of YAML itself',
    RULES.replace('bundle: netrack', 'bundle: !!str netrack'),
    '!!str',
    'tags (!…) are not taken',
  ],
  [
    'a key there twice',
    RULES.replace('bundle: netrack', 'bundle: x\nbundle: netrack'),
    'bundle: netrack',
    "'bundle' is there twice",
  ],
  ['a second document', `bundle: x\n---\n${RULES}`, '---', 'a second document begins here'],
  ['another version of YAML', `%YAML 1.1\n---\n${RULES}`, 1, 'a directive (%…) is not taken'],
  [
    'a version that is none',
    RULES.replace(/^version: .*$/m, 'version: 1.x.0'),
    'version:',
    'a version of three numbers',
  ],
  ['a NUL', RULES.replace('bundle: netrack', 'bundle: net\u0000rack'), '\u0000', 'a NUL character'],
  ['UTF-16', Buffer.from(`\ufeff${RULES}`, 'utf16le').toString('utf8'), 1, 'not UTF-8'],
  ['Windows-1251', Buffer.from([0x61, 0x0a, 0xcf, 0xf0, 0xe8]).toString('utf8'), 2, 'not UTF-8'],
  [
    'text that turns around',
    RULES.replace('bundle: netrack', 'bundle: \u202enetrack'),
    '\u202e',
    'turns the direction',
  ],
  ['lone carriage returns', RULES.replaceAll('\n', '\r'), 1, 'carriage return'],
  ['lists in lists in lists', many('['), 1, 'nested too deeply'],
  ['lists on one line', '- '.repeat(200), 1, 'nested too deeply'],
  ['keys that are mappings', many('? '), 1, 'nested too deeply'],
  ['nesting hidden by strings', '["]",'.repeat(9_000), 1, 'nested too deeply'],
  ['a tab for an indent', RULES.replace('\n  name: NETRACK', '\n\tname: NETRACK'), '\t', 'Tabs are not allowed'],
  ['a list of thousands', RULES.replace('traits: [', `traits: [${'a, '.repeat(5_000)}`), 'traits: [', 'more than 1000'],
  ['nothing', '', 1, 'the file is empty'],
  ['a word', 'netrack', 1, 'a mapping is needed here'],
  ['faults without end', '}\n'.repeat(20_000), 1, 'Unexpected flow-map-end'],
]

describe('hostile rules', () => {
  it.each(HOSTILE)('are told with their place: %s', (_, source, place, says) => {
    const line = typeof place === 'number' ? place : source.slice(0, source.indexOf(place)).split('\n').length
    const problems = problemsOf('rules.yaml', source)
    expect(problems[0]).toMatchObject({ file: 'rules.yaml', line })
    expect(problems[0]?.message).toContain(says)
  })

  it('are told by line and column', () => {
    const source = RULES.replace('zone: Europe/Moscow', 'zone: Europe/Mosow')
    expect(problemsOf('rules.yaml', source)).toContainEqual({
      file: 'rules.yaml',
      line: source.split('\n').indexOf('zone: Europe/Mosow') + 1,
      column: 7,
      message: 'an IANA time zone is needed here (Europe/Moscow)',
    })
    expect(problemsOf('rules.yaml', RULES.replace('bundle: netrack', 'bundle: "net'))[0]).toHaveProperty('column')
  })

  it('span no more acts than can be decided by', () => {
    const actors = Array.from({ length: 700 }, (_, i) => {
      return `  - { id: actor-${i}, kind: staff, clauses: ['5.2'], label: { ru: а, en: a } }\n`
    })
    const problems = problemsOf(
      'rules.yaml',
      RULES.replace('actors:\n', () => `actors:\n${actors.join('')}`),
    )
    expect(problems[0]?.message).toContain('too many to decide by')
  })

  it('tell no more problems than anybody reads, and how many there are', () => {
    const problems = problemsOf('rules.yaml', Array.from({ length: 900 }, (_, i) => `key-${i}: 1\n`).join(''))
    expect(problems).toHaveLength(201)
    expect(problems[200]?.message).toMatch(/^\d+ more problems/)
  })

  it('may begin with a byte order mark and end their lines in CRLF', () => {
    expect(problemsOf('rules.yaml', `\ufeff${RULES.replaceAll('\n', '\r\n')}`)).toEqual(problemsOf('rules.yaml', RULES))
    expect(problemsOf('policy.ru.md', `\ufeff${RUSSIAN}`)).toEqual(problemsOf('policy.ru.md', RUSSIAN))
  })
})

describe('hostile texts', () => {
  it.each([
    [
      'clauses renumbered in one language',
      RUSSIAN.replace('#### 2.2.5', '#### 2.2.6'),
      'clause 2.2.5 before it is missing',
    ],
    ['a clause that rules name missing', RUSSIAN.replace('### 5.4\n', ''), "unknown clause '5.4'"],
    ['a clause too many in one language', `${RUSSIAN}\n## note.2\nЕщё.\n`, 'clause note.2 is not in policy.en.md'],
    ['numbers with leading zeros', RUSSIAN.replace('### 0.1\n', '### 0.01\n'), 'does not begin with a clause number'],
    ['numbers without end', `# A\n\n## 1${'.1'.repeat(200_000)}\nx\n`, 'does not begin with a clause number'],
    ['headings without end', `# A\n${many('## 1\n')}`, 'the clause is empty'],
    ['empty lines without end', `# A\n${many('\n ')}x`, 'the text has no clauses'],
  ])('are told with their place: %s', (_, source, says) => {
    const problems = problemsOf('policy.ru.md', source)
    expect(problems.map(({ message }) => message)).toContainEqual(expect.stringContaining(says))
    for (const { line } of problems) expect(line).toBeGreaterThan(0)
  })
})

/** One change to a text: bytes, lines, keys, values or indents. */
const mutation = fc.oneof(
  fc.record({
    kind: fc.constant('bytes' as const),
    at: fc.nat(),
    cut: fc.nat({ max: 40 }),
    put: fc.uint8Array({ maxLength: 20 }),
  }),
  fc.record({
    kind: fc.constant('line' as const),
    at: fc.nat(),
    how: fc.constantFrom('drop', 'double', 'swap', 'cut'),
  }),
  fc.record({ kind: fc.constant('indent' as const), at: fc.nat(), by: fc.integer({ min: -6, max: 6 }) }),
  fc.record({
    kind: fc.constant('key' as const),
    at: fc.nat(),
    put: fc.constantFrom('id', 'clauses', 'when', '__proto__', 'constructor', 'include', '1', '~', '{}', '"', '?'),
  }),
  fc.record({
    kind: fc.constant('value' as const),
    at: fc.nat(),
    put: fc.constantFrom(
      '[]',
      '{}',
      'null',
      '~',
      '1e999',
      '-1',
      'any',
      '{ except: [] }',
      '"',
      "''",
      '*a',
      '|',
      '[[[',
      'P9999Y',
    ),
  }),
)
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never

function mutate(source: string, change: Mutation): string {
  if (change.kind === 'bytes') {
    const bytes = Buffer.from(source, 'utf8')
    const from = change.at % bytes.length
    return Buffer.concat([bytes.subarray(0, from), change.put, bytes.subarray(from + change.cut)]).toString('utf8')
  }
  const lines = source.split('\n')
  const at = change.at % lines.length
  const line = lines[at] ?? ''
  if (change.kind === 'line') {
    const next = lines[at + 1] ?? ''
    const put = {
      drop: [next],
      double: [line, line, next],
      swap: [next, line],
      cut: [line.slice(0, line.length / 2), next],
    }
    lines.splice(at, 2, ...put[change.how])
  } else if (change.kind === 'indent') {
    lines[at] = change.by < 0 ? line.replace(new RegExp(`^ {0,${-change.by}}`), '') : ' '.repeat(change.by) + line
  } else if (change.kind === 'key') lines[at] = line.replace(/[\w-]+(?=:)/, () => change.put)
  else lines[at] = line.replace(/(?<=: )\S.*$/, () => change.put)
  return lines.join('\n')
}

describe('the shipped bundle, mutated', () => {
  it('is a policy or a list of problems with places, and never an exception', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...FILES),
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        ([file, source], changes) => {
          const mutated = changes.reduce(mutate, source)
          const parsed = parseBundle(new Map([...FILES, [file, mutated]]))
          const problems = parsed.ok ? checkPolicy(parsed.value) : parsed.error
          if (!parsed.ok) expect(problems.length).toBeGreaterThan(0)
          for (const problem of problems) {
            expect(FILES.has(problem.file)).toBe(true)
            const text = problem.file === file ? mutated : (FILES.get(problem.file) ?? '')
            const line = text.split('\n')[problem.line - 1]
            expect(line).toBeDefined()
            expect(problem.column ?? 1).toBeGreaterThan(0)
            expect(problem.column ?? 1).toBeLessThanOrEqual((line ?? '').length + 1)
            expect(problem.message).not.toBe('')
          }
        },
      ),
      { numRuns: Number(process.env['FC_RUNS'] ?? '40') },
    )
  }, 300_000)
})
