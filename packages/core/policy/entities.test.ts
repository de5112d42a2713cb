import { describe, expect, it } from 'vitest'
import { parseBundle } from './bundle.ts'
import { checkPolicy } from './check.ts'
import { decide } from './decide.ts'
import { diffPolicies } from './diff/diff.ts'
import { formContract } from './form-contract.ts'
import { bindingsOf } from './matrix/bindings.ts'
import type { Policy } from './policy.ts'
import { type PolicyProblem, problemLine } from './problem.ts'
import { provePolicy } from './prove/index.ts'
import { act, customer, netrack, netrackFiles } from './testing/netrack.ts'

const OWN = 'entities/solutions.yaml'
const OTHER = 'entities/start.yaml'

/** The shipped files with texts of one of them changed, or one file more. */
function files(file: string, ...changes: readonly (readonly [from: string, to: string])[]): Map<string, string> {
  let source = netrackFiles().get(file) ?? ''
  for (const [from, to] of changes) {
    expect(source).toContain(from)
    source = source.replace(from, () => to)
  }
  return new Map([...netrackFiles(), [file, source]])
}

function read(bundle: ReadonlyMap<string, string>): Policy {
  const parsed = parseBundle(bundle)
  if (!parsed.ok) throw new Error(parsed.error.map(problemLine).join('\n'))
  return parsed.value
}

function problemsOf(bundle: ReadonlyMap<string, string>): readonly PolicyProblem[] {
  const parsed = parseBundle(bundle)
  return parsed.ok ? checkPolicy(parsed.value) : parsed.error
}

function overlay(rest: string, head = ''): Map<string, string> {
  return new Map([...netrackFiles(), [OTHER, `entity: { id: start, clauses: ['0.5', 'note.1']${head} }\n${rest}`]])
}

const refusal = (id: string, rest: string): string =>
  `rules: [{ id: ${id}, effect: refuse, reason: no-norm, clauses: ['0.5'], ${rest} }]\n`

/** Where the line with a text is. */
function lineOf(bundle: ReadonlyMap<string, string>, file: string, text: string): string {
  const line = (bundle.get(file) ?? '').split('\n').findIndex((one) => one.includes(text)) + 1
  expect(line).toBeGreaterThan(0)
  return `${file}:${line}`
}

const offers = act('newsletter transfer:provide marketing', ['email'])
const subscriber = (entity: string) => customer({ consents: [{ purpose: 'marketing', entity, since: 0, until: null }] })

describe('what one entity says of itself', () => {
  const policy = netrack()

  it('narrows the base policy for that entity’s acts alone', () => {
    const act = { ...offers, recipient: 'message-gateway' }
    expect(decide(policy, { ...act, entity: 'start' }, subscriber('start')).effect).toBe('permit')
    const refused = decide(policy, { ...act, entity: 'solutions' }, subscriber('solutions'))
    expect(refused).toMatchObject({
      effect: 'refuse',
      clauses: ['0.5', 'note.1'],
      causes: [{ reason: 'wrong-recipient' }],
    })
  })

  it('binds clauses, and proves what it claims of itself over its own acts', () => {
    expect(
      bindingsOf(policy)
        .get('note.1')
        ?.map(({ at }) => at.file),
    ).toContain(OWN)
    const [one] = provePolicy(read(files(OWN, ['      unless: [{ ground: consent }]\n', '']))).invariants.filter(
      ({ id }) => id === 'tour-data-only-on-consent',
    )
    expect(one?.counterExample?.en).toContain('Server Solutions')
  })

  it('shows in a comparison as what closes for that entity', () => {
    const without = new Map([...netrackFiles()].filter(([file]) => file !== OWN))
    const { closes } = diffPolicies(read(without), policy)
    expect(closes.map(({ entities, purposes }) => [entities, purposes])).toContainEqual([['solutions'], ['marketing']])
  })

  it('begins on its own day, its form with it', () => {
    const later = read(files(OWN, ['  processors: [site', '  effective: 2027-02-01\n  processors: [site']))
    const first = Date.parse('2027-02-01T00:00:00+03:00')
    const ask = { ...offers, entity: 'solutions', recipient: 'message-gateway' }
    const before = decide(later, { ...ask, now: first - 1 }, subscriber('solutions'))
    expect([before.effect, before.until]).toEqual(['permit', first])
    expect(decide(later, { ...ask, now: first }, subscriber('solutions')).effect).toBe('refuse')
    expect(formContract(later, 'tour-request', first - 1)).toMatchObject({ error: { code: 'unknown-form' } })
    expect(formContract(later, 'tour-request', first).ok).toBe(true)
  })
})

describe('a conflict of an entity’s file with the rest', () => {
  const DOMAIN = 'services/domain-name.yaml'
  const RULES = 'rules.yaml'

  it.each<[string, Map<string, string>, at: readonly [string, string], other: readonly [string, string]]>([
    [
      'a permit over data of the base policy',
      files(OWN, [
        'purposes: [tour]\n    data: [tour-pass]\n    when: [{ ground: consent }, confirmed, ticket]',
        'purposes: [tour]\n    data: [tour-pass, phone]\n    when: [{ ground: consent }, confirmed, ticket]',
      ]),
      [OWN, '- id: tour-desk'],
      [RULES, '{ id: phone,'],
    ],
    [
      'a permit over data of a service',
      overlay(
        `rules: [{ id: x, effect: permit, clauses: ['0.5'], actors: [support], operations: [use], purposes: [performance], data: [domain-names], when: [{ ground: contract }] }]\n`,
      ),
      [OTHER, 'id: x'],
      [DOMAIN, '{ id: domain-names,'],
    ],
    [
      'a name that is declared already',
      files(OWN, ['- id: tour\n    clauses', '- id: marketing\n    clauses']),
      [OWN, '- id: marketing'],
      [RULES, '- id: marketing'],
    ],
    [
      'a recipient that the base policy’s rule for a kind would reach',
      overlay(
        `recipients: [{ id: bailiffs, kind: authority, clauses: ['0.5'], norm: { ru: н, en: n }, country: RU, label: { ru: П, en: B } }]\n`,
      ),
      [OTHER, 'id: bailiffs'],
      [RULES, '- id: provide-under-norm'],
    ],
    [
      'a refusal of what a service of the entity cannot be given without',
      overlay(
        refusal(
          'x',
          `actors: any, operations: ['transfer:provide'], purposes: any, data: [domain-registrant, domain-technical]`,
        ),
      ),
      [OTHER, 'id: x'],
      [DOMAIN, '- id: domain-to-registrar'],
    ],
    [
      'a refusal of a purpose to which forms ask consent in its name',
      overlay(refusal('x', 'actors: any, operations: any, purposes: [personalisation], data: any')),
      [OTHER, 'id: x'],
      [RULES, '- purpose: personalisation'],
    ],
    [
      'a refusal of a field for which forms ask in its name',
      overlay(refusal('x', 'actors: any, operations: [collect, record], purposes: any, data: [postal-address]')),
      [OTHER, 'id: x'],
      [RULES, '- field: postal-address'],
    ],
    [
      'a form for the other entity',
      files(OWN, ['    entities: [solutions]', '    entities: [solutions, start]']),
      [OWN, '- id: tour-request'],
      [RULES, '- id: start'],
    ],
  ])('names both places: %s', (_, bundle, at, other) => {
    const told = problemsOf(bundle).map(problemLine)
    const [first, second] = [lineOf(bundle, ...at), lineOf(bundle, ...other)]
    expect(
      told.filter((line) => line.startsWith(`${first}:`) && line.includes(second)).length,
      told.join('\n'),
    ).toBeGreaterThan(0)
  })

  it.each<[string, Map<string, string>, string]>([
    [
      'an entity that is none',
      files(OWN, ['  id: solutions', '  id: solution']),
      "unknown entity 'solution' (did you mean",
    ],
    [
      'another’s file',
      new Map([...netrackFiles(), ['entities/one.yaml', overlay('').get(OTHER) ?? '']]),
      'belongs in entities/',
    ],
    [
      'a rule that names an entity',
      files(OWN, ['    actors: any\n', '    actors: any\n    entities: [start]\n']),
      "unknown key 'entities'",
    ],
    [
      'a purpose that rests on more than consent',
      files(OWN, ['    grounds: [consent]', '    grounds: [consent, contract]']),
      'more than a consent of its own',
    ],
    [
      'a third party without consent',
      files(OWN, [
        'when: [{ ground: consent }, confirmed, { recipient: [site-guards] }]',
        'when: [confirmed, { recipient: [site-guards] }]',
      ]),
      'a third party, on no consent',
    ],
    [
      'a recipient that it does not declare',
      files(OWN, ['  processors: [site-guards]\n', '']),
      'none of the processors of',
    ],
    ['a day that there is not', overlay('', ', effective: 2027-02-30'), 'there is no day 2027-02-30'],
  ])('is told of %s', (_, bundle, says) => {
    expect(problemsOf(bundle).map(problemLine).join('\n')).toContain(says)
  })
})
