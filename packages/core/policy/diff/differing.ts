import { type Instant, OPERATIONS } from '../../base/index.ts'
import { touches } from '../compile.ts'
import type { Act } from '../decision.ts'
import {
  type ActorDeclaration,
  type Declarations,
  isPersonSide,
  PERSON,
  type Predicate,
  type Rule,
  selects,
} from '../model.ts'
import { type Policy, servicesFor } from '../policy.ts'

/** An act for which two policies have not the same rules. */
export interface Differing {
  readonly act: Act
  /** The rules of both that look at it. */
  readonly rules: readonly Rule[]
  /** What they mean, as text; of acts with the same text both policies think alike. */
  readonly meanings: string
}

/** Every kind of act that either policy has names for, one field at a time, where their rules are not the same. */
export function* differingActs(from: Policy, to: Policy, now: Instant): Generator<Differing> {
  const sides = [from, to].map(sideOf)
  const all = (names: (policy: Declarations) => Iterable<string>): readonly string[] => [
    ...new Set([...names(from), ...names(to)]),
  ]
  const purposes = all(({ purposes }) => purposes.keys())
  const entities = all(({ entities }) => entities.keys())
  const data = [PERSON, ...all(({ fields }) => fields.keys())]
  for (const { id, kind } of new Map([...from.actors, ...to.actors]).values()) {
    const actor = { kind, name: isPersonSide(kind) ? '' : id }
    const ofActor = sides.map((side) => only(side, ({ actors }) => selects(actors, actorId(side.policy, id, kind))))
    for (const operation of OPERATIONS) {
      const ofOperation = ofActor.map((side) => only(side, ({ operations }) => selects(operations, operation)))
      for (const purpose of purposes) {
        const ofPurpose = ofOperation.map((side) => only(side, ({ purposes }) => selects(purposes, purpose)))
        for (const entity of entities) {
          const fitting = ofPurpose.map((side) => only(side, ({ entities }) => selects(entities, entity)))
          if (!fitting.some(({ rules }) => rules.some(({ effect }) => effect === 'permit'))) continue
          for (const field of data) {
            const act: Act = {
              actor,
              operation,
              purpose,
              entity,
              fields: field === PERSON ? [] : [field],
              ticket: false,
              now,
            }
            const ofField = fitting.map((side) => only(side, (rule) => side.touched.get(rule)?.has(field) ?? false))
            const [mine, other] = ofField.map((side) => meaningOf(side, act))
            if (mine === other) continue
            yield { act, rules: ofField.flatMap(({ rules }) => rules), meanings: `${mine ?? ''}\n/\n${other ?? ''}` }
          }
        }
      }
    }
  }
}

/** One of the two policies, with those of its rules that are still in question. */
interface Side {
  readonly policy: Policy
  readonly rules: readonly Rule[]
  /** The fields (and `person`) that each rule takes. */
  readonly touched: ReadonlyMap<Rule, ReadonlySet<string>>
  /** What was made of rules before, by entity and rules. */
  readonly meanings: Map<string, string>
}

function sideOf(policy: Policy): Side {
  const data = [PERSON, ...policy.fields.keys()]
  const touched = policy.rules.map(
    (rule) => [rule, new Set(data.filter((field) => touches(policy, rule.data, field)))] as const,
  )
  return { policy, rules: policy.rules, touched: new Map(touched), meanings: new Map() }
}

function only(side: Side, test: (rule: Rule) => boolean): Side {
  return { ...side, rules: side.rules.filter(test) }
}

/** The person may have another id in either policy; whoever else acts goes by their own. */
function actorId(policy: Declarations, id: string, kind: ActorDeclaration['kind']): string {
  if (!isPersonSide(kind)) return id
  return [...policy.actors.values()].find((actor) => actor.kind === kind)?.id ?? id
}

/** What rules mean for an act, as text: equal texts answer alike. What nothing declares, no rule reaches. */
function meaningOf({ policy, rules, meanings }: Side, act: Act): string {
  const { actor } = act
  const known =
    [...policy.actors.values()].some(
      ({ id, kind }) => kind === actor.kind && (isPersonSide(kind) || id === actor.name),
    ) &&
    policy.purposes.has(act.purpose) &&
    policy.entities.has(act.entity)
  if (!known || !rules.some(({ effect }) => effect === 'permit')) return ''
  const key = `${act.entity} ${rules.map(({ id }) => id).join(' ')}`
  const before = meanings.get(key)
  if (before !== undefined) return before
  const says = rules.map(
    ({ effect, when }) => `${effect} ${[...when.map((one) => predicateMeaning(policy, act, one))].sort().join(' ')}`,
  )
  const meaning = [...new Set(says)].sort().join('\n')
  meanings.set(key, meaning)
  return meaning
}

/** A predicate with what the policy makes of the names in it. */
function predicateMeaning(policy: Policy, { entity }: Act, predicate: Predicate): string {
  const text = JSON.stringify(predicate)
  if (predicate.is === 'contract-for') {
    return `${text} ${servicesFor(policy, entity, predicate.service)
      .map(({ id }) => id)
      .sort()
      .join(' ')}`
  }
  if (predicate.is === 'recipient' || predicate.is === 'not-recipient') {
    const to = [...policy.recipients.values()].filter(
      ({ id, kind }) => predicate.names.includes(id) || predicate.names.includes(kind),
    )
    return `${text} ${to
      .map(({ id }) => id)
      .sort()
      .join(' ')}`
  }
  return text
}
