import { normaliseContractNumber } from './contract-number.ts'
import { normaliseEmail } from './email.ts'
import type { Normalised } from './field-kind.ts'
import { normalisePhone } from './phone.ts'

/** The kinds by which a person can be found alone. */
export type IndexedKind = 'email' | 'phone' | 'contract-number'

/**
 * The form that exact search compares, from a value typed or stored; null where it is none of its kind. Mailboxes that
 * differ in case only are one here: no provider tells them apart, and people do not either.
 */
export function indexForm(kind: IndexedKind, value: string): string | null {
  switch (kind) {
    case 'email': {
      const email = valueOf(normaliseEmail(value))
      return email === null ? null : email.toLowerCase().normalize('NFC')
    }
    case 'phone':
      return valueOf(normalisePhone(value))
    case 'contract-number':
      return valueOf(normaliseContractNumber(value))
  }
}

function valueOf(result: Normalised): string | null {
  return result.ok ? result.value : null
}
