import { applyEvent, newFacts, type PersonEvent } from '@doverie/core/consent'
import type { Facts, Instant } from '@doverie/core/base'

/** What was known of a person from one moment of change to the next. */
interface Stretch {
  /** The last instant of it: what happens at that very instant is not in it yet. */
  readonly last: Instant
  /** Null while the person had not begun. */
  readonly facts: Facts | null
}

/** A person's facts at every instant of a period, by the events that are kept of them. */
export interface Timeline {
  /** In order; empty where nothing happened. */
  readonly past: readonly Stretch[]
  /** From the last change on. */
  readonly current: Facts
}

/**
 * Folds a person's events into the facts before each moment since `from`. After the last of them the stored facts count: what
 * happened in one millisecond is told in no order.
 */
export function timelineOf(current: Facts, events: readonly PersonEvent[], from: Instant): Timeline {
  const past: Stretch[] = []
  let facts: Facts | null = null
  let moment = Number.NEGATIVE_INFINITY
  for (const event of events) {
    if (event.at > moment) {
      if (event.at >= from) past.push({ last: event.at, facts })
      moment = event.at
    }
    facts = applyEvent(facts ?? newFacts(current.collectedAt), event)
  }
  return { past, current }
}

/** The facts as an act at `at` found them: a change is decided by what was known before it. */
export function factsBefore({ past, current }: Timeline, at: Instant): Facts | null {
  for (const { last, facts } of past) if (at <= last) return facts
  return current
}
