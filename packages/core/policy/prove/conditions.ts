import { actOf, type Draft, type Frame } from './witness.ts'
import { PERSON, type Predicate, type Retention } from '../model.ts'
import { isClosed, judge } from '../predicates.ts'
import { retained } from '../retained.ts'

/** The dimensions of the space beside the act's own names. Each is a list of values of which exactly one is true. */
export const AXES = [
  'force',
  'ticket',
  'recipient',
  'confirmation',
  'block',
  'consents',
  'contracts',
  'closed',
  'proved',
  'standing',
  'hold',
] as const
export type Axis = (typeof AXES)[number]

/** Axes of the act alone: they vary where the person is unknown, too. */
export const ACT_AXES: ReadonlySet<Axis> = new Set<Axis>(['force', 'ticket', 'recipient'])

/** The axes on which a predicate's answer depends: the one entry that a new predicate needs here. */
export function axesOf(predicate: Predicate): readonly Axis[] {
  switch (predicate.is) {
    case 'ground':
    case 'without-ground':
      return predicate.kind === 'law' ? [] : [predicate.kind === 'consent' ? 'consents' : 'contracts']
    case 'contract-for':
      return ['contracts']
    case 'confirmed':
    case 'unconfirmed':
    case 'unconfirmed-longer-than':
      return ['confirmation']
    case 'blocked':
    case 'blocked-for':
      return ['block']
    case 'ticket':
      return ['ticket']
    case 'closed-by-subject':
      return ['closed']
    case 'proved':
      return ['proved']
    case 'not-retained':
      return ['consents', 'contracts', 'hold']
    case 'minor':
    case 'represented':
    case 'unrepresented':
      return ['standing']
    case 'on-hold':
      return ['hold']
    case 'recipient':
    case 'not-recipient':
      return ['recipient']
    case 'in-force':
      return ['force']
  }
}

/** Whether a predicate holds of a witness, by the same functions that `decide` asks. */
export function holds(frame: Frame, predicate: Predicate, draft: Draft): boolean {
  const { policy, point } = frame
  if (predicate.is === 'closed-by-subject') return isClosed(draft.facts, point.datum, point.purpose)
  if (predicate.is === 'not-retained') return !isKept(frame, draft)
  return judge(predicate, actOf(point, draft), draft.facts, policy).holds
}

/** True where some retention ground keeps the datum of a point; of one kind of grounds only, where `kind` is given. */
export function isKept({ policy, point }: Frame, draft: Draft, kind?: Retention['kind']): boolean {
  const kept = retained(policy, draft.facts, draft.now)
  const compartment = policy.fields.get(point.datum)?.compartment
  return kept.some(
    (row) =>
      (point.datum === PERSON || row.compartment === compartment) &&
      (kind === undefined || policy.retention.some((ground) => ground.id === row.ground && ground.kind === kind)),
  )
}
