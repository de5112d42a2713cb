import { type Canonical, canonical, DoverieError, type Instant, legalProfile } from '@doverie/core/base'
import { consentRecordOf, receiptOf, writeConsentReceipt } from '@doverie/core/policy'
import type { SubjectCaller } from '../guard/caller.ts'
import { change } from '../guard/change.ts'
import { unframe } from '../guard/entry.ts'
import { evidencePlace } from '../guard/evidence.ts'
import { asList } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { siblingSeed } from '../seal/note-crypto.ts'
import { sha256 } from '../seal/sha256.ts'
import { type DocumentSigner, documentSigner, type SignedDocument } from '../seal/sign-document.ts'
import { loadState } from '../store/ledger.ts'
import { policyNamed } from './adopt-policy.ts'
import type { EntryReceipt } from './destroy-data.ts'
import { checkPerson } from './on-person.ts'
import { type Decided, decidedOf, isOpened, openFields } from './open-fields.ts'

/** A consent as its giver takes it home. */
export interface IssuedReceipt extends Decided {
  /** ISO/IEC TS 27560 in DPV's terms, signed. */
  readonly document?: SignedDocument
  /** Opens the entry that commits to the document, for the proof that it stands in the ledger. */
  readonly entry?: EntryReceipt
}

/** What is kept of one consent (`guard/evidence.ts`), as far as a receipt tells it. */
interface Given {
  readonly purpose: string
  readonly entity: string
  readonly channel: string
  readonly form: string
  readonly document: string
  readonly policy: string
  readonly at: Instant
}

const TYPE = 'consent-receipt+json'
const signers = new WeakMap<Vault, Promise<DocumentSigner>>()

/** The key that consent receipts are signed with: of the ledger's secret, and beside its keys. */
export function receiptSigner(vault: Vault): Promise<DocumentSigner> {
  const made =
    signers.get(vault) ?? documentSigner(siblingSeed(vault.secrets.ledgerSeed, 'doverie/consent-receipt/ed25519/v1'))
  signers.set(vault, made)
  return made
}

/**
 * Gives a person the receipt of a live consent of theirs: what was agreed to, by the version of the policy that it was given
 * under, and the hash of what was shown. The receipt's own hash is entered in the ledger before it is signed, so a receipt that
 * the ledger does not know is none. Throws `not-found` where there is no such consent, or nothing is kept of how it was given.
 */
export async function issueConsentReceipt(
  vault: Vault,
  caller: SubjectCaller,
  request: { readonly purpose: string; readonly entity: string },
): Promise<IssuedReceipt> {
  const { subject } = caller
  const { purpose, entity } = request
  checkPerson(vault, { subject, entity })
  const now = vault.policy()
  if (now === null) throw new DoverieError('policy-absent')
  const { field } = evidencePlace(now)
  const opened = await openFields(vault, caller, { subject, entity, purpose: now.system.rights, fields: [field] })
  if (!isOpened(opened)) return opened
  const evidence = asList(opened.values.get(field)?.reveal(opened.permit) ?? [])
  const given = evidence
    .map((text) => JSON.parse(text) as Given)
    .findLast((one) => one.purpose === purpose && one.entity === entity)
  const { facts } = await vault.people.get(subject, vault.now())
  const live = facts?.consents.find((one) => one.purpose === purpose && one.entity === entity)
  if (given === undefined || live === undefined) throw new DoverieError('not-found')
  const text = await receiptText(vault, subject, given, live.until)
  const after = (await loadState(vault.data, vault.origin))?.size ?? 0
  const outcome = await change(
    vault,
    {
      caller,
      subject,
      act: 'consent-receipt',
      operation: 'use',
      purpose: now.system.rights,
      fields: [],
      entity,
      detail: { consent: purpose, receipt: Buffer.from(sha256(Buffer.from(text, 'utf8'))).toString('hex') },
    },
    () => Promise.resolve(),
  )
  if (outcome.effect === 'refuse') return decidedOf(outcome)
  const [framed] = unframe(outcome.entry.framed, 1)
  if (framed === undefined) throw new DoverieError('internal')
  const document = await (await receiptSigner(vault)).sign(text, TYPE)
  return { ...decidedOf(outcome), document, entry: { after, salt: framed.salt.toString('hex'), body: framed.body } }
}

async function receiptText(vault: Vault, subject: string, given: Given, until: Instant | null): Promise<string> {
  const policy = await policyNamed(vault, given.policy)
  if (policy.profile === null) throw new DoverieError('not-found', 'The policy names no law to make a receipt by.')
  const profile = legalProfile(policy.profile)
  const record = consentRecordOf(policy, profile, {
    id: vault.newId(),
    subject,
    form: given.form,
    entity: given.entity,
    purpose: given.purpose,
    language: policy.languages[0] ?? '',
    sha256: given.document,
    events: [{ state: 'given', at: given.at, by: 'subject', channel: given.channel, until }],
  })
  if (!record.ok) throw new DoverieError('not-found')
  const header = { id: vault.newId(), created: vault.now(), publisher: given.entity }
  return canonical(writeConsentReceipt(receiptOf(profile, header, [record.value])) as Canonical)
}
