import { bankAccountMatchesBik } from '@doverie/core/policy'
import type { CanaryMint } from './canaries.ts'
import type { Random } from './random.ts'

/** A value as somebody types it, and the one form in which it must come back. */
export interface Given {
  readonly typed: string
  readonly kept: string
}

/** A Russian mobile number, typed in one of the ways people type it. */
export function russianPhone(mint: CanaryMint, random: Random, field: string, person: number): Given {
  const code = random.pick(['903', '905', '909', '910', '915', '916', '917', '925', '926', '985'])
  const own = mint.unwatchedDigits(7)
  const [a, b, c] = [own.slice(0, 3), own.slice(3, 5), own.slice(5)]
  const typed = random.pick([
    `8 (${code}) ${a}-${b}-${c}`,
    `+7 ${code} ${a} ${b} ${c}`,
    `8${code}${own}`,
    `+7-${code}-${a}-${b}-${c}`,
    `${code} ${a}-${b}-${c}`,
  ])
  mint.watch(`${code}${own}`, field, person)
  if (/\D/.test(typed.slice(2))) mint.watch(typed, field, person)
  return { typed, kept: `+7${code}${own}` }
}

/** A British mobile number. */
export function britishPhone(mint: CanaryMint, random: Random, field: string, person: number): Given {
  const code = random.pick(['7400', '7415', '7520', '7777', '7950'])
  const own = mint.unwatchedDigits(6)
  mint.watch(`${code}${own}`, field, person)
  const typed = random.pick([
    `+44 ${code} ${own}`,
    `+44${code}${own}`,
    `+44 (0)${code} ${own.slice(0, 3)} ${own.slice(3)}`,
  ])
  return { typed, kept: `+44${code}${own}` }
}

/** A bank's BIK and an account in it whose control key agrees. */
export function bankDetails(
  mint: CanaryMint,
  random: Random,
  person: number,
): { readonly bik: Given; readonly account: Given } {
  const bik = `04${mint.unwatchedDigits(4)}${100 + random.int(900)}`
  mint.watch(bik, 'bank-bik', person)
  const own = mint.unwatchedDigits(11)
  const account = Array.from({ length: 10 }, (_, key) => `40817810${key}${own}`).find((text) =>
    bankAccountMatchesBik(bik, text),
  )
  if (account === undefined) throw new Error('no control key fits')
  mint.watch(account, 'bank-account', person)
  const spaced = account.replace(/(.{5})(.{3})(.)(.{4})(.*)/, '$1 $2 $3 $4 $5')
  return { bik: plain(bik), account: { typed: random.chance(30) ? spaced : account, kept: account } }
}

/** A person's taxpayer number with its two check digits. */
export function taxId(mint: CanaryMint, person: number): Given {
  let id = `77${mint.unwatchedDigits(8)}`
  for (const weights of [
    [7, 2, 4, 10, 3, 5, 9, 4, 6, 8],
    [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8],
  ]) {
    const sum = weights.reduce((total, weight, i) => total + weight * Number(id[i]), 0)
    id += String((sum % 11) % 10)
  }
  mint.watch(id, 'tax-id', person)
  return plain(id)
}

/** Two addresses that a server may be reached from: one of the documentation's, and a network of one's own. */
export function accessAddresses(mint: CanaryMint, random: Random, person: number): Given {
  const group = (): string => (0x1000 + random.int(0xefff)).toString(16)
  const network = `2001:db8:${group()}:${group()}::/64`
  mint.watch(network, 'access-addresses', person)
  const typed = `203.0.113.${random.int(256)} ; ${network.toUpperCase()}`
  return { typed, kept: typed.replace(' ; ', ', ').toLowerCase() }
}

/** A payment provider's token. */
export function paymentToken(mint: CanaryMint, person: number): Given {
  const token = mint.word('latin', 'payment-token', person) + mint.word('latin', 'payment-token', person)
  return plain(`yookassa:${token}`)
}

/** A value that is kept as it is typed. */
export function plain(text: string): Given {
  return { typed: text, kept: text }
}
