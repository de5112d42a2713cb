import { describe, expect, it } from 'vitest'
import { parseBundle } from '../bundle.ts'
import { netrack, netrackFiles } from '../testing/netrack.ts'
import { judgeForms } from './judge-forms.ts'
import { provePolicy } from './prove.ts'
import { roughly } from './size.ts'

/** The shipped bundle with these invariants instead of its own, and its `rules.yaml` changed so. */
function filesWith(invariants: string, change: (source: string) => string = (source) => source): Map<string, string> {
  const files = new Map([...netrackFiles()].filter(([name]) => !name.startsWith('tests/')))
  for (const [name, source] of files) {
    files.set(name, source.replace(/^invariants:\n[\s\S]*?(?=^# -{20,} retention|^retention:)/m, ''))
  }
  const rules = (files.get('rules.yaml') ?? '').replace(/^(# -{20,} retention$)/m, `invariants:\n${invariants}\n$1`)
  return files.set('rules.yaml', change(rules))
}

function problems(invariants: string, change?: (source: string) => string): readonly string[] {
  return provePolicy(netrack(filesWith(invariants, change))).problems.map(
    ({ message, clause }) => `${clause ?? '-'} ${message}`,
  )
}

function invariant(claim: string, clause = '1.2'): string {
  return `  - { id: it, clauses: ['${clause}'], says: { ru: так, en: so }, ${claim} }`
}

/** Takes a rule out of `rules.yaml`. */
function without(rule: string): (source: string) => string {
  return (source) => source.replace(new RegExp(`^  - id: ${rule}\\n(?:    .*\\n)+`, 'm'), '')
}

const BLOCKED = `never: { actors: { except: [subject, representative] }, purposes: [rights], operations: [extract], when: [{ blocked-for: [unconfirmed, unlawful, operator] }] }`

describe('the proof of a bundle', () => {
  it('proves every invariant of the shipped bundle, over a space counted whole', () => {
    const proof = provePolicy(netrack())
    expect(proof.problems).toEqual([])
    expect(proof.invariants.length).toBeGreaterThanOrEqual(40)
    expect(proof.size.points).toBe(proof.size.acts * proof.size.persons)
    expect(proof.size.points > 10n ** 100n).toBe(true)
  })

  it('shows the smallest counter-example to a false invariant, in both languages', () => {
    const [said, ...others] = problems(invariant(BLOCKED), without('blocked'))
    expect(others).toEqual([])
    expect(said).toContain(
      'Data-protection officer (staff), extraction (a read), the person as a whole, purpose “Your rights”',
    )
    expect(said).toContain('permitted by the rule answer-request (rules.yaml:')
    expect(said).toContain('And a ticket number is given; the data are blocked because they are not confirmed.')
    expect(said).toContain('Ответственный за персональные данные (сотрудник), извлечение (чтение), о человеке в целом')
    expect(said).toContain('При этом назван номер обращения; данные заблокированы, потому что не подтверждены.')
  })

  it('proves the same invariant where the rule is there', () => {
    expect(problems(invariant(BLOCKED))).toEqual([])
  })

  it('tells what must be permitted and is refused', () => {
    const [said] = problems(
      invariant('always: { actors: [dpo], operations: [extract], purposes: [rights], when: [ticket] }'),
    )
    expect(said).toContain('refused (blocked) because of the rule blocked (rules.yaml:')
    expect(said).toContain('And a ticket number is given; the data are blocked because they are not confirmed.')
  })

  it('tells what must be permitted and no rule permits', () => {
    const [said] = problems(invariant('always: { actors: [auditor], operations: [extract], purposes: [legal] }'))
    expect(said).toContain('refused (no-rule), clause 2.1, 3.1. Nothing else is needed for it.')
  })

  it('tells a fact that opens what is refused without it', () => {
    const [said] = problems(invariant('never-opens: { facts: [confirmed], actors: [newsletter] }'))
    expect(said).toContain(
      'And the data are confirmed; there is a consent to this purpose. Otherwise: refused (not-confirmed)',
    )
  })

  it('tells consents apart by purpose, company and time', () => {
    const region = 'actors: [newsletter], operations: [use]'
    expect(problems(invariant(`never: { ${region}, unless: [{ ground: consent }] }`))).toEqual([])
    expect(problems(invariant(`never: { ${region}, when: [{ ground: consent }] }`))[0]).toContain(
      'there is a consent to this purpose',
    )
  })

  it.each([
    ['conditions that exclude one another', 'never: { when: [confirmed, unconfirmed] }'],
    ['a recipient of what is no transfer', 'never: { operations: [use], when: [{ recipient: [court] }] }'],
    [
      'names that no purpose has',
      'never: { purposes: { only-ground: consent }, data: [person], actors: [site], when: [closed-by-subject] }',
    ],
    ['forms that cannot end', 'never-collects: { channels: [site], when: [ended] }'],
  ])('refuses an invariant that speaks of nothing: %s', (_, claim) => {
    expect(problems(invariant(claim))).toEqual([
      "1.2 the invariant 'it' speaks of nothing: no act and no person is such",
    ])
  })

  it('finds submissions that are taken', () => {
    const every = { except: [] }
    const region = { at: { file: 'rules.yaml', line: 1 }, forms: every, channels: every, purposes: every, when: [] }
    expect(judgeForms(netrack(), region).breach?.says.en).toMatch(/^The form “.+” \(.+\) takes a submission/)
  })

  it('takes a sound submission of every form', () => {
    const policy = netrack()
    for (const id of policy.forms.keys()) {
      const every = { except: [] }
      const region = { at: { file: '', line: 1 }, forms: { only: [id] }, channels: every, purposes: every, when: [] }
      expect([id, judgeForms(policy, region).breach === null]).toEqual([id, false])
    }
  })
})

describe('the shape of an invariant', () => {
  it.each([
    ['two claims', 'never: { when: [blocked] }, always: { when: [blocked] }', 'claims one thing'],
    ['no claim', '', 'claims one thing'],
    ['an unknown predicate', 'never: { when: [bloked] }', 'no such predicate'],
    [
      'an unknown purpose',
      'never: { purposes: [marketting] }',
      "unknown purpose 'marketting' (did you mean 'marketing'?)",
    ],
    [
      'an unknown ground',
      'never: { purposes: { only-ground: consents } }',
      'one of consent, contract, law is needed here',
    ],
    ['an unknown form', 'never-collects: { forms: [order], when: [ended] }', "unknown form 'order'"],
    ['a misspelt key', 'nevr: { when: [blocked] }', "unknown key 'nevr'"],
  ])('refuses %s with its place and clause', (_, claim, message) => {
    const files = filesWith(
      `  - { id: it, clauses: ['1.2'], says: { ru: так, en: so }${claim === '' ? '' : `, ${claim}`} }`,
    )
    const line = (files.get('rules.yaml') ?? '').split('\n').findIndex((one) => one.startsWith('  - { id: it,')) + 1
    const parsed = parseBundle(files)
    expect(parsed.ok).toBe(false)
    if (parsed.ok) return
    const found = parsed.error.find((one) => one.message.includes(message))
    expect(found).toMatchObject({ file: 'rules.yaml', line })
  })
})

describe('a number of points', () => {
  it.each([
    [0n, '0'],
    [999_999_999n, '999 999 999'],
    [1_234_567_890n, '1.2 × 10^9'],
  ])('%s is written %s', (count, text) => {
    expect(roughly(count)).toBe(text)
  })
})
