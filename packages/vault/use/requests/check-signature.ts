import { DoverieError } from '@doverie/core/base'
import type { Caller } from '../../guard/caller.ts'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import { transaction } from '../../store/database.ts'
import type { LetterRow } from '../../store/letters.ts'
import { assertDuty } from '../duties.ts'
import { compareSigners, type SignerLikeness } from './compare-signers.ts'
import { clausesOf, policyOf } from './law.ts'
import { kRefOf, letterOf } from './on-request.ts'
import { addProofs } from './prove-identity.ts'
import { readLetter, readPart } from './read-letter.ts'
import { type SignatureForm, signatureForm } from './signature-form.ts'

export interface SignatureCheck {
  readonly letter: string
  /** The part of the letter that was signed; null where that is its text. */
  readonly content: string | null
  /** The part that is the signature. */
  readonly signature: string
}

export interface CheckedForm {
  readonly form: SignatureForm
  /** Signer by signer, how their certificate's names go with the data of whom the letter is about; empty where nothing is compared. */
  readonly likeness: readonly SignerLikeness[]
  readonly letter: LetterRow
}

/**
 * Checks the form of a signature that came with a letter against what was signed, and its certificate's names against the data of whom the
 * letter is about. The check is entered with its outcome and without a name or value; where the letter is about somebody its finding
 * stands with the letter's proofs. INVARIANT: a form proves nobody: anybody makes a certificate of any name. A qualified signature becomes a
 * proof by the word of staff on where it was checked (`recordCheck`), and never where it does not go with what was signed or names somebody
 * else; without that word only as far as the policy lets a form go (`formAlone`), where it was computed here and a name is the person's.
 * Throws `invalid-value` where the part is no signature, `not-found` for parts that are not the letter's, `rate-limited` for who tries names.
 */
export async function checkSignature(vault: Vault, caller: Caller, given: SignatureCheck): Promise<CheckedForm> {
  await assertDuty(vault, caller, 'requests')
  const letter = await letterOf(vault, given.letter)
  if (given.content === given.signature) {
    throw new DoverieError('invalid-request', 'Two parts are wanted: what was signed, and the signature.', {
      field: 'signature',
    })
  }
  const content = await signedContent(vault, caller, given)
  const file = await readPart(vault, caller, letter.id, given.signature)
  const form = signatureForm(file.content, content, vault.now())
  const likeness = await compareSigners(vault, caller, letter, form.signers)
  const told = likeness.map((names) => Object.values(names))
  const detail = {
    verdict: form.verdict,
    digests: form.signers.map(({ digest }) => digest),
    names: told.map((one) => (one.length === 0 ? 'not-compared' : one.includes('mismatch') ? 'mismatch' : 'match')),
  }
  const tie = { kRef: await kRefOf(vault, letter.subject), operation: 'use' as const }
  await transaction(vault.data, (tx) =>
    recordAct(vault, tx, 'check-signature', caller, clausesOf(policyOf(vault)), detail, tie),
  )
  if (letter.subject === null) return { form, likeness, letter }
  // A crash before this leaves the check entered and no finding: it is made again.
  const passed = form.verdict !== 'wrong' && !detail.names.includes('mismatch')
  const computed = form.verdict === 'matches' && detail.names.includes('match')
  const level = passed && computed ? (policyOf(vault).system.signature?.formAlone ?? 0) : 0
  const finding = { method: 'signature-form', level, passed, at: vault.now(), by: null }
  return { form, likeness, letter: await addProofs(vault, caller, letter, [finding]) }
}

async function signedContent(vault: Vault, caller: Caller, { letter, content }: SignatureCheck): Promise<Uint8Array> {
  if (content !== null) return (await readPart(vault, caller, letter, content)).content
  const read = await readLetter(vault, caller, letter)
  if (read.content === null) throw new DoverieError('not-found', undefined, { field: 'content' })
  return Buffer.from(read.content.text)
}
