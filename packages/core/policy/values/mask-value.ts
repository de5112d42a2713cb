import type { FieldKind } from './field-kind.ts'
import { parsePhone } from './phone.ts'

const HIDDEN = '***'
/** Longer values are hidden whole: nothing canonical of a kind that shows its ends is as long. */
const SHOWN_MAX = 320

/**
 * What a list of candidates shows of a value: enough for staff to know again whom they speak with, not enough to learn
 * whom. The length is hidden too. A value that is not of its kind is hidden whole; never throws.
 */
export function maskValue(kind: FieldKind, value: string): string {
  if (value.length > SHOWN_MAX) return HIDDEN
  switch (kind) {
    case 'person-name':
      return maskWord(value)
    case 'email': {
      const at = value.lastIndexOf('@')
      return at < 1 ? HIDDEN : `${firstLetter(value.slice(0, at))}${HIDDEN}${value.slice(at)}`
    }
    case 'phone': {
      const phone = parsePhone(value)
      return phone === undefined || phone.nationalNumber.length < 5
        ? HIDDEN
        : `+${phone.countryCallingCode} *** *** ** ${phone.nationalNumber.slice(-2)}`
    }
    case 'contract-number':
    case 'bank-account':
    case 'tax-id':
      return value.length < 8 ? HIDDEN : `${HIDDEN}${value.slice(-2)}`
    case 'card-last4':
    case 'bik':
    case 'payment-token':
    case 'postal-address':
    case 'text':
    case 'access-addresses':
      return HIDDEN
  }
}

/** First and last letter; of two or three letters only the first, of one none. */
function maskWord(name: string): string {
  const letters = name.match(/\p{L}\p{M}*/gu) ?? []
  if (letters.length < 2) return HIDDEN
  return `${letters[0] ?? ''}${HIDDEN}${letters.length > 3 ? (letters.at(-1) ?? '') : ''}`
}

function firstLetter(text: string): string {
  return /^\P{M}\p{M}*/u.exec(text)?.[0] ?? ''
}
