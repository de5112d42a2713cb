import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BLOCK_REASONS, type Facts } from '../../base/index.ts'
import { compile } from '../compile.ts'
import { decide } from '../decide.ts'
import type { Act } from '../decision.ts'
import { type Declarations, PERSON, type Rule } from '../model.ts'
import type { Policy } from '../policy.ts'
import { customer, DAY, netrack, NOW } from '../testing/netrack.ts'
import { netrackTests } from '../testing/netrack-tests.ts'
import { diffPolicies, isEmptyDiff, type PolicyDiff } from './diff.ts'
import type { Note } from './notes.ts'
import type { Shift } from './shifts.ts'
import { showDiff } from './show.ts'

const policy = netrack()

function changed(change: Partial<Declarations>): Policy {
  const declarations = { ...policy, ...change }
  return { ...declarations, index: compile(declarations) }
}

function withRule(id: string, change: (rule: Rule) => readonly Rule[]): Policy {
  expect(policy.rules.some((rule) => rule.id === id)).toBe(true)
  return changed({ rules: policy.rules.flatMap((rule) => (rule.id === id ? change(rule) : [rule])) })
}

/** Every act that shifts speak of, one by one. */
function cells(shifts: readonly Shift[]): readonly string[] {
  const all = shifts.flatMap(({ actors, operations, purposes, entities, data }) =>
    actors.flatMap((actor) =>
      operations.flatMap((operation) =>
        purposes.flatMap((purpose) =>
          entities.flatMap((entity) => data.map((field) => `${actor} ${operation} ${purpose} ${entity} ${field}`)),
        ),
      ),
    ),
  )
  return all.sort()
}

function cellOf({ actor, operation, purpose, entity, fields }: Act): string {
  return `${actor.name === '' ? actor.kind : actor.name} ${operation} ${purpose} ${entity} ${fields[0] ?? PERSON}`
}

function mirrored(notes: readonly Note[]): readonly unknown[] {
  return notes.map(({ kind, respect, before, after }) => [kind, respect, after, before])
}

function plain(notes: readonly Note[]): readonly unknown[] {
  return notes.map(({ kind, respect, before, after }) => [kind, respect, before, after])
}

function expectWitnesses({ opens, closes }: PolicyDiff, a: Policy, b: Policy): void {
  for (const { witness } of opens) {
    expect(decide(b, witness.act, witness.facts).effect).toBe('permit')
    expect(decide(a, witness.act, witness.facts).effect).toBe('refuse')
  }
  for (const { witness } of closes) {
    expect(decide(a, witness.act, witness.facts).effect).toBe('permit')
    expect(decide(b, witness.act, witness.facts).effect).toBe('refuse')
  }
}

/** A policy that differs in one rule: it is gone, it asks less, or it is for fewer data. */
const variants = fc
  .tuple(fc.constantFrom(...policy.rules), fc.constantFrom('gone', 'asks-less', 'narrower'), fc.nat(5))
  .map(([{ id }, how, nth]) =>
    withRule(id, (rule) => {
      if (how === 'gone') return []
      if (how === 'asks-less') return [{ ...rule, when: rule.when.filter((_, i) => i !== nth % rule.when.length) }]
      return [{ ...rule, data: { only: ['surname', 'email'] } }]
    }),
  )

/** What may be known of whoever the shipped tests speak of, somewhat stirred. */
const known = netrackTests(policy).flatMap(({ question }) => (question.kind === 'act' ? [question] : []))
const cases: fc.Arbitrary<{ readonly act: Act; readonly facts: Facts }> = fc
  .record({
    one: fc.constantFrom(...known),
    field: fc.constantFrom(...policy.fields.keys()),
    own: fc.boolean(),
    blocked: fc.option(fc.constantFrom(...BLOCK_REASONS), { freq: 3 }),
    confirmed: fc.boolean(),
    minor: fc.boolean(),
    ticket: fc.boolean(),
  })
  .map(({ one, field, own, blocked, confirmed, minor, ticket }) => ({
    act: { ...one.act, fields: own ? one.act.fields.slice(0, 1) : [field], ticket, now: NOW },
    facts: {
      ...(one.facts ?? customer()),
      collectedAt: NOW - DAY,
      confirmedAt: confirmed ? NOW - DAY : null,
      blocked: blocked === null ? null : { since: NOW, reason: blocked },
      age: minor ? 'minor' : null,
    },
  }))

describe('the difference of two policies', { timeout: 120_000 }, () => {
  it('is none between a policy and itself', () => {
    expect(isEmptyDiff(diffPolicies(policy, netrack()))).toBe(true)
    expect(showDiff(diffPolicies(policy, policy), policy, policy, 'ru')).toContain('Ничего не меняется.')
  })

  it('has a witness for all that it tells, and is a mirror', () => {
    fc.assert(
      fc.property(variants, (variant) => {
        const [there, back] = [diffPolicies(policy, variant), diffPolicies(variant, policy)]
        expectWitnesses(there, policy, variant)
        expectWitnesses(back, variant, policy)
        expect(cells(back.closes)).toEqual(cells(there.opens))
        expect(cells(back.opens)).toEqual(cells(there.closes))
        expect(plain(back.notes)).toEqual(mirrored(there.notes))
      }),
      { numRuns: 8 },
    )
  })

  it('leaves nothing out: whatever two policies answer differently is told', () => {
    fc.assert(
      fc.property(variants, fc.array(cases, { minLength: 200, maxLength: 200 }), (variant, tried) => {
        const { opens, closes } = diffPolicies(policy, variant)
        const told = { permit: new Set(cells(opens)), refuse: new Set(cells(closes)) }
        for (const { act, facts } of tried) {
          const is = decide(variant, act, facts).effect
          if (is !== decide(policy, act, facts).effect) expect(told[is]).toContain(cellOf(act))
        }
      }),
      { numRuns: 8 },
    )
  })

  it('tells what a rule gone closes, in one line', () => {
    const diff = diffPolicies(
      policy,
      withRule('improve', () => []),
    )
    expect(diff.opens).toEqual([])
    expect(diff.closes).toMatchObject([
      { actors: ['product'], operations: ['use'], purposes: ['improvement'], data: ['email', 'given-name'] },
    ])
    expect(showDiff(diff, policy, policy, 'en')).toContain(
      '- “Product development”: use; for “Improving the services”; data: “E-mail”, “Given name” (clauses 2.1, 2.2.3)',
    )
  })

  it('tells under what conditions something opens, and for whom', () => {
    const wider = withRule('send-offers', (rule) => [{ ...rule, data: { only: ['given-name', 'email', 'phone'] } }])
    const shown = showDiff(diffPolicies(policy, wider), policy, wider, 'ru')
    expect(shown).toContain(
      '+ «Рассылка»: извлечение (чтение), использование; цель «Новости и предложения»; данные: «Телефон»; когда данные подтверждены, есть согласие на эту цель (пункты 0.1, 2.1)',
    )
  })

  it('tells of a refusal that is lifted that it is out of the ordinary', () => {
    const lifted = withRule('block-of-others', () => [])
    const shown = showDiff(diffPolicies(policy, lifted), policy, lifted, 'en')
    expect(shown).toMatch(/\+ .*“The person”: blocking; .*only when the data are blocked because/)
  })

  it('tells of a ticket no longer asked that it opens without one', () => {
    const lax = withRule('answer-request', (rule) => [{ ...rule, when: [] }])
    const { opens } = diffPolicies(policy, lax)
    expect(opens.length).toBeGreaterThan(0)
    expect(opens.every(({ conditions }) => JSON.stringify(conditions).includes('no ticket is given'))).toBe(true)
  })

  it('tells of promises, measures, duties and delays that are gone or other', () => {
    const [first, second, ...others] = policy.invariants
    if (first === undefined || second === undefined) throw new Error('the bundle promises nothing')
    const weaker = { ...second, claim: { ...first.claim } }
    const told = showDiff(
      diffPolicies(policy, changed({ invariants: [weaker, ...others], erasure: null })),
      policy,
      policy,
      'ru',
    )
    expect(told).toContain(`- Обещание ${first.id} («${first.says['ru'] ?? ''}»): убрано`)
    expect(told).toContain(`* Обещание ${second.id} («${second.says['ru'] ?? ''}»): что доказывается: изменено`)
    expect(told).toContain('- Уничтожение по просьбе человека: убрано')
  })

  it('tells of forms, terms, texts and hashes what they were and are', () => {
    const other = changed({
      official: { ...policy.official, sha256: '0'.repeat(64) },
      retention: policy.retention.map((ground) =>
        ground.id === 'accounting' && ground.after !== null
          ? { ...ground, after: { ...ground.after, term: { years: 6, months: 0, days: 0 } } }
          : ground,
      ),
      forms: new Map(
        [...policy.forms].map(([id, form]) => [
          id,
          id === 'registration'
            ? {
                ...form,
                fields: form.fields
                  .filter(({ field }) => field !== 'phone')
                  .map((one) => ({ ...one, mandatory: null })),
                consents: form.consents.slice(1),
              }
            : form,
        ]),
      ),
    })
    const shown = showDiff(diffPolicies(policy, other), policy, other, 'en')
    expect(shown).toContain(`SHA-256: ${policy.official.sha256} -> ${'0'.repeat(64)}`)
    expect(shown).toContain('5 y from the end of that year -> 6 y from the end of that year')
    expect(shown).toContain('The form “Registration on the site”: the field “Phone”: optional -> none')
    expect(shown).toContain('The form “Registration on the site”: the field “E-mail”: mandatory -> optional')
    expect(shown).toContain('The form “Registration on the site”: the consent to “News and offers”: asked -> none')
    expect(shown).not.toContain('Opens')
  })
})
