import { DoverieError } from '@doverie/core/base'
import { IDENTITY_METHODS } from '@doverie/core/request'
import type { Caller } from '../../guard/caller.ts'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import { transaction } from '../../store/database.ts'
import type { LetterRow } from '../../store/letters.ts'
import { assertDuty } from '../duties.ts'
import { clausesOf, policyOf } from './law.ts'
import { kRefOf, letterOf } from './on-request.ts'
import { addProofs } from './prove-identity.ts'
import { readLetter, readPart } from './read-letter.ts'
import { type SignatureForm, signatureForm } from './signature-form.ts'

/** Where staff had a signature checked against the authority that issued its certificate: what the form alone cannot tell. */
export const SIGNATURE_CHECKERS = ['gosuslugi', 'accredited-authority', 'certified-software'] as const
export type SignatureChecker = (typeof SIGNATURE_CHECKERS)[number]

export interface SignatureCheck {
  readonly letter: string
  /** The part of the letter that was signed; null where that is its text. */
  readonly content: string | null
  /** The part that is the signature. */
  readonly signature: string
  /** Who found it to be a qualified one; absent while only its form is asked. */
  readonly checkedBy?: SignatureChecker | undefined
}

/**
 * Checks the form of a signature that came with a letter against what was signed. The check is entered with its outcome and
 * without the signer's names. INVARIANT: by itself it proves nobody: a qualified signature becomes a proof of who wrote only with the word of a
 * member of staff on who checked it, and never where it does not go with what was signed. Throws `invalid-value` where the part is no
 * signature, `not-found` for parts that are not the letter's, `conflict` where a wrong one is called qualified or the letter is about nobody.
 */
export async function checkSignature(
  vault: Vault,
  caller: Caller,
  given: SignatureCheck,
): Promise<{ readonly form: SignatureForm; readonly letter: LetterRow }> {
  const staff = await assertDuty(vault, caller, 'requests')
  const { checkedBy } = given
  const letter = await letterOf(vault, given.letter)
  if (given.content === given.signature) {
    throw new DoverieError('invalid-request', 'Two parts are wanted: what was signed, and the signature.', {
      field: 'signature',
    })
  }
  const content = await signedContent(vault, caller, given)
  const file = await readPart(vault, caller, letter.id, given.signature)
  const form = signatureForm(file.content, content, vault.now())
  const detail = {
    verdict: form.verdict,
    digests: form.signers.map(({ digest }) => digest),
    ...(checkedBy === undefined ? {} : { checkedBy }),
  }
  const tie = { kRef: await kRefOf(vault, letter.subject), operation: 'use' as const }
  await transaction(vault.data, (tx) =>
    recordAct(vault, tx, 'check-signature', caller, clausesOf(policyOf(vault)), detail, tie),
  )
  if (checkedBy === undefined) return { form, letter }
  if (form.verdict === 'wrong') {
    throw new DoverieError('conflict', 'This signature does not go with what was signed.', { field: 'signature' })
  }
  const method = 'qualified-signature'
  const { level } = IDENTITY_METHODS[method]
  const proof = { method, level, passed: true, at: vault.now(), by: staff.pseudonym } as const
  return { form, letter: await addProofs(vault, caller, letter, [proof]) }
}

async function signedContent(vault: Vault, caller: Caller, { letter, content }: SignatureCheck): Promise<Uint8Array> {
  if (content !== null) return (await readPart(vault, caller, letter, content)).content
  const read = await readLetter(vault, caller, letter)
  if (read.content === null) throw new DoverieError('not-found', undefined, { field: 'content' })
  return Buffer.from(read.content.text)
}
