import { type Instant, isDoverieError, type Uuid } from '@doverie/core/base'
import { groundless, lapsed, type Policy } from '@doverie/core/policy'
import { countTerm, lawOf } from '@doverie/core/request'
import type { Caller, ServiceCaller } from '../guard/caller.ts'
import type { Vault } from '../guard/vault.ts'
import { exclusively } from '../store/exclusive.ts'
import { findPause } from '../store/restored.ts'
import { listMatters } from '../store/matters.ts'
import { countPlan, deletePlan, listDue, listDueOf, listPlan, type PlannedDestruction, replan } from '../store/plans.ts'
import { listSubjects, loadFacts } from '../store/subjects.ts'
import { destroyData } from './destroy-data.ts'
import { assertOfficer } from './duties.ts'

export type { PlannedDestruction }

const PAGE = 1_000
const LISTED = 200
const DAY = 86_400_000
const FIRST: Uuid = '00000000-0000-0000-0000-000000000000'
const NOBODY: Uuid = FIRST
/** More than an hour has people for: what is due is not limited like what a credential reaches. */
const EVERYBODY = 2_147_483_647
/** The law's clock for data that nothing keeps any more (152-FZ art. 21(4)). */
const CLOCK = 'purpose-reached'

/**
 * Looks through everybody and plans the destruction of what no law, contract or consent keeps: after `days` from now, and a day before
 * the law's term at the latest. What a new ground keeps again is planned no more. Destroys nothing. Nothing is planned of whom a
 * legal hold keeps, of whom a request is open or a disputed submission waits for staff, nor while no policy is in force.
 */
export async function planDestructions(
  vault: Vault,
  days: number,
): Promise<{ readonly people: number; readonly planned: number; readonly dropped: number }> {
  const policy = vault.policy()
  const found = { people: 0, planned: 0, dropped: 0 }
  if (policy === null) return found
  const now = vault.now()
  const moments = momentsOf(policy, now, days)
  for (let after = FIRST; ; ) {
    const subjects = await listSubjects(vault.data, after, PAGE)
    const last = subjects.at(-1)
    if (last === undefined) return found
    const known = await loadFacts(vault.data, subjects)
    const matters = await listMatters(vault.data, subjects)
    const wanted = subjects.flatMap((subject) => {
      const facts = known.get(subject)?.facts
      if (facts === undefined || (facts.hold ?? null) !== null || matters.has(subject)) return []
      const because = lapsed(policy, facts, now)
      return groundless(policy, facts, now).map((compartment) => ({ subject, compartment, because }))
    })
    const { planned, dropped } = await replan(vault.data, subjects, wanted, moments)
    found.people += subjects.length
    found.planned += planned
    found.dropped += dropped
    after = last
  }
}

function momentsOf(
  policy: Policy,
  now: Instant,
  days: number,
): Pick<PlannedDestruction, 'since' | 'plannedAt' | 'dueAt'> {
  const law = lawOf(policy.profile ?? 'ru-152fz', policy.zone)
  const clock = law.profile.clocks.find(({ id }) => id === CLOCK)
  const dueAt = clock === undefined ? now + days * DAY : countTerm(law, clock, now).outer.at
  return { since: now, plannedAt: Math.max(now, Math.min(now + days * DAY, dueAt - DAY)), dueAt }
}

/** What a run destroyed, and what stayed: a refusal (a hold set since), or a fault, of which the first is thrown at the end. */
export interface CarriedOut {
  readonly people: number
  readonly refused: number
}

/**
 * Destroys what is planned for now, in the name of the policy's keeper: each is decided by the policy and stands in the ledger and in
 * the register like any other. INVARIANT: what a ground keeps again by then stays; it is asked under the person's lock.
 */
export async function carryOutPlans(vault: Vault): Promise<CarriedOut> {
  const policy = vault.policy()
  const done = { people: 0, refused: 0 }
  if (policy === null) return done
  const now = vault.now()
  const { keeper } = policy.system
  if (keeper === null) return done
  const caller = keeperOf(policy, keeper)
  const faults: unknown[] = []
  for (let after = FIRST; ; ) {
    const subjects = await listDue(vault.data, now, after, PAGE)
    const last = subjects.at(-1)
    if (last === undefined) break
    for (const subject of subjects) {
      try {
        if (await carryOut(vault, policy, caller, subject)) done.people += 1
        else done.refused += 1
      } catch (error) {
        // Somebody gave a ground meanwhile: the next look plans anew.
        if (isDoverieError(error, 'conflict')) done.refused += 1
        else faults.push(error)
      }
    }
    after = last
  }
  if (faults.length > 0) throw faults[0]
  return done
}

async function carryOut(vault: Vault, policy: Policy, caller: ServiceCaller, subject: Uuid): Promise<boolean> {
  if ((await listMatters(vault.data, [subject])).size > 0) return false
  const now = vault.now()
  const planned = await listDueOf(vault.data, subject, now)
  const facts = (await loadFacts(vault.data, [subject])).get(subject)?.facts
  const free = facts === undefined ? [] : groundless(policy, facts, now)
  const compartments = planned.filter((name) => free.includes(name))
  // Planned no more: the next look takes it out of the plan.
  if (facts === undefined || compartments.length === 0) return false
  const whole = facts.held.every((name) => compartments.includes(name))
  const entity = [...policy.entities.keys()][0] ?? ''
  const request = { subject, entity, compartments: whole ? null : compartments, groundless: true }
  const { destroyed } = await destroyData(vault, caller, request)
  if (destroyed === undefined) return false
  await deletePlan(vault.data, subject, compartments)
  return true
}

/** What a look at retention came to. */
export interface Retention extends CarriedOut {
  readonly planned: number
  readonly dropped: number
  /** Compartments whose term by law ends while nothing planned is carried out: an officer is to look. */
  readonly late: number
}

/**
 * What a server does about retention from time to time, one process at a time: plans, and (unless `days` is 0) destroys what is planned
 * for now. Null where another process is at it. In the pause after a restore it only plans: a ground of after the backup is unknown
 * here, and a better backup may bring it back.
 */
export function keepRetention(vault: Vault, days: number): Promise<Retention | null> {
  return exclusively(vault.keys, 'retention', async () => {
    const { planned, dropped } = await planDestructions(vault, days)
    const pause = await findPause(vault.data, vault.now())
    const done = days === 0 || pause !== null ? { people: 0, refused: 0 } : await carryOutPlans(vault)
    const late = pause === null ? 0 : (await countPlan(vault.data, vault.now(), pause.until)).late
    return { planned, dropped, ...done, late }
  })
}

/** In whose name what is due of itself is done, decided by the rules like anybody's act. */
function keeperOf(policy: Policy, name: string): ServiceCaller {
  return {
    kind: 'service',
    name,
    credential: NOBODY,
    entities: [...policy.entities.keys()],
    purposes: [policy.system.law],
    peoplePerHour: EVERYBODY,
  }
}

/** A part of the plan as its officer is shown it. */
export interface ShownDestruction extends PlannedDestruction {
  /** Carried out from then on: the planned moment, or the end of a pause. */
  readonly goesAt: Instant
  /** True where by then the law's term is over. */
  readonly late: boolean
}

/** What is going to be destroyed, the soonest first, for the data-protection officer: a page after a place in that order. */
export async function listPlannedDestructions(
  vault: Vault,
  caller: Caller,
  after: Pick<PlannedDestruction, 'plannedAt' | 'subject'> | null = null,
): Promise<readonly ShownDestruction[]> {
  assertOfficer(vault, caller)
  const pause = await findPause(vault.data, vault.now())
  return (await listPlan(vault.data, after, LISTED)).map((one) => {
    const goesAt = Math.max(one.plannedAt, pause?.until ?? 0)
    return { ...one, goesAt, late: goesAt >= one.dueAt }
  })
}
