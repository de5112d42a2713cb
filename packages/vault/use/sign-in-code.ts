import type { Instant } from '@doverie/core/base'
import { indexForm } from '@doverie/core/policy'
import { sameMac } from '../guard/mac.ts'
import { guessable, hidden, revealed } from '../guard/passing.ts'
import type { Vault } from '../guard/vault.ts'
import { countSignIns, findLongCode, lockMailbox } from '../store/access.ts'
import type { Queryable } from '../store/database.ts'
import { sharePassingEpoch } from '../store/passing.ts'

/** A code is good for this long (NIST SP 800-63B asks for at most ten minutes). */
const CODE_TERM = 10 * 60_000
/** So many codes of six digits are made for one mailbox in a day, those that served not counted. */
const SHORT_CODES = 10
const DAY = 24 * 3_600_000
/** A long code goes with every request while it is good for at least this long: then, a letter goes again. */
const SHARED_TERM = 5 * 60_000
/** Base 32 as Crockford has it: no I, L, O, U. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** What a new sign-in is to be kept as, and what its letter tells. */
export interface NextCode {
  readonly kind: 'subject' | 'subject-long'
  /** Both as they are kept, under the epoch's key. */
  readonly target: Buffer
  readonly codeHash: Buffer
  readonly epoch: number
  readonly expiresAt: Instant
  /** True where a letter goes: false while the one sent before tells the same code. */
  readonly sends: boolean
  readonly code: string
}

/**
 * The code for a mailbox's next sign-in. Anybody may ask for codes to anybody's mailbox, so a bound on codes would let a stranger
 * keep the owner out; what is bounded instead is the chance to guess one and the number of letters.
 *
 * - The first ten of a day are of six digits. With the five attempts of each that is **at most 50 guesses at one in a million for
 *   one mailbox in a day: 1 in 20,000**, whoever asks from wherever (NIST SP 800-63B 5.2.2 allows 100 failures). Codes that
 *   served do not count, so the owner meets the bound only where somebody asks in vain.
 * - From then on a code has fifty bits: as many guesses as a server can answer in a year (10^10) find it with 1 in 100,000.
 *   It is shared: all who ask while it lives are answered by the one letter, so the owner is always let in by the newest letter,
 *   and a mailbox gets at most one such letter in five minutes.
 *
 * `known` is false where nobody has proved the mailbox: the same is done, and counted apart, with a code that nobody is told.
 * Requests for one mailbox are counted one after the other, until the transaction ends.
 */
export async function nextCode(vault: Vault, tx: Queryable, email: string, known: boolean): Promise<NextCode> {
  const at = vault.now()
  const mailbox = targetOf(vault, email, known)
  const epoch = await sharePassingEpoch(tx)
  const keys = await vault.secrets.passing(epoch)
  const target = hidden(keys, mailbox)
  await lockMailbox(tx, 'code', mailbox)
  const many = (await countSignIns(tx, target, at - DAY)) >= SHORT_CODES
  const shared = await findLongCode(tx, target, at + SHARED_TERM)
  const kind = many ? 'subject-long' : 'subject'
  if (many && shared !== null) return { kind, target, epoch, ...shared, sends: false, code: '' }
  const code = many ? longCode(vault) : shortCode(vault)
  const told = known ? code : vault.random(16).toString('hex')
  const codeHash = hidden(keys, codeHashOf(vault, mailbox, told))
  return { kind, target, epoch, codeHash, expiresAt: at + CODE_TERM, sends: true, code }
}

/** What of a sign-in is kept, laid open: by what it was for, and by what code it ends. */
export async function openSignIn(
  vault: Vault,
  row: { readonly epoch: number | null; readonly target_hash: Buffer | null; readonly code_hash: Buffer },
): Promise<{ readonly target: Buffer; readonly codeHash: Buffer } | null> {
  if (row.epoch === null || row.target_hash === null) return null
  const keys = await vault.secrets.passing(row.epoch)
  return { target: revealed(keys, row.target_hash), codeHash: revealed(keys, row.code_hash) }
}

/** What a code is known by. How its letters are cased and grouped makes no difference, nor whether O or 0 was read. */
export function codeHashOf(vault: Vault, target: Buffer, code: string): Buffer {
  const plain = code.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1')
  return guessable(vault, 'sign-in-code', `${target.toString('hex')}\n${plain}`)
}

/** True where a sign-in with this target was for this mailbox, by a code that went there. */
export function isTargetOf(vault: Vault, target: Buffer, email: string): boolean {
  return sameMac(targetOf(vault, email, true), target)
}

/** What sign-ins for a mailbox are kept under. Addresses that the index takes for one are one here, too. */
function targetOf(vault: Vault, email: string, known: boolean): Buffer {
  return guessable(vault, known ? 'sign-in-target' : 'sign-in-stranger', indexForm('email', email) ?? email)
}

/** Six digits. */
export function shortCode(vault: Vault): string {
  return (vault.random(6).readUIntBE(0, 6) % 1_000_000).toString().padStart(6, '0')
}

function longCode(vault: Vault): string {
  const letters = [...vault.random(10)].map((byte) => LETTERS.charAt(byte % LETTERS.length)).join('')
  return `${letters.slice(0, 5)}-${letters.slice(5)}`
}
