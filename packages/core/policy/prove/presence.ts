import { type Declarations, PERSON } from '../model.ts'
import type { Draft, Point } from './witness.ts'
import type { Words } from './words.ts'

/** Whether there are data to act on. The first value is: there are. */
export interface Presence {
  readonly id: 'there' | 'unknown' | 'destroying' | 'destroyed' | 'not-held' | 'dying'
  readonly says: Words
  readonly set: (draft: Draft) => void
}

const THERE: Presence = {
  id: 'there',
  says: { ru: 'данные есть', en: 'the data are there' },
  set: () => {
    // As a blank witness has them.
  },
}

const OF_PERSON: readonly [Presence, ...Presence[]] = [
  THERE,
  {
    id: 'unknown',
    says: { ru: 'человек не известен', en: 'the person is unknown' },
    set: (draft) => {
      draft.known = false
    },
  },
  {
    id: 'destroying',
    says: { ru: 'данные человека уничтожаются', en: 'the data of the person are being destroyed' },
    set: ({ facts }) => {
      facts.state = 'destroying'
    },
  },
  {
    id: 'destroyed',
    says: { ru: 'данные человека уничтожены', en: 'the data of the person are destroyed' },
    set: ({ facts }) => {
      facts.state = 'destroyed'
    },
  },
]

/** All values for a point; of single fields, also that their compartment holds nothing, or is being destroyed. */
export function presences(policy: Declarations, { datum }: Point): readonly [Presence, ...Presence[]] {
  const compartment = policy.fields.get(datum)?.compartment
  if (datum === PERSON || compartment === undefined) return OF_PERSON
  return [
    ...OF_PERSON,
    {
      id: 'not-held',
      says: { ru: 'таких данных у нас нет', en: 'no such data are held' },
      set: ({ facts }) => {
        facts.held = facts.held.filter((one) => one !== compartment)
      },
    },
    {
      id: 'dying',
      says: { ru: 'эти данные уничтожаются', en: 'these data are being destroyed' },
      set: ({ facts }) => {
        facts.dying = [compartment]
      },
    },
  ]
}
