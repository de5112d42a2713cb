import type { FieldKind } from './field-kind.ts'
import { normalisePersonName } from './person-name.ts'

/** The last so many characters of a number are told on the phone, or stand in a letter. */
const TAIL = 4

/** The form of a name that search compares: as people tell it apart, whatever its letters' case; ё is е. Null where it is no name. */
export function nameForm(value: string): string | null {
  const name = normalisePersonName(value)
  return name.ok ? name.value.normalize('NFC').toLowerCase().replaceAll('ё', 'е').replace(/\s+/g, ' ') : null
}

/**
 * What of a value narrows a search by surname, from the whole value or from what somebody told of it: the last four digits of a number,
 * the postcode of an address, a date however it is written, a name. Null where the kind, or this value, has none.
 */
export function besideForm(kind: FieldKind, value: string): string | null {
  switch (kind) {
    case 'person-name':
      return nameForm(value)
    case 'phone':
    case 'bank-account':
    case 'tax-id':
    case 'card-last4':
      return tail(value.replace(/\D/g, ''))
    case 'contract-number':
      return tail(value.toUpperCase().replace(/[^A-Z0-9]/g, ''))
    case 'postal-address':
      return /(?<!\d)\d{5,6}(?!\d)/.exec(value)?.[0] ?? null
    case 'text':
      return dateForm(value)
    case 'email':
    case 'bik':
    case 'payment-token':
    case 'access-addresses':
      return null
  }
}

/** True of kinds that have a form of which only so much tells, that nobody is found by it alone. */
export function narrows(kind: FieldKind): boolean {
  return !['email', 'bik', 'payment-token', 'access-addresses'].includes(kind)
}

function tail(signs: string): string | null {
  return signs.length < TAIL ? null : signs.slice(-TAIL)
}

/** `1980-03-12` and `12.03.1980` are one day. */
function dateForm(value: string): string | null {
  const [, year, month, day] = /^\s*(\d{4})-(\d{2})-(\d{2})\s*$/.exec(value) ?? []
  if (year !== undefined) return `${year}-${month ?? ''}-${day ?? ''}`
  const [, d, m, y] = /^\s*(\d{1,2})[./](\d{1,2})[./](\d{4})\s*$/.exec(value) ?? []
  return y === undefined ? null : `${y}-${(m ?? '').padStart(2, '0')}-${(d ?? '').padStart(2, '0')}`
}
