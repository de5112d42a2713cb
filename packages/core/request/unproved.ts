import { dayAt, type Instant, instantOf } from '../base/index.ts'
import type { Law } from './law.ts'
import { stepsFrom } from './machine.ts'
import { type Request, UNPROVED } from './request.ts'
import { earliest } from './track.ts'

const NOON = 12 * 3_600_000

/**
 * When whoever has not shown who they are is refused, if nobody does it before: at noon of the last day of the clock that the operator plans
 * by, where the operator is, which leaves an afternoon to post what is printed. It has no other moment: the law's reasoned refusal
 * (152-FZ art. 20(2)) comes inside the same clock. Null where nobody is to be refused for that: what may go on without a proof, staff decide.
 */
export function unprovedAt({ zone }: Law, { kind, state, refusal, tracks }: Request): Instant | null {
  const waits = state === 'identifying' && !stepsFrom(kind, state).includes('identity-waived')
  const refusing = refusal === UNPROVED && (state === 'refusing' || state === 'lifting-refused')
  const first = waits || refusing ? earliest(tracks) : null
  return first === null ? null : instantOf(zone, dayAt(zone, first.planned - 1), NOON)
}
