import { DoverieError, type Localised } from '../../base/index.ts'
import { decide } from '../decide.ts'
import type { Policy } from '../policy.ts'
import { type PolicyProblem, problemAt } from '../problem.ts'
import { barredWithin, within } from './acts.ts'
import { tell } from './counter-example.ts'
import type { Region } from './invariant.ts'
import { judgeForms } from './judge-forms.ts'
import { lightestBreach, predicatesOf, someSituation } from './judge-invariant.ts'
import { sizeOf, type SpaceSize } from './size.ts'
import { type Space, spaceOf } from './space.ts'
import { actOf, blank, factsOf, type Point } from './witness.ts'
import type { Words } from './words.ts'

/** One invariant of a bundle, judged. */
export interface Proved {
  readonly id: string
  readonly clauses: readonly string[]
  readonly says: Localised
  /** The smallest counter-example in plain words; null where the invariant holds everywhere. */
  readonly counterExample: Words | null
}

/** What the proof of a bundle found. */
export interface Proof {
  readonly invariants: readonly Proved[]
  readonly size: SpaceSize
  /** How many kinds of acts that some rule permits the rules tell apart. */
  readonly classes: number
  /** How many witnesses the real `decide` and `checkSubmission` judged. */
  readonly judged: number
  /** Every false invariant, and every one that speaks of nothing, with its place. Empty where all is proved. */
  readonly problems: readonly PolicyProblem[]
}

/**
 * Proves the invariants of a bundle over its whole decision space: the space is parted into classes that no predicate
 * of any rule or invariant tells apart further, and a witness of every class is put to `decide` itself.
 */
export function provePolicy(policy: Policy): Proof {
  const space = spaceOf(policy)
  for (const act of space.acts.classes) space.table(act)
  let others = checkBarred(space)
  const problems: PolicyProblem[] = []
  const invariants = policy.invariants.map((invariant): Proved => {
    const { id, at, clauses, says, claim } = invariant
    let counterExample: Words | null = null
    let idle = false
    if (claim.kind === 'never-collects') {
      const found = judgeForms(policy, claim.region)
      others += found.submissions
      counterExample = found.breach?.says ?? null
      idle = found.idle
    } else {
      const breach = lightestBreach(claim, space)
      counterExample = breach === null ? null : tell(policy, claim, breach)
      const facts = 'facts' in claim ? claim.facts : []
      idle = breach === null && isIdle({ ...claim.region, when: [...claim.region.when, ...facts.slice(0, 1)] }, space)
    }
    if (counterExample !== null) problems.push(problemAt(at, falseMessage(id, counterExample), clauses))
    else if (idle) {
      problems.push(problemAt(at, `the invariant '${id}' speaks of nothing: no act and no person is such`, clauses))
    }
    return { id, clauses, says, counterExample }
  })
  const asked = [...policy.index.predicates, ...policy.invariants.flatMap(({ claim }) => predicatesOf(claim))]
  return {
    invariants,
    size: sizeOf(policy, asked),
    classes: space.acts.classes.length,
    judged: space.decisions() + others,
    problems,
  }
}

function falseMessage(id: string, { ru, en }: Words): string {
  return `the invariant '${id}' is false: ${en} / Инвариант неверен: ${ru}`
}

/** What no rule permits is refused, of a person whose data are there; anything else is a fault of the program. */
function checkBarred({ policy, acts }: Space): number {
  const judged = new Set<string>()
  for (const { act, data } of acts.barred) {
    for (const { datum, rules } of data) {
      if (judged.has(rules)) continue
      judged.add(rules)
      const draft = { ...blank(policy), ticket: true }
      if (decide(policy, actOf({ ...act, datum }, draft), factsOf(draft)).effect === 'refuse') continue
      throw new DoverieError('internal', 'an act that no rule permits is permitted')
    }
  }
  return judged.size
}

/** True where no act of the space, of no person, lies in a region: then it would hold whatever the rules say. */
function isIdle(region: Region, { policy, acts }: Space): boolean {
  const asks = [...region.when, ...region.unless]
  // Points differ for conditions in these ways only, so one of each kind is tried.
  const tried = new Set<string>()
  const isSuch = (point: Point): boolean => {
    const { actor, operation, entity, datum } = point
    const kind = [actor.kind === 'representative', operation.startsWith('transfer:'), entity, datum].join(' ')
    if (tried.has(kind)) return false
    tried.add(kind)
    return someSituation(region, { policy, point, asks }) !== null
  }
  for (const { points } of acts.classes)
    if (points.some((one) => within(policy, region, one) && isSuch(one))) return false
  for (const point of barredWithin(policy, region, acts.barred)) if (isSuch(point)) return false
  return true
}
