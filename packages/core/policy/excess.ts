import type { Facts, Instant } from '../base/index.ts'
import type { Policy } from './policy.ts'
import { isOnHold } from './predicates.ts'
import { retained } from './retained.ts'

/** Data that nothing declares any more (152-FZ art. 5(5)): a field, or (`field` null) the whole compartment. */
export interface Excess {
  readonly compartment: string
  readonly field: string | null
}

/**
 * What of a person's data is excess at `now`: no form that is open, or that began a contract or consent that lives, asks for the field,
 * the operator does not write it itself, no rule names it, and no term of law keeps its compartment. A field that the policy
 * knows no more is excess whatever keeps the compartment. While a legal hold stands nothing is. Where the fields of a compartment are not known, it is judged as a whole.
 */
export function excess(policy: Policy, facts: Facts, now: Instant): readonly Excess[] {
  if (facts.state !== 'live' || isOnHold(facts)) return []
  const declared = declaredFields(policy, facts, now)
  const kept = new Set(keptByLaw(policy, facts, now))
  return facts.held.flatMap((compartment): readonly Excess[] => {
    if (facts.dying.includes(compartment)) return []
    const own = [...policy.fields.values()].filter((field) => field.compartment === compartment)
    // What the operator writes itself no form asks for.
    const known = own.filter(({ id, source }) => source === 'operator' || declared.has(id)).map(({ id }) => id)
    const held = facts.fields?.[compartment]
    if (held === undefined) return known.length === 0 ? [{ compartment, field: null }] : []
    const live = kept.has(compartment) ? own.map(({ id }) => id) : known
    const those = held.filter((field) => !live.includes(field))
    const whole = those.length === held.length && policy.compartments.has(compartment) && !kept.has(compartment)
    if (whole && known.length === 0) return [{ compartment, field: null }]
    return those.map((field) => ({ compartment, field }))
  })
}

/** Held compartments of which it is not known which fields they hold. */
export function unlisted({ state, held, fields }: Facts): readonly string[] {
  return state === 'live' ? held.filter((compartment) => fields?.[compartment] === undefined) : []
}

function declaredFields(policy: Policy, facts: Facts, now: Instant): ReadonlySet<string> {
  const inForce = new Set(
    facts.contracts.filter(({ endedAt }) => (endedAt ?? now + 1) > now).map(({ service }) => service),
  )
  const consented = new Set(
    facts.consents.filter(({ until }) => (until ?? now + 1) > now).map(({ purpose }) => purpose),
  )
  const live = [...policy.forms.values()].filter(
    ({ campaign, ground, service, purpose }) =>
      campaign === null ||
      (policy.campaigns.get(campaign)?.ends ?? 0) > now ||
      (ground === 'contract' ? service !== null && inForce.has(service) : consented.has(purpose)),
  )
  const asked = live.flatMap(({ fields, choices }) => [
    ...fields.map(({ field }) => field),
    ...choices.flatMap(({ options }) => options.flat()),
  ])
  const named = policy.rules.flatMap(({ effect, data }) => (effect === 'permit' && 'only' in data ? data.only : []))
  return new Set([...asked, ...named])
}

/** What a law's term or a hold keeps; a contract in force keeps what its form asks for. */
function keptByLaw(policy: Policy, facts: Facts, now: Instant): readonly string[] {
  const contracts = new Set(policy.retention.filter(({ kind }) => kind === 'contract').map(({ id }) => id))
  return retained(policy, facts, now)
    .filter(({ ground, inForce }) => !inForce || !contracts.has(ground))
    .map(({ compartment }) => compartment)
}
