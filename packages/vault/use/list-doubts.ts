import { DoverieError, type Uuid } from '@doverie/core/base'
import { type Doubt, doubtful, unlisted } from '@doverie/core/policy'
import type { Caller } from '../guard/caller.ts'
import type { Vault } from '../guard/vault.ts'
import { listSubjects, loadFacts } from '../store/subjects.ts'
import { assertOfficer } from './duties.ts'

const PAGE = 1_000
const FIRST: Uuid = '00000000-0000-0000-0000-000000000000'

export interface DoubtList {
  readonly doubts: readonly (Doubt & { readonly subject: Uuid })[]
  /** People of whom it is not known which fields they hold: written before it was noted, until their keys are rotated. */
  readonly unlisted: number
  /** Whom to go on after; null where everybody was looked through. */
  readonly next: Uuid | null
}

/**
 * Looks through the next thousand people for data that may be excess, inaccurate or outdated, for the data-protection officer: no value
 * is opened, and nothing is done about it. Throws `policy-absent`, `forbidden`.
 */
export async function listDoubts(vault: Vault, caller: Caller, after: Uuid = FIRST): Promise<DoubtList> {
  assertOfficer(vault, caller)
  const policy = vault.policy()
  if (policy === null) throw new DoverieError('policy-absent')
  const now = vault.now()
  const subjects = await listSubjects(vault.data, after, PAGE)
  const known = await loadFacts(vault.data, subjects)
  const doubts = subjects.flatMap((subject) => {
    const facts = known.get(subject)?.facts
    return facts === undefined ? [] : doubtful(policy, facts, now).map((doubt) => ({ subject, ...doubt }))
  })
  const unknown = [...known.values()].filter(({ facts }) => unlisted(facts).length > 0)
  return { doubts, unlisted: unknown.length, next: subjects.length < PAGE ? null : (subjects.at(-1) ?? null) }
}
