import { compile } from '../../compile.ts'
import { type Predicate, type Rule, type Selector, selects } from '../../model.ts'
import type { Policy } from '../../policy.ts'
import { type ActClass, partActs } from '../acts.ts'
import type { Invariant } from '../invariant.ts'
import { lightestBreach } from '../judge-invariant.ts'
import { decideOn, extended, type Situation } from '../situations.ts'
import { kinOf, spaceOf } from '../space.ts'
import { axesAsked } from '../values.ts'
import type { Point } from '../witness.ts'

/** A bundle with one rule changed for the worse. */
export interface Mutant {
  /** `rule: what was done to it`. */
  readonly name: string
  readonly rule: string
  readonly rules: readonly Rule[]
}

/** Every way to drop one rule that refuses. */
export function withoutRefusals(policy: Policy): readonly Mutant[] {
  return policy.rules
    .filter(({ effect }) => effect === 'refuse')
    .map(({ id }) => ({ name: `${id}: dropped`, rule: id, rules: policy.rules.filter((rule) => rule.id !== id) }))
}

/** Every way to drop one of the conditions of a rule that permits. */
export function withoutConditions(policy: Policy): readonly Mutant[] {
  return policy.rules
    .filter(({ effect }) => effect === 'permit')
    .flatMap((rule) =>
      rule.when.map((gone) =>
        changed(policy, rule, `without ${wordOf(gone)}`, { when: rule.when.filter((one) => one !== gone) }),
      ),
    )
}

/** Every way to let one of the names of a rule that permits be any. */
export function widened(policy: Policy): readonly Mutant[] {
  const any: Selector = { except: [] }
  return policy.rules
    .filter(({ effect }) => effect === 'permit')
    .flatMap((rule) =>
      (['actors', 'operations', 'purposes', 'data'] as const)
        .filter((key) => 'only' in rule[key])
        .map((key) => changed(policy, rule, `${key} any`, { [key]: any })),
    )
}

function changed(policy: Policy, rule: Rule, what: string, change: Partial<Rule>): Mutant {
  const rules = policy.rules.map((one) => (one === rule ? { ...rule, ...change } : one))
  return { name: `${rule.id}: ${what}`, rule: rule.id, rules }
}

function wordOf(predicate: Predicate): string {
  const { is, ...rest } = predicate
  return `${is} ${Object.values(rest).join(' ')}`.trim()
}

/** What became of a mutant: the invariant that catches it, or that it answers as the bundle does, or neither. */
export type Fate =
  | { readonly caught: string }
  | { readonly same: true }
  | { readonly survives: Point & { situation: Situation } }

/** Judges mutants of a policy, each over the classes of acts that its changed rule judges. */
export function fateOf(policy: Policy): (mutant: Mutant) => Fate {
  const original = new Map(partActs(policy).classes.flatMap((act) => act.points.map((point) => [keyOf(point), act])))
  const claims = policy.invariants.filter(({ claim }) => claim.kind !== 'never-collects')
  return ({ rule, rules }) => {
    const declared = { ...policy, ...reach(policy, rule, rules), rules }
    const mutant: Policy = { ...declared, index: compile(declared) }
    const parted = partActs(mutant)
    // Only acts that the changed rule judges, in the one or the other, may be answered otherwise.
    const touched = (act: ActClass): boolean =>
      act.rules.includes(rule) || act.points.some((point) => original.get(keyOf(point))?.rules.includes(rule) ?? true)
    const acts = { ...parted, classes: parted.classes.filter(touched) }
    const space = spaceOf(mutant, acts)
    const catches = ({ claim }: Invariant): boolean =>
      claim.kind !== 'never-collects' && lightestBreach(claim, space) !== null
    const by = claims.find(catches)
    if (by !== undefined) return { caught: by.id }
    for (const act of acts.classes) {
      const table = space.table(act)
      // One point for all that the bundle itself judges alike, too.
      for (const [before, point] of new Map(act.points.map((one) => [original.get(keyOf(one)), one]))) {
        const asked = before?.asks ?? []
        const frame = { ...table.frame, point, asks: [...act.asks, ...asked] }
        const kin = kinOf(table, point, asked)
        const different = table.permitted
          .flatMap((one) => extended(frame, one, axesAsked(asked), kin))
          .find((one) => decideOn({ ...frame, policy }, one).effect !== decideOn(frame, one).effect)
        if (different !== undefined) return { survives: { ...point, situation: different } }
      }
    }
    return { same: true }
  }
}

/** The actors and purposes that a rule selects, before its change or after: elsewhere nothing is answered otherwise. */
function reach(policy: Policy, id: string, rules: readonly Rule[]): Pick<Policy, 'actors' | 'purposes'> {
  const both = [...policy.rules, ...rules].filter((rule) => rule.id === id)
  const taken = (key: 'actors' | 'purposes', name: string): boolean => both.some((rule) => selects(rule[key], name))
  return {
    actors: new Map([...policy.actors].filter(([name]) => taken('actors', name))),
    purposes: new Map([...policy.purposes].filter(([name]) => taken('purposes', name))),
  }
}

function keyOf({ actor, operation, purpose, entity, datum }: Point): string {
  return [actor.id, operation, purpose, entity, datum].join(' ')
}
