import type { Contract, Instant } from '../../base/index.ts'
import { holds, isKept } from './conditions.ts'
import type { Making } from './value.ts'
import { blank, DAY, type Frame } from './witness.ts'
import { say, type Words, wordsOf } from './words.ts'

/** A contract a witness may have, and what it is in words. */
interface Part {
  readonly contract: (now: Instant) => Contract
  readonly says: Words
}

/** Contracts, and what they mean together: a bit for every predicate that they make true, and one for keeping the datum. */
interface Held {
  readonly meaning: number
  readonly parts: readonly Part[]
}

/**
 * Sets of contracts, one for each thing that contracts can mean together. What a set means is the union of what its parts
 * mean (a predicate holds as soon as one contract makes it hold), so sets are grown until no new meaning comes.
 */
export function contractValues(frame: Frame): readonly Making[] {
  const meaningOf = meanings(frame)
  const none: Held = { meaning: meaningOf([]), parts: [] }
  const single = new Map<number, Held>()
  for (const part of partsOf(frame)) {
    const meaning = meaningOf([part])
    if (!single.has(meaning)) single.set(meaning, { meaning, parts: [part] })
  }
  const sets = new Map<number, Held>([[none.meaning, none]])
  for (const one of single.values()) {
    for (const set of [...sets.values()]) {
      const meaning = set.meaning | one.meaning
      const known = sets.get(meaning)
      if (known !== undefined && known.parts.length <= set.parts.length + 1) continue
      sets.set(meaning, { meaning, parts: [...set.parts, ...one.parts] })
    }
  }
  return [...sets.values()].map(({ parts }) => ({
    weight: parts.length,
    says:
      parts.length === 0
        ? { ru: 'договоров нет', en: 'there are no contracts' }
        : say((language) => parts.map(({ says }) => says[language]).join('; ')),
    set: ({ facts, now }) => {
      facts.contracts = parts.map(({ contract }) => contract(now))
    },
  }))
}

/** Which of the frame's predicates contracts make true, and whether they keep the datum, as bits. */
function meanings(frame: Frame): (parts: readonly Part[]) => number {
  const asked = frame.asks.filter((one) => ('kind' in one ? one.kind === 'contract' : one.is === 'contract-for'))
  return (parts) => {
    const draft = blank(frame.policy)
    draft.facts.contracts = parts.map(({ contract }) => contract(draft.now))
    let meaning = 0
    for (const [i, predicate] of asked.entries()) {
      if (holds(frame, predicate, draft) === (predicate.is === 'without-ground')) continue
      meaning |= 2 << i
    }
    const asksKept = frame.asks.some(({ is }) => is === 'not-retained')
    return asksKept && isKept(frame, draft, 'contract') ? meaning | 1 : meaning
  }
}

/** Every service with every entity that offers it: in force, and ended a day ago. */
function partsOf({ policy, point }: Frame): readonly Part[] {
  const parts: Part[] = []
  // The act's own entity first: of contracts that mean the same the nearest is told.
  const entities = [point.entity, ...[...policy.entities.keys()].filter((id) => id !== point.entity)]
  for (const entity of entities) {
    const company = wordsOf(policy.entities.get(entity)?.label, entity)
    for (const service of policy.services.values()) {
      if (!service.entities.includes(entity)) continue
      const label = wordsOf(service.label, service.id)
      for (const ended of [false, true]) {
        const id = `00000000-0000-4000-8001-${String(parts.length).padStart(12, '0')}`
        parts.push({
          contract: (now) => ({
            id,
            entity,
            service: service.id,
            since: now - 2 * DAY,
            endedAt: ended ? now - DAY : null,
          }),
          says: ended
            ? {
                ru: `договор на услугу «${label.ru}» (${company.ru}) вчера закончился`,
                en: `a contract for “${label.en}” (${company.en}) ended yesterday`,
              }
            : {
                ru: `есть договор на услугу «${label.ru}» (${company.ru})`,
                en: `there is a contract for “${label.en}” (${company.en})`,
              },
        })
      }
    }
  }
  return parts
}
