import { dayAt, type Instant, type RequestKind, startOfDay } from '../base/index.ts'
import type { Law } from './law.ts'

/** What of a request tells whether it repeats another. */
export interface Asked {
  readonly kind: RequestKind
  readonly receivedAt: Instant
  /** The legal entity it was addressed to; null where to all of them. */
  readonly entity: string | null
}

/**
 * The moment from which the same may be asked again after `former`, where `later` came before it and asks for the same of the same: whoever answers
 * may refuse it then by the law's ground for that (152-FZ art. 14(4)-(6)). Whether it says what the former answer lacked, staff
 * read. The day after the receipt is day 1. Null where it repeats nothing, or the law has no such term.
 */
export function repeatedUntil({ profile, zone }: Law, former: Asked, later: Asked): Instant | null {
  const rule = profile.refusals.find(({ again }) => again?.kinds.includes(later.kind) === true)?.again
  if (rule === undefined || former.kind !== later.kind) return null
  if (former.entity !== null && former.entity !== later.entity) return null
  const { year, month, day } = dayAt(zone, former.receivedAt)
  const last = dayAt('UTC', Date.UTC(year, month - 1, day + rule.days + 1))
  const until = startOfDay(zone, last)
  return later.receivedAt >= former.receivedAt && later.receivedAt < until ? until : null
}
