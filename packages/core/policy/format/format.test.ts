import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Facts } from '../../base/index.ts'
import { parseBundle } from '../bundle.ts'
import { checkPolicy } from '../check.ts'
import { decide } from '../decide.ts'
import type { Act } from '../decision.ts'
import type { Policy } from '../policy.ts'
import { filesOf, shippedFiles } from '../testing/shipped-bundle.ts'

const KEPT = new URL('../../../../vectors/bundles/', import.meta.url)
const VERSIONS = readdirSync(KEPT)

/** What a program of its day answered by a version: who asks, of whom, and the answers in the order of the people. */
interface Answers {
  readonly now: number
  readonly people: Readonly<Record<string, Facts | null>>
  readonly legend: readonly string[]
  readonly acts: readonly { readonly act: Omit<Act, 'now'>; readonly answers: string }[]
}

function keptFiles(version: string): ReadonlyMap<string, string> {
  return filesOf(new URL(`${version}/bundle/`, KEPT))
}

function read(files: ReadonlyMap<string, string>): Policy {
  const parsed = parseBundle(files)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
  return parsed.value
}

/** The rules of a kept version with one text of them changed. */
function changed(version: string, from: RegExp, to: string): ReadonlyMap<string, string> {
  const rules = keptFiles(version).get('rules.yaml') ?? ''
  const after = rules.replace(from, () => to)
  expect(after).not.toBe(rules)
  return new Map([...keptFiles(version), ['rules.yaml', after]])
}

const both = (text: string): string => `{ clauses: ['1'], label: { ru: ${text} }`

/** A bundle of the first format whose text has two clauses. */
const SMALL: ReadonlyMap<string, string> = new Map([
  ['policy.ru.md', '# Политика\n\n## 1 Первое\n\n## 2 Второе\n'],
  [
    'rules.yaml',
    `
bundle: small
version: 1.0.0
languages: [ru]
zone: Europe/Moscow
official: { title: T, url: 'https://small.example', sha256: '${'0'.repeat(64)}' }
operator: { name: N, clauses: ['1'], site: s, email: e, address: { ru: А }, marks: { withdrawal: w, information: i } }
defaults: { no-rule: ['1'], no-live-data: ['1'] }
entities: [${both('О')}, id: us }]
channels: [${both('С')}, id: site }]
actors: [${both('Ч')}, id: subject, kind: subject }, ${both('О')}, id: dpo, kind: staff }]
purposes:
  - ${both('П')}, id: rights, grounds: [law], norm: { ru: Н }, dpv: 'dpv:RightsFulfilment', plain: { ru: П } }
  - ${both('З')}, id: legal, grounds: [law], norm: { ru: Н }, dpv: 'dpv:LegalCompliance', plain: { ru: З } }
categories: [${both('К')}, id: data, dpv: 'pd:Contact' }]
compartments: [{ id: all, purposes: [rights], label: { ru: В } }]
fields:
  - ${both('П')}, id: email, category: data, compartment: all, kind: email, max-length: 99 }
  - ${both('С')}, id: consent-records, category: data, compartment: all, kind: text, max-length: 99, list: true, source: operator }
`,
  ],
])

describe.each(VERSIONS)('the version %s, written for a former program', (version) => {
  const policy = read(keptFiles(version))
  const { now, people, legend, acts } = JSON.parse(
    readFileSync(new URL(`${version}/answers.json`, KEPT), 'utf8'),
  ) as Answers

  it('is read as what it is', () => {
    expect(policy.id).toBe(version.replace(/-(?=\d)/, '@'))
    expect(policy.format).toBe(1)
  })

  it('answers every act as that program did, with the same clauses, for as long', () => {
    const said = acts.map(({ act }) =>
      Object.values(people).map((facts) => {
        const { effect, clauses, until } = decide(policy, { ...act, now }, facts)
        return `${effect} ${clauses.join(' ')}${until === null ? '' : ` until ${until - now}`}`
      }),
    )
    expect(said).toEqual(acts.map(({ answers }) => answers.split(' ').map((place) => legend[Number(place)])))
    expect(said.flat().filter((one) => one.startsWith('permit')).length).toBeGreaterThan(100)
  })

  it('lets its officer put a later version in force, and the software play its parts', () => {
    const { system, actors, purposes, fields } = policy
    expect(actors.get(system.officer)?.duties).toEqual(expect.arrayContaining(['access', 'adopt']))
    for (const purpose of [system.rights, system.law]) expect(purposes.has(purpose)).toBe(true)
    for (const field of [system.signIn, system.consentEvidence]) expect(fields.has(field)).toBe(true)
  })

  it('is not taken as a new version: that is written in the present format', () => {
    expect(checkPolicy(policy)[0]).toMatchObject({
      file: 'rules.yaml',
      line: 1,
      message: expect.stringContaining("says 'format: 2'") as string,
    })
  })
})

describe('the first format', () => {
  it('means by what it leaves out what the program of its day did', () => {
    const { defaults, system } = read(keptFiles('netrack-1.0.0'))
    expect(defaults.unknown).toEqual({ purpose: ['2.2'], entity: ['2'], field: ['1.1'] })
    expect(defaults.acts).toMatchObject({ confirm: ['1.2'], access: ['4'], adopt: ['0'] })
    expect(system).toMatchObject({ rights: 'rights', law: 'legal', signIn: 'email', officer: 'dpo' })
  })

  it('names no clause that the operator’s text does not have', () => {
    const { defaults } = read(SMALL)
    expect(defaults.unknown).toEqual({ purpose: ['1'], entity: ['2'], field: ['1'] })
    expect(defaults.acts).toEqual({ confirm: ['1'], destroy: ['1'], access: ['1'], adopt: ['1'] })
  })

  it('may say the parts of the software itself, as some of its last files do', () => {
    const system =
      'system: { rights: rights, law: legal, sign-in: email, consent-evidence: consent-records, officer: dpo }\n\nrules:'
    const { format, system: parts } = read(changed('netrack-1.1.0', /^rules:/m, system))
    expect([format, parts.contractNumbers]).toEqual([1, null])
  })

  it('cannot be read where the names that programs then lived by mean nothing', () => {
    const outcome = parseBundle(changed('netrack-1.0.1', /\bdpo\b/g, 'privacy-officer'))
    expect(outcome.ok ? [] : outcome.error).toEqual([
      expect.objectContaining({
        file: 'rules.yaml',
        message: expect.stringContaining("'system' is missing") as string,
      }),
    ])
  })
})

describe('a format that this program does not know', () => {
  it.each([
    ['format: 3', 'rules.yaml', 9],
    ['format: 1', 'rules.yaml', 9],
    ["format: '2'", 'rules.yaml', 9],
    ['format: [2]', 'rules.yaml', 9],
    ['format:', 'rules.yaml', 8],
  ])('is refused whole, with its place: %s', (line, file, column) => {
    const rules = (shippedFiles('netrack').get('rules.yaml') ?? '').replace(/^format: 2$/m, line)
    const outcome = parseBundle(new Map([...shippedFiles('netrack'), ['rules.yaml', rules]]))
    expect(outcome.ok ? [] : outcome.error).toEqual([
      expect.objectContaining({
        file,
        column,
        line: rules.split('\n').indexOf(line) + 1,
        message: 'a format that this program reads is needed here (2)',
      }),
    ])
  })
})
