import { DoverieError } from '@doverie/core/base'
import type { Caller } from '../../guard/caller.ts'
import { mac } from '../../guard/mac.ts'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import { transaction } from '../../store/database.ts'
import type { LetterRow } from '../../store/letters.ts'
import { assertDuty } from '../duties.ts'
import { compareSigners, type SignerLikeness, type Uncompared } from './compare-signers.ts'
import { clausesOf, policyOf } from './law.ts'
import { kRefOf, letterOf } from './on-request.ts'
import { addFinding } from './prove-identity.ts'
import { openSigned } from './read-letter.ts'
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
  /** Why nothing was compared; null where it was. */
  readonly uncompared: Uncompared | null
  /** Signer by signer, whether they say that they signed long before the letter came: it may have been signed for something else. */
  readonly early: readonly boolean[]
  /** Whether staff's word may rest on it. */
  readonly passed: boolean
  readonly letter: LetterRow
}

/** A letter is signed to be sent. */
const LONG_BEFORE = 30 * 86_400_000

/**
 * Checks the form of a signature that came with a letter against what was signed, and its certificate's names against the data of whom the
 * letter is about. The check is entered with its outcome and without a name or value; where the letter is about somebody its finding
 * stands with the letter's proofs, for these two parts. INVARIANT: a form proves nobody: anybody makes a certificate of any name. A
 * qualified signature becomes a proof by the word of staff on where it was checked (`recordCheck`), and never where it does not go with
 * what was signed, names somebody else, or has a signer of whom nothing was compared though the policy names what is; without that word
 * only as far as the policy lets a form go (`formAlone`), where it was computed here and a name is the person's. Throws `invalid-value`
 * where the part is no signature, `not-found` for parts that are not the letter's own, `rate-limited` for who tries names.
 */
export async function checkSignature(vault: Vault, caller: Caller, given: SignatureCheck): Promise<CheckedForm> {
  await assertDuty(vault, caller, 'requests')
  const letter = await letterOf(vault, given.letter)
  const { content: part, signature } = given
  if (part === signature) {
    throw new DoverieError('invalid-request', 'Two parts are wanted: what was signed, and the signature.', {
      field: 'signature',
    })
  }
  const opened = await openSigned(vault, caller, letter.id, { content: part, signature })
  const form = signatureForm(opened.signature, opened.content, vault.now(), letter.receivedAt)
  const { likeness, uncompared } = await compareSigners(vault, caller, letter, form.signers)
  const names = likeness.map(outcomeOf)
  const early = form.signers.map(({ signedAt }) => signedAt !== null && signedAt < letter.receivedAt - LONG_BEFORE)
  const detail = {
    verdict: form.verdict,
    digests: form.signers.map(({ digest }) => digest),
    names,
    ...(uncompared === null ? {} : { uncompared }),
    ...(early.includes(true) ? { early: true } : {}),
  }
  const tie = { kRef: await kRefOf(vault, letter.subject), operation: 'use' as const }
  await transaction(vault.data, (tx) =>
    recordAct(vault, tx, 'check-signature', caller, clausesOf(policyOf(vault)), detail, tie),
  )
  const contradicted = form.verdict === 'wrong' || names.includes('mismatch')
  const compared = names.every((one) => one === 'match')
  const passed = !contradicted && letter.subject !== null && (compared || uncompared === 'no-fields')
  const found = { form, likeness, uncompared, early, passed }
  if (letter.subject === null) return { ...found, letter }
  // A crash before this leaves the check entered and no finding: it is made again.
  const level =
    passed && compared && form.verdict === 'matches' ? (policyOf(vault).system.signature?.formAlone ?? 0) : 0
  // Keyed: of a short letter the hash alone would tell the words.
  const hash = mac(vault, 'signed-content', `${letter.id}\n${opened.hash}`).toString('hex')
  const signed = { content: part, signature, hash }
  const finding = { method: 'signature-form', level, passed, at: vault.now(), by: null, signed }
  return { ...found, letter: await addFinding(vault, caller, letter, finding, contradicted) }
}

/** A number is one person's; a surname with the given names is as much; either alone is many people's. */
function outcomeOf(names: SignerLikeness): 'match' | 'mismatch' | 'not-compared' {
  if (Object.values(names).includes('mismatch')) return 'mismatch'
  const { surname, inn, snils } = names
  const named = surname === 'match' && names['given-names'] === 'match'
  return named || inn === 'match' || snils === 'match' ? 'match' : 'not-compared'
}
