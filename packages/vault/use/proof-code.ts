import { DoverieError, isUuid, type Uuid } from '@doverie/core/base'
import { type IndexedKind, indexForm } from '@doverie/core/policy'
import { type Letter, queueLetter } from '../guard/letters.ts'
import { sameMac } from '../guard/mac.ts'
import { guessable, hidden } from '../guard/passing.ts'
import type { Vault } from '../guard/vault.ts'
import { attemptSignIn, countProofCodes, insertSignIn, lockMailbox, takeProofCode } from '../store/access.ts'
import type { Queryable } from '../store/database.ts'
import { sharePassingEpoch } from '../store/passing.ts'
import type { SentCode } from './request-code.ts'
import { codeHashOf, openSignIn, shortCode } from './sign-in-code.ts'

const TERM = 10 * 60_000
const HOUR = 3_600_000
/** So many codes go to one number or mailbox in an hour, and in a day: with five guesses of each, 50 at one in a million a day. */
const PER_HOUR = 5
const PER_DAY = 10
const MOST_GUESSES = 5

/** How a code goes out. */
export type ProofChannel = Extract<IndexedKind, 'email' | 'phone'>

/** What a code is to prove: that this number or mailbox is in the hands of who types it, for this one purpose. */
export interface ToProve {
  readonly holder: Uuid
  readonly channel: ProofChannel
  /** Null where there is nothing to send to: then the same is done, and what is queued goes to nobody. */
  readonly value: string | null
  /** The session or the letter for which it is good. */
  readonly boundTo: string
}

/**
 * Sends a code that proves one number or mailbox, and signs nobody in. Whether there is such a number makes no difference to the
 * statements, to the work that is queued or to the answer. Throws `rate-limited` where too many went to it, and `channel-absent`
 * where messages to phones go nowhere. Belongs to the caller's transaction.
 */
export async function sendProofCode(vault: Vault, tx: Queryable, toProve: ToProve): Promise<SentCode> {
  const { holder, channel, value, boundTo } = toProve
  if (channel === 'phone' && !vault.phones) throw new DoverieError('channel-absent')
  const at = vault.now()
  // Of who has no such number the codes are counted under their own id.
  const plain = targetOf(vault, channel, value ?? holder)
  const epoch = await sharePassingEpoch(tx)
  const keys = await vault.secrets.passing(epoch)
  const target = hidden(keys, plain)
  await lockMailbox(tx, 'code', plain)
  const lately = await countProofCodes(tx, target, at - HOUR + TERM)
  const today = await countProofCodes(tx, target, at - 24 * HOUR + TERM)
  if (lately >= PER_HOUR || today >= PER_DAY) throw new DoverieError('rate-limited')
  const id = vault.newId()
  const code = shortCode(vault)
  const told = value === null ? vault.random(16).toString('hex') : code
  await insertSignIn(tx, {
    sign_in_id: id,
    kind: 'proof',
    holder_id: holder,
    target_hash: target,
    code_hash: hidden(keys, codeHashOf(vault, plain, told)),
    epoch,
    bound_to: boundTo,
    issued_by: null,
    attempts: 0,
    expires_at: new Date(at + TERM),
  })
  const letter = channel === 'phone' ? shortMessage(code) : codeLetter(code)
  await queueLetter(
    vault,
    tx,
    holder,
    { ...letter, to: value ?? '', until: at + TERM },
    channel === 'phone' ? 'sms' : 'mail',
  )
  return { id, expiresAt: at + TERM }
}

/** A code that came back, to be used up in the transaction of what it proves. */
export interface ProvedCode {
  readonly holder: Uuid
  /** True where this value is the one that the code went to. */
  readonly isFor: (channel: ProofChannel, value: string | undefined) => boolean
  /** Uses the code up: of two who present it at the same time one gets it. Throws `code-invalid` for the other. */
  readonly take: (tx: Queryable) => Promise<void>
}

/** Checks a code. Throws `code-invalid` for a wrong, used, expired or too often guessed one, and for one that is good for something else. */
export async function checkProofCode(
  vault: Vault,
  given: { readonly id: string; readonly code: string; readonly boundTo: string },
): Promise<ProvedCode> {
  const { id, code, boundTo } = given
  if (!isUuid(id)) throw invalid()
  // Counted before the code is looked at, and counted whatever follows.
  const attempt = await attemptSignIn(vault.data, id, vault.now(), MOST_GUESSES, true)
  const opened = attempt === null ? null : await openSignIn(vault, attempt)
  const offered = codeHashOf(vault, opened?.target ?? Buffer.alloc(16), code)
  if (attempt?.bound_to !== boundTo || opened === null || !sameMac(offered, opened.codeHash)) throw invalid()
  return {
    holder: attempt.holder_id,
    isFor: (channel, value) => value !== undefined && sameMac(targetOf(vault, channel, value), opened.target),
    take: async (tx) => {
      if (!(await takeProofCode(tx, id, MOST_GUESSES + 1))) throw invalid()
    },
  }
}

function invalid(): DoverieError {
  return new DoverieError('code-invalid', undefined, { field: 'code' })
}

/** Spellings that the index takes for one are one here, too. */
function targetOf(vault: Vault, channel: ProofChannel, value: string): Buffer {
  return guessable(vault, 'proof-target', `${channel}\n${indexForm(channel, value) ?? value}`)
}

function shortMessage(code: string): Omit<Letter, 'to' | 'until'> {
  return {
    subject: '',
    text: `Код подтверждения: ${code}. Никому его не пересылайте; если вы его не просили, сообщите нам. Code: ${code}.`,
  }
}

function codeLetter(code: string): Omit<Letter, 'to' | 'until'> {
  return {
    subject: `${code} — код подтверждения / code of proof`,
    text: [
      `Ваш код: ${code}`,
      'Им подтверждается обращение, которое пришло от вашего имени. Если вы его не присылали, не называйте код и сообщите нам.',
      '',
      `Your code: ${code}`,
      'It proves a letter that came in your name. If you did not send it, keep the code to yourself and tell us.',
    ].join('\n'),
  }
}
