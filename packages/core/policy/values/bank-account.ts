import { ok } from '../../base/index.ts'
import { cleanText } from './clean-text.ts'
import { invalid, type Normalised } from './field-kind.ts'

/** A Russian bank account: 20 digits, typed with or without spaces. Its key is checked against the BIK apart. */
export function normaliseBankAccount(raw: unknown): Normalised {
  const clean = cleanText(raw, { max: 40 })
  if (!clean.ok) return clean
  const account = clean.value.replaceAll(' ', '')
  return /^[0-9]{20}$/.test(account) ? ok(account) : invalid('must be 20 digits')
}

/**
 * True where the control key of an account agrees with the bank's BIK (Bank of Russia, "Порядок расчета контрольного ключа
 * в номере лицевого счета", No. 515 of 8 September 1997). An account in a bank is prefixed with the last three digits of
 * the BIK; a correspondent account (301...), the treasury's single account (40102...), and any account in a division of the
 * Bank of Russia itself (BIK on 000, 001, 002), with 0 and the BIK's fifth and sixth digits. The treasury's own accounts,
 * which begin with 0, carry no such key: any agrees. False for anything that is not a BIK and 20 digits.
 */
export function bankAccountMatchesBik(bik: string, account: string): boolean {
  if (!/^0[0-9]{8}$/.test(bik) || !/^[0-9]{20}$/.test(account)) return false
  if (account.startsWith('0')) return /^0[01]/.test(bik)
  const atCentralBank = /^(?:301|40102)/.test(account) || /00[0-2]$/.test(bik)
  const prefix = atCentralBank ? `0${bik.slice(4, 6)}` : bik.slice(6)
  return keySum(prefix + account) % 10 === 0
}

function keySum(digits: string): number {
  const weights = [7, 1, 3]
  let sum = 0
  for (let i = 0; i < digits.length; i++) sum += ((digits.charCodeAt(i) - 48) * (weights[i % 3] ?? 0)) % 10
  return sum
}
