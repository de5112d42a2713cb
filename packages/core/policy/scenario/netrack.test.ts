import { describe, expect, it } from 'vitest'
import { touches } from '../compile.ts'
import { actorKey, type Rule, selects } from '../model.ts'
import { netrack } from '../testing/netrack.ts'
import { netrackTests } from '../testing/netrack-tests.ts'
import { runScenario } from './run.ts'

const policy = netrack()
const outcomes = netrackTests(policy).map((scenario) => runScenario(policy, scenario))

/** The clauses that an answer can name: those of rules, retention, forms, and of what no rule permits. */
const ANSWERING = new Set([
  ...[...policy.rules, ...policy.retention, ...policy.forms.values()].flatMap(({ clauses }) => clauses),
  ...policy.defaults.noRule,
  ...policy.defaults.noLiveData,
])

describe('the tests of the shipped policy', () => {
  it('are at least 120', () => {
    expect(outcomes.length).toBeGreaterThanOrEqual(120)
  })

  it.each(outcomes.map((outcome) => [outcome.scenario.name, outcome] as const))('%s', (_, { mismatch }) => {
    expect(mismatch).toEqual([])
  })

  it('expect permits and refusals in like number', () => {
    const permits = outcomes.filter(({ scenario }) => scenario.expected.effect === 'permit').length
    expect(permits / outcomes.length).toBeGreaterThan(0.35)
    expect(permits / outcomes.length).toBeLessThan(0.65)
  })

  it('speak of every clause that an answer can name', () => {
    const spoken = new Set(outcomes.flatMap(({ scenario }) => scenario.expected.clauses))
    expect([...ANSWERING].filter((clause) => !spoken.has(clause))).toEqual([])
  })

  it.each(policy.rules.map((rule) => [rule.id, rule] as const))('hear the rule %s speak', (id, rule) => {
    expect(named(rule.effect).has(id)).toBe(true)
  })

  it.each(policy.rules.filter(({ when }) => when.some(canFail)).map((rule) => [rule.id, rule] as const))(
    'find the rule %s silent on an act that it looks at',
    (_, rule) => {
      expect(isSilent(rule)).toBe(true)
    },
  )
})

function canFail({ is, ...rest }: Rule['when'][number]): boolean {
  return is !== 'in-force' && !(is === 'ground' && 'kind' in rest && rest.kind === 'law')
}

function named(effect: 'permit' | 'refuse'): ReadonlySet<string> {
  return new Set(outcomes.flatMap(({ scenario, rules }) => (scenario.expected.effect === effect ? rules : [])))
}

/** True where an act that the rule looks at is answered otherwise than the rule would, so that its conditions were weighed. */
function isSilent(rule: Rule): boolean {
  return outcomes.some(({ scenario: { question, expected } }) => {
    if (question.kind === 'form' || expected.effect === rule.effect) return false
    const { actor, operation, purpose, entity, fields } = question.act
    const id = [...policy.actors.values()].find(
      (known) => actorKey(known) === actorKey({ kind: actor.kind, id: actor.name }),
    )?.id
    return (
      selects(rule.actors, id ?? '') &&
      selects(rule.operations, operation) &&
      selects(rule.purposes, purpose) &&
      selects(rule.entities, entity) &&
      (fields.length === 0 ? ['person'] : fields).some((field) => touches(policy, rule.data, field))
    )
  })
}
