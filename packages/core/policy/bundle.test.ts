import { describe, expect, it } from 'vitest'
import { parseBundle } from './bundle.ts'
import { checkPolicy } from './check.ts'
import type { PolicyProblem } from './problem.ts'
import { netrack, netrackFiles } from './testing/netrack.ts'

const SERVER = 'services/dedicated-server.yaml'
const CAMPAIGN = 'campaigns/new-year-2027.yaml'
const OWN = 'entities/solutions.yaml'

const RULES = 'rules.yaml'
const ENGLISH = 'policy.en.md'
const RUSSIAN = 'policy.ru.md'
/** The line as the bundle has it now. */
const VERSION = /^version: .*$/m.exec(netrackFiles().get(RULES) ?? '')?.[0] ?? ''

/**
 * In a file, a text becomes another; then a problem is told at the line of `at` (as the file then is; where absent, at the
 * line where the replaced text began), of a clause, saying something.
 */
interface Fault {
  readonly file: string
  readonly from: string
  readonly to: string
  readonly says: string
  readonly clause?: string
  readonly at?: string
  /** The file it is told of, where that is another. */
  readonly in?: string
}

const UNREADABLE: readonly Fault[] = [
  { file: RULES, from: 'zone: Europe/Moscow', to: 'zone: Europe/Mosow', says: 'IANA time zone' },
  { file: RULES, from: 'zone: Europe', to: 'zoen: Europe', says: "unknown key 'zoen' (did you mean 'zone'?)" },
  { file: RULES, from: VERSION, to: 'version: 1.1', says: 'a text is needed here (quote it)' },
  {
    file: RULES,
    from: "['1.1.1', '2.2.1']",
    to: "['1.1.9', '2.2.1']",
    clause: '1.1.9',
    says: "unknown clause '1.1.9'",
  },
  { file: RULES, from: "['0.1'], label: { ru: Сайт", to: '[0.1], label: { ru: Сайт', says: '(quote it)' },
  {
    file: RULES,
    from: 'purposes: [marketing]\n',
    to: 'purposes: [marketting]\n',
    clause: '0.1',
    says: "did you mean 'marketing'?",
  },
  {
    file: RULES,
    from: 'actors: [newsletter]',
    to: 'actors: [newslettr]',
    clause: '0.1',
    says: "unknown actor 'newslettr'",
  },
  {
    file: RULES,
    from: 'operations: [anonymise]',
    to: 'operations: [anonymize]',
    clause: '2.2.4',
    says: 'one of collect',
  },
  {
    file: RULES,
    from: 'data: [delivery-address]',
    to: 'data: [address]',
    clause: '2.2.4',
    says: "unknown datum 'address'",
  },
  { file: RULES, from: 'than: P30D }', to: 'than: a month }', clause: '1.2', says: 'a duration in days' },
  { file: RULES, from: 'when: [closed-by-subject]', to: 'when: [closed]', clause: '3.1', says: 'no such predicate' },
  { file: RULES, from: '{ proved: email }', to: '{ proved: fax }', clause: '5.1', says: 'one of email, phone' },
  {
    file: RULES,
    from: '{ contract-for: paid }',
    to: '{ contract-for: payed }',
    clause: '1.1.1',
    says: "unknown service or trait 'payed'",
  },
  { file: RULES, from: 'term: P5Y', to: 'term: 5 years', clause: '2.2.5', says: 'a term in years' },
  {
    file: RULES,
    from: '  - id: own-erasure',
    to: '  - id: own-data',
    clause: '5.1',
    says: "'own-data' is declared twice",
  },
  {
    file: RULES,
    from: 'Сайт, en: The site } }',
    to: 'Сайт } }',
    clause: '0.1',
    says: 'the text must be in en ru; it is in ru',
  },
  { file: RULES, from: 'kind: phone, max', to: 'kind: telephone, max', clause: '1.1.1', says: 'one of person-name' },
  {
    file: RULES,
    from: 'kind: phone, max-length: 40',
    to: 'kind: phone, max-length: -1',
    clause: '1.1.1',
    says: 'a whole number above 0',
  },
  {
    file: RULES,
    from: 'kind: phone, max-length: 40, ',
    to: 'kind: phone, ',
    clause: '1.1.1',
    says: "the key 'max-length' is missing",
  },
  { file: RULES, from: 'bundle: netrack', to: 'bundle: &b netrack', says: 'anchors and aliases' },
  { file: RULES, from: "field: ['1.1'] }", to: "field: ['1.9'] }", says: "unknown clause '1.9'" },
  { file: RULES, from: ", adopt: ['0'] }", to: ' }', at: 'acts: {', says: "the key 'adopt' is missing" },
  {
    file: RULES,
    from: 'bundle: netrack',
    to: 'version: 1.1.1\nbundle: netrack',
    at: VERSION,
    says: "the key 'version' is there twice",
  },
  { file: RULES, from: 'traits: [paid', to: `traits: ${'['.repeat(100)}`, says: 'nested too deeply' },
  {
    file: RULES,
    from: 'id: identity\n',
    to: 'id: surname\n',
    at: '{ id: surname',
    clause: '1.1.1',
    says: "'surname' is already a compartment",
  },
  { file: SERVER, from: 'id: dedicated-server', to: 'id: dedicated_server', clause: '0.5', says: 'a name' },
  {
    file: SERVER,
    from: 'service: dedicated-server\n',
    to: 'service: dedicated\n',
    clause: '0.5',
    says: "unknown service 'dedicated'",
  },
  { file: CAMPAIGN, from: 'ends: 2027-01-31', to: 'ends: 31 January', clause: '0.1', says: 'a day (2027-01-31)' },
  {
    file: CAMPAIGN,
    from: 'ends: 2027-01-31',
    to: 'ends: 2027-02-29',
    at: 'id: new-year',
    clause: '0.1',
    says: 'there is no day 2027-02-29',
  },
  { file: CAMPAIGN, from: 'campaign:\n', to: 'campaing:\n', says: "(did you mean 'campaign'?)" },
  { file: ENGLISH, from: '### 1.1\n', to: '### 1.3\n', clause: '1.3', says: 'clause 1.2 before it is missing' },
  { file: ENGLISH, from: '### 2.1\n', to: '### 2.1\n\n### 2.1\n', clause: '2.1', says: 'the clause is empty' },
  { file: ENGLISH, from: '### 5.3\n', to: '### Requests\n', says: 'does not begin with a clause number' },
]

const OFFERS = '    data: [given-name, email]\n    when: [{ ground: consent }, confirmed]\n\n'
const PHONE = '      - field: phone\n      - field: postal-address\n    consents'

const UNSOUND: readonly Fault[] = [
  {
    file: ENGLISH,
    from: '#### 5.2.1\n',
    to: '\n',
    in: RUSSIAN,
    at: '#### 5.2.1',
    clause: '5.2.1',
    says: 'is not in policy.en.md',
  },
  { file: RUSSIAN, from: '## 6 В', to: '### 5.5\nЕщё.\n\n## 6 В', clause: '5.5', says: 'bound to nothing' },
  {
    file: RULES,
    from: "  - clauses: ['0.3']",
    to: "  - clauses: ['0.2']",
    clause: '0.2',
    says: 'not only informational',
  },
  {
    file: RULES,
    from: '    reason: closed-by-subject\n',
    to: '',
    at: '- id: closed\n',
    clause: '3.1',
    says: 'refuses without a reason',
  },
  {
    file: RULES,
    from: OFFERS,
    to: OFFERS.replace('{ ground: consent }, ', ''),
    at: '- id: send-offers',
    clause: '0.1',
    says: "permits 'marketing' without asking",
  },
  {
    file: RULES,
    from: OFFERS,
    to: OFFERS.replace('given-name', 'bank-bik'),
    at: '- id: send-offers',
    clause: '0.1',
    says: "uses compartment 'payment' for 'marketing'",
  },
  {
    file: RULES,
    from: 'grounds: [law]\n    basis: [law]\n',
    to: 'grounds: []\n    basis: [law]\n',
    at: '- id: legal\n',
    clause: '2.2.5',
    says: 'has no ground',
  },
  {
    file: RULES,
    from: '[delivery, research, legal',
    to: '[delivery, research, marketing, legal',
    at: '- id: delivery\n    purposes',
    says: 'for which no rule uses it',
  },
  {
    file: RULES,
    from: PHONE,
    to: PHONE.replace('postal-address', 'contract-numbers'),
    at: '{ id: contract-numbers',
    clause: '2.2.1',
    says: 'so no form asks for it',
  },
  {
    file: RULES,
    from: '- purpose: improvement\n',
    to: '- purpose: legal\n',
    clause: '2.1',
    says: 'rests on no consent',
  },
  {
    file: RULES,
    from: '- purpose: improvement\n',
    to: '- purpose: marketing\n',
    clause: '2.1',
    says: 'is asked twice',
  },
  {
    file: RULES,
    from: '{ id: delivery, kind: service',
    to: '{ id: delivery, kind: subject',
    says: 'exactly one actor is of kind subject',
  },
  {
    file: SERVER,
    from: 'data: [server-technical]',
    to: 'data: [server-technical, payment]',
    at: '- id: server-provision',
    clause: '1.1.2',
    says: 'more than the data it declares itself',
  },
  {
    file: OWN,
    from: '    data: [tour-pass, email]\n',
    to: '    data: [tour-pass, email, surname]\n',
    at: '- id: tour-submission',
    clause: '0.1',
    says: 'more than the data it declares itself',
  },
  {
    file: OWN,
    from: '    data: [tour-pass, email]\n',
    to: '    data: { except: [payment] }\n',
    at: '- id: tour-submission',
    clause: '0.1',
    says: 'more than the data it declares itself',
  },
  {
    file: OWN,
    from: '    data: [tour-pass, email]\n',
    to: '    data: [person]\n',
    at: '- id: tour-submission',
    clause: '0.1',
    says: 'more than the data it declares itself',
  },
  {
    file: SERVER,
    from: 'compartment: server-tax, kind',
    to: 'compartment: payment, kind',
    clause: '1.1.2',
    says: 'in a compartment of the base policy',
  },
  {
    file: SERVER,
    from: '      - field: tax-id\n',
    to: '',
    at: '{ id: tax-id',
    clause: '1.1.2',
    says: 'is collected by no form',
  },
  {
    file: SERVER,
    from: '[[bank-bik, bank-account]',
    to: '[[bank-bik, email]',
    at: '- id: payment\n',
    clause: '0.5',
    says: "'email' is mandatory, so it is no choice",
  },
  {
    file: CAMPAIGN,
    from: '  ground: consent',
    to: '  ground: contract',
    at: '  id: campaign-new',
    clause: '0.1',
    says: 'rests on contract, which is no ground',
  },
  {
    file: CAMPAIGN,
    from: '- purpose: marketing\n',
    to: '- purpose: improvement\n',
    at: '  id: campaign-new',
    clause: '0.1',
    says: 'does not ask for it',
  },
]

/** The bundle with a fault in it, and the place where it must be told. */
function broken({ file, from, to, at, in: told = file }: Fault): { files: ReadonlyMap<string, string>; place: object } {
  const source = netrackFiles().get(file) ?? ''
  if (!source.includes(from)) throw new Error(`the bundle has no ${from}`)
  const files = new Map([...netrackFiles(), [file, source.replace(from, () => to)]])
  const offset = at === undefined ? source.indexOf(from) : (files.get(told) ?? '').indexOf(at)
  if (offset < 0) throw new Error(`the bundle has no ${at}`)
  return { files, place: { file: told, line: (files.get(told) ?? '').slice(0, offset).split('\n').length } }
}

function problemsOf(files: ReadonlyMap<string, string>): readonly PolicyProblem[] {
  const parsed = parseBundle(files)
  return parsed.ok ? checkPolicy(parsed.value) : parsed.error
}

describe('the shipped bundle', () => {
  it('parses, and passes its check', () => {
    expect(checkPolicy(netrack())).toEqual([])
  })

  it('pins the checksum of an official text, and has every clause in both languages', () => {
    const policy = netrack()
    expect(policy.official.sha256).toBe('27e7d0cf20afc11a103a7d2caa98018863c7d5836dcd5dbefa9948e9cb96358a')
    const seed = [
      '1',
      '1.1',
      '1.1.1',
      '1.1.2',
      '1.2',
      '2',
      '2.1',
      '2.2',
      '2.2.1',
      '2.2.2',
      '2.2.3',
      '2.2.4',
      '2.2.5',
      '3',
      '3.1',
    ]
    const rest = ['3.2', '3.2.1', '4', '5', '5.1', '5.2', '5.2.1', '5.3', '5.4', '6', 'note.1']
    for (const language of ['ru', 'en']) {
      const numbers = [...(policy.texts.get(language)?.clauses.keys() ?? [])]
      expect(numbers).toEqual(['0', '0.1', '0.2', '0.3', '0.4', '0.5', ...seed, ...rest])
    }
  })
})

describe('a broken bundle', () => {
  it.each(UNREADABLE)('is not read: $file, $to: $says', (fault) => {
    const { files, place } = broken(fault)
    const parsed = parseBundle(files)
    expect(parsed.ok ? [] : parsed.error).toContainEqual(
      expect.objectContaining({
        ...place,
        ...(fault.clause === undefined ? {} : { clause: fault.clause }),
        message: expect.stringContaining(fault.says) as string,
      }),
    )
  })

  it.each(UNSOUND)('is read but fails its check: $file: $says', (fault) => {
    const { files, place } = broken(fault)
    expect(parseBundle(files).ok).toBe(true)
    expect(problemsOf(files)).toContainEqual(
      expect.objectContaining({
        ...place,
        ...(fault.clause === undefined ? {} : { clause: fault.clause }),
        message: expect.stringContaining(fault.says) as string,
      }),
    )
  })

  it('is refused for a missing, an unknown, an empty or an endless file', () => {
    const files = netrackFiles()
    const without = (name: string): ReadonlyMap<string, string> => new Map([...files].filter(([file]) => file !== name))
    expect(problemsOf(without('rules.yaml'))).toContainEqual({
      file: 'rules.yaml',
      line: 1,
      message: 'the file is missing',
    })
    expect(problemsOf(without('policy.en.md'))).toContainEqual({
      file: 'policy.en.md',
      line: 1,
      message: 'the file is missing',
    })
    expect(problemsOf(new Map([...files, ['notes.txt', 'x']]))[0]).toMatchObject({
      file: 'notes.txt',
      message: 'a bundle has no such file',
    })
    expect(problemsOf(new Map([...files, ['rules.yaml', '']]))[0]).toMatchObject({
      file: 'rules.yaml',
      message: 'the file is empty',
    })
    expect(problemsOf(new Map([...files, ['policy.de.md', '# A\n## 1 B\n']]))[0]).toMatchObject({
      file: 'policy.de.md',
    })
    expect(problemsOf(new Map([...files, ['rules.yaml', 'a: '.repeat(400_000)]]))[0]).toMatchObject({
      file: 'rules.yaml',
      line: 1,
    })
    expect(problemsOf(new Map())).toHaveLength(1)
  })
})
