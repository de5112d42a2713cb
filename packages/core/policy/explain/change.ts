import type { Act } from '../decision.ts'
import type { Policy } from '../policy.ts'
import type { Words } from '../prove/words.ts'
import type { Case } from './case.ts'

/** Something that could be otherwise: in words, as a thing that would have to be there, and as what it does to a case. */
export interface Change {
  /** Changes of one id are one and the same. */
  readonly id: string
  readonly says: Words
  readonly apply: (one: Case) => Case
}

/** What levers are pulled on: a policy, and an act that is asked about. */
export interface Bench {
  readonly policy: Policy
  readonly act: Act
}

/** A predicate in words, where it holds and where it does not. */
export interface Said {
  readonly holds: Words
  readonly fails: Words
}

export function swap({ holds, fails }: Said): Said {
  return { holds: fails, fails: holds }
}

export const DAY = 86_400_000

export function days(milliseconds: number): Words {
  const count = milliseconds / DAY
  return { ru: `${count} дн.`, en: `${count} day${count === 1 ? '' : 's'}` }
}
