import type { Vault } from '../guard/vault.ts'

/** Digits and letters that are not taken for one another, told over a telephone. */
const SIGNS = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'
const GROUPS = 5
const LONG = 5

/** A password of a document, 125 random bits in groups (`7KQ2M-…`): beyond guessing, whatever the format does to slow it down. */
export function passwordOf(vault: Pick<Vault, 'random'>): string {
  const bytes = vault.random(GROUPS * LONG)
  const signs = [...bytes].map((byte) => SIGNS.charAt(byte % SIGNS.length))
  return Array.from({ length: GROUPS }, (_, at) => signs.slice(at * LONG, (at + 1) * LONG).join('')).join('-')
}
