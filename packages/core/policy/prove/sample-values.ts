import type { FieldKind } from '../values/index.ts'

/** A short sound value of every kind, so that submissions can be made up. The account is one of the bank. */
export const SAMPLES: Readonly<Record<FieldKind, string>> = {
  'person-name': 'Анна',
  email: 'a@example.ru',
  phone: '+7 495 123-45-67',
  'postal-address': 'Тверь, ул. Мира, 1',
  text: 'да',
  bik: '044525225',
  'bank-account': '40702810938000000001',
  'payment-token': 'tok_1f9Kq2Lz8mN4',
  'card-last4': '4242',
  'tax-id': '7707083893',
  'access-addresses': '192.0.2.1',
  'contract-number': 'AB-1234',
}
