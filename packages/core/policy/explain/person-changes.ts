import type { Words } from '../prove/words.ts'
import { withAct, withFacts } from './case.ts'
import type { Bench, Change, Said } from './change.ts'

export const CONFIRMED: Said = {
  holds: { ru: 'данные подтверждены', en: 'the data are confirmed' },
  fails: { ru: 'данные не подтверждены', en: 'the data are not confirmed' },
}
export const CONFIRM: Change = {
  id: 'confirm',
  says: { ru: 'подтверждение данных', en: 'confirmation of the data' },
  apply: (one) => withFacts(one, (_, now) => ({ confirmedAt: now })),
}
export const UNCONFIRM: Change = {
  id: 'unconfirm',
  says: { ru: 'отсутствие подтверждения данных', en: 'the data not confirmed' },
  apply: (one) => withFacts(one, (_, now) => ({ confirmedAt: null, collectedAt: now })),
}
export const UNBLOCK: Change = {
  id: 'unblock',
  says: { ru: 'снятие блокировки', en: 'the block lifted' },
  apply: (one) => withFacts(one, () => ({ blocked: null })),
}
export const REPRESENTED: Said = {
  holds: { ru: 'полномочия представителя проверены', en: "a representative's authority is verified" },
  fails: {
    ru: 'представителя с проверенными полномочиями нет',
    en: 'there is no representative with verified authority',
  },
}
export const UNREPRESENT: Change = {
  id: 'unrepresent',
  says: { ru: 'отсутствие представителя', en: 'no representative' },
  apply: (one) => withFacts(one, () => ({ representatives: [] })),
}
export const HAND_TO_NOBODY: Change = {
  id: 'recipient',
  says: { ru: 'отказ от передачи этому получателю', en: 'no hand-over to this recipient' },
  apply: ({ act: { recipient, ...act }, facts }) => ({ act, facts }),
}

export function represent({ act }: Bench): Change {
  const id = act.actor.kind === 'representative' && act.actor.name !== '' ? act.actor.name : 'representative'
  return {
    id: 'represent',
    says: { ru: 'представитель с проверенными полномочиями', en: 'a representative with verified authority' },
    // A guardian may act for a minor and for an adult alike.
    apply: (one) =>
      withFacts(one, (_, now) => ({ representatives: [{ id, kind: 'guardian', since: now, until: null }] })),
  }
}

export function age(band: 'minor' | 'adult', says: Words): Change {
  return { id: `age ${band}`, says, apply: (one) => withFacts(one, () => ({ age: band })) }
}

export function ticket(given: boolean, says: Words): Change {
  return { id: 'ticket', says, apply: (one) => withAct(one, { ticket: given }) }
}

export function identifierWords(identifier: string): Words {
  return identifier === 'email'
    ? { ru: 'адрес почты', en: 'the e-mail address' }
    : { ru: 'номер телефона', en: 'the phone number' }
}
