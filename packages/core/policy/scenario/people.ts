import type { Facts } from '../../base/index.ts'
import { touches } from '../compile.ts'
import type { Declarations } from '../model.ts'
import { type PolicyProblem, problemAt } from '../problem.ts'
import { hint } from '../reader.ts'
import type { Clock } from './moments.ts'
import type { WrittenFacts, WrittenPerson } from './written.ts'

/** The people that tests speak of by name. `nobody` is always among them: a person of whom nothing is held. */
export type People = ReadonlyMap<string, WrittenPerson>

/** Whom nobody needs to declare: a person who is unknown. */
const NOBODY = 'nobody'

const HOUR = 3_600_000

/** Gathers people by name; one named twice, or like nobody known, or like themselves in a circle, is a problem. */
export function gatherPeople(written: readonly WrittenPerson[], problems: PolicyProblem[]): People {
  const people = new Map<string, WrittenPerson>()
  for (const person of written) {
    if (people.has(person.id) || person.id === NOBODY) {
      problems.push(problemAt(person.at, `'${person.id}' is declared twice`))
    } else people.set(person.id, person)
  }
  for (const person of people.values()) {
    if (!knows(people, person, problems)) continue
    const seen = new Set<string>()
    for (let at: WrittenPerson | undefined = person; at !== undefined; at = people.get(at.like ?? '')) {
      if (seen.has(at.id)) {
        if (at.id === person.id) problems.push(problemAt(person.at, `'${person.id}' is like itself, in a circle`))
        break
      }
      seen.add(at.id)
    }
  }
  return people
}

/** True where whom these facts are like is known; else it is reported. */
export function knows(people: People, { like, at }: WrittenFacts, problems: PolicyProblem[]): boolean {
  if (like === undefined || people.has(like) || like === NOBODY) return true
  problems.push(problemAt(at, `unknown person '${like}'${hint(like, [...people.keys(), NOBODY])}`))
  return false
}

/**
 * The facts that are written, at the moment of `clock`; null for a person who is unknown. What neither the facts nor those
 * they are like speak of: all data are held, collected an hour ago and not confirmed, and nothing else is known.
 */
export function factsOf(policy: Declarations, people: People, written: WrittenFacts, clock: Clock): Facts | null {
  const all = whole(people, written)
  return all === null ? null : reckon(policy, all, clock)
}

/** The facts with what those they are like add; null where the last of them is nobody and nothing is added. */
function whole(people: People, written: WrittenFacts): WrittenFacts | null {
  if (written.like === undefined) return written
  const own = Object.entries(written).filter(([key, value]) => value !== undefined && key !== 'like')
  const base = people.get(written.like)
  if (base === undefined) return own.length > 1 ? { ...written, like: undefined } : null
  const below = whole(people, base)
  return { ...below, ...(Object.fromEntries(own) as unknown as WrittenFacts) }
}

function reckon(policy: Declarations, written: WrittenFacts, clock: Clock): Facts {
  const { now } = clock
  const data = written.data ?? 'all'
  const collectedAt = written.collected?.(clock) ?? now - HOUR
  return {
    state: written.state ?? 'live',
    held: [...(data === 'all' ? policy.compartments.keys() : data)].sort(),
    dying: [...(written.destroying ?? [])].sort(),
    collectedAt,
    confirmedAt: written.confirmed?.(clock) ?? null,
    proved: written.proved ?? [],
    blocked: written.blocked == null ? null : { since: now - HOUR, reason: written.blocked },
    contracts: (written.contracts ?? []).map((contract, i) => ({
      id: `contract-${i + 1}`,
      entity: contract.with,
      service: contract.for,
      since: contract.since?.(clock) ?? collectedAt,
      endedAt: contract.ended?.(clock) ?? null,
    })),
    consents: (written.consents ?? []).map((consent) => ({
      purpose: consent.for,
      entity: consent.to,
      since: consent.since?.(clock) ?? collectedAt,
      until: consent.until?.(clock) ?? null,
    })),
    consentEndedAt: written['consent-ended']?.(clock) ?? null,
    closed: closings(policy, written),
    opened: written.opened ?? [],
    ...(written.age === undefined ? {} : { age: written.age }),
    representatives: (written.representatives ?? []).map(({ kind, since, until }, i) => ({
      id: `representative-${i + 1}`,
      kind,
      since: since?.(clock) ?? collectedAt,
      until: until?.(clock) ?? null,
    })),
    hold: written.hold?.(clock) ?? null,
  }
}

function closings(policy: Declarations, written: WrittenFacts): Facts['closed'] {
  const closed: Record<string, readonly string[]> = {}
  for (const { data, for: purposes } of written.closed ?? []) {
    for (const field of fieldsOfData(policy, data)) {
      closed[field] = [...(closed[field] ?? []), ...(purposes === 'all' ? ['*'] : purposes)]
    }
  }
  return closed
}

/** The fields that names of categories, compartments and fields reach, in the policy's order. */
export function fieldsOfData(policy: Declarations, data: readonly string[]): readonly string[] {
  return [...policy.fields.keys()].filter((field) => touches(policy, { only: data }, field))
}
