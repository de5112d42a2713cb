import type { Facts, Instant } from '../../base/index.ts'
import { touches } from '../compile.ts'
import { type Declarations, isPersonSide, type Rule, selects } from '../model.ts'

/**
 * Why a consent given before does not do: another document, another meaning of the purpose, more than it covered, or there
 * was none to give because the purpose rested on something else.
 */
export const AGAIN_REASONS = ['document', 'meaning', 'scope', 'new-ground'] as const
export type AgainReason = (typeof AGAIN_REASONS)[number]

/** A consent that one person would have to be asked for. */
export interface ConsentNeeded {
  readonly purpose: string
  readonly entity: string
  readonly reasons: readonly AgainReason[]
}

/**
 * The consents a person has to be asked for where `after` comes into force, at `now`. `givenUnder` is the policy that was in
 * force at an instant: by it a consent was given. Which of several forms the person used is not told by the facts, so a
 * document stands only where every one that they may have been shown stands.
 */
export function consentsNeeded(
  before: Declarations,
  after: Declarations,
  givenUnder: (at: Instant) => Declarations,
  facts: Facts,
  now: Instant,
): readonly ConsentNeeded[] {
  if (facts.state !== 'live') return []
  const again = facts.consents.flatMap(({ purpose, entity, since, until }): ConsentNeeded[] => {
    if (since > now || (until !== null && until <= now)) return []
    const reasons = changedSince(givenUnder(since), after, purpose, entity)
    return reasons.length === 0 ? [] : [{ purpose, entity, reasons }]
  })
  return [...again, ...newlyNeeded(before, after, facts, now)]
}

/** Both policies never change, and there are few pairs of purpose and entity. */
const compared = new WeakMap<Declarations, WeakMap<Declarations, Map<string, readonly AgainReason[]>>>()

/** What `after` makes of a consent to a purpose given under `given`; nothing where it asks for none, or knows the entity no more. */
function changedSince(
  given: Declarations,
  after: Declarations,
  purpose: string,
  entity: string,
): readonly AgainReason[] {
  const ofGiven = compared.get(given) ?? new WeakMap<Declarations, Map<string, readonly AgainReason[]>>()
  compared.set(given, ofGiven)
  const known = ofGiven.get(after) ?? new Map<string, readonly AgainReason[]>()
  ofGiven.set(after, known)
  const key = `${purpose}\n${entity}`
  const ready = known.get(key) ?? compareConsent(given, after, purpose, entity)
  known.set(key, ready)
  return ready
}

function compareConsent(
  given: Declarations,
  after: Declarations,
  purpose: string,
  entity: string,
): readonly AgainReason[] {
  const was = given.purposes.get(purpose)
  const is = after.purposes.get(purpose)
  if (is?.grounds.includes('consent') !== true || !after.entities.has(entity)) return []
  if (was === undefined) return ['document', 'meaning', 'scope']
  const reasons: AgainReason[] = []
  const documents = documentsOf(after, purpose, entity)
  if ([...documentsOf(given, purpose, entity)].some((shown) => !documents.has(shown))) reasons.push('document')
  const binding = given.languages[0] ?? ''
  if (is.plain[binding] !== was.plain[binding]) reasons.push('meaning')
  const covered = coveredBy(given, purpose, entity)
  if ([...coveredBy(after, purpose, entity)].some((one) => !covered.has(one))) reasons.push('scope')
  return reasons
}

/** The documents by which a consent may have been given, in the language that binds. */
function documentsOf(policy: Declarations, purpose: string, entity: string): ReadonlySet<string> {
  const binding = policy.languages[0] ?? ''
  const forms = [...policy.forms.values()].filter(({ entities }) => entities.includes(entity))
  const asked = forms.flatMap(({ consents }) => consents.filter((consent) => consent.purpose === purpose))
  return new Set(asked.map(({ document }) => document[binding] ?? ''))
}

/** `actor operation field` of everything that others may do on a consent to the purpose. */
function coveredBy(policy: Declarations, purpose: string, entity: string): ReadonlySet<string> {
  const covered = new Set<string>()
  for (const rule of policy.rules) {
    if (!restsOnConsent(rule) || !selects(rule.purposes, purpose) || !selects(rule.entities, entity)) continue
    const fields = [...policy.fields.keys()].filter((field) => touches(policy, rule.data, field))
    for (const { id, kind } of policy.actors.values()) {
      if (isPersonSide(kind) || !selects(rule.actors, id)) continue
      const listed = 'only' in rule.operations ? rule.operations.only : [`except ${rule.operations.except.join(',')}`]
      for (const operation of listed) for (const field of fields) covered.add(`${id} ${operation} ${field}`)
    }
  }
  return covered
}

function restsOnConsent({ effect, when }: Rule): boolean {
  return effect === 'permit' && when.some((predicate) => predicate.is === 'ground' && predicate.kind === 'consent')
}

/** Purposes that `before` rested on a contract or on law, and `after` on a consent that the person has not given. */
function newlyNeeded(before: Declarations, after: Declarations, facts: Facts, now: Instant): readonly ConsentNeeded[] {
  const needed: ConsentNeeded[] = []
  const live = facts.contracts.filter(({ since, endedAt }) => since <= now && (endedAt === null || endedAt > now))
  for (const { id, grounds } of after.purposes.values()) {
    const was = before.purposes.get(id)
    if (!grounds.includes('consent') || grounds.includes('law') || was === undefined) continue
    if (was.grounds.includes('consent') || !holdsFor(before, facts, id)) continue
    for (const entity of after.entities.keys()) {
      const contracted = live.some((contract) => contract.entity === entity)
      if (!contracted && !was.grounds.includes('law')) continue
      if (!contracted && !facts.consents.some((consent) => consent.entity === entity)) continue
      if (contracted && grounds.includes('contract')) continue
      if (facts.consents.some((consent) => consent.purpose === id && consent.entity === entity)) continue
      needed.push({ purpose: id, entity, reasons: ['new-ground'] })
    }
  }
  return needed
}

/** True where the person's data lie in a compartment of the purpose. */
function holdsFor(policy: Declarations, { held, dying }: Facts, purpose: string): boolean {
  return [...policy.compartments.values()].some(
    ({ id, purposes }) => purposes.includes(purpose) && held.includes(id) && !dying.includes(id),
  )
}
