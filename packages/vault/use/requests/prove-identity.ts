import { DoverieError, type SignatureChecker, type Uuid } from '@doverie/core/base'
import type { PersonEvent } from '@doverie/core/consent'
import { IDENTITY_METHODS, isIdentityMethod, stepsFrom } from '@doverie/core/request'
import type { Caller } from '../../guard/caller.ts'
import { change } from '../../guard/change.ts'
import type { Vault } from '../../guard/vault.ts'
import { checkSubjectId } from '../../guard/vocabulary.ts'
import {
  type LetterRow,
  linkLetter as link,
  lockLetter,
  type ProofRecord,
  type SignedPair,
} from '../../store/letters.ts'
import { listRequestsOfLetter, lockRequest, type RequestRow } from '../../store/requests.ts'
import { assertDuty } from '../duties.ts'
import { isOwnWill, isPromotionStop, withdrawals } from './at-once.ts'
import { suffices } from './identity.ts'
import { blockReasonOf, firstEntity, keeperOf, lawFor, policyOf, promotionOf, registrarOf } from './law.ts'
import { type LaterEvent, moveRequest } from './move-request.ts'
import { letterOf } from './on-request.ts'

/** What the software finds of the file of a signature. */
const FORM = 'signature-form'

/**
 * Says who a letter is about, as staff found out. Their data are blocked for requests that ask for that, sparing the contract: until
 * who wrote is proved it is somebody's word. A demand to stop promotion, which asks for no proof, stops it now. Throws `not-found` for nobody, `conflict` where it is proved already.
 */
export async function linkLetter(
  vault: Vault,
  caller: Caller,
  given: { readonly letter: string; readonly subject: string },
): Promise<LetterRow> {
  await assertDuty(vault, caller, 'requests')
  const letter = await letterOf(vault, given.letter)
  checkSubjectId(given.subject)
  if (letter.identity === 'proved') throw new DoverieError('conflict', 'It is proved who wrote this letter.')
  if (letter.subject !== null && letter.subject !== given.subject) await release(vault, letter)
  await known(vault, caller, letter, given.subject, 'link-letter', (now) => {
    if (now.identity === 'proved') throw new DoverieError('conflict', 'It is proved who wrote this letter.')
    // A certificate's names were held against the data of whom it was about until now.
    const others = ({ method, signed }: ProofRecord): boolean => method !== FORM && signed === undefined
    const proof = now.subject === given.subject ? now.proof : now.proof.filter(others)
    return { ...now, subject: given.subject, identity: 'claimed', proof }
  })
  return letterOf(vault, letter.id)
}

/**
 * Records a check of who wrote a letter: method, result, who and when, and no copy of what was shown. Requests for which the proofs
 * suffice go on; their blocks go as far as the law has them. A check that failed is kept too, and ends nothing by itself. INVARIANT: a
 * qualified signature is nobody's bare word: the file on the letter was found right in form for the part that it signs, names nobody but
 * the person the letter is about, and whoever says so names the two parts, says that what is asked stands in the signed one (the software
 * reads no scan), and where its certificate was checked. Throws `invalid-request`, `conflict`.
 */
export async function recordCheck(
  vault: Vault,
  caller: Caller,
  given: {
    readonly letter: string
    readonly method: string
    readonly passed: boolean
    readonly checkedBy?: SignatureChecker | undefined
    readonly signed?: (SignedPair & { readonly demand: boolean }) | undefined
  },
): Promise<LetterRow> {
  const staff = await assertDuty(vault, caller, 'requests')
  const { method, passed, checkedBy, signed } = given
  if (!isIdentityMethod(method) || IDENTITY_METHODS[method].by !== 'staff') {
    throw new DoverieError('invalid-request', 'This is no check that staff make.', { field: 'method' })
  }
  const { level, after } = IDENTITY_METHODS[method]
  const bySignature = after !== undefined && passed
  if ((checkedBy === undefined) === bySignature) {
    throw new DoverieError('invalid-request', 'Of a qualified signature it is said where it was checked.', {
      field: 'checkedBy',
    })
  }
  if (bySignature ? signed?.demand !== true : signed !== undefined) {
    throw new DoverieError(
      'invalid-request',
      'Of a qualified signature it is said which part it signs, and that what is asked stands in that part.',
      { field: 'signed' },
    )
  }
  const link = staff.issuedBy === undefined ? {} : { link: staff.issuedBy }
  const proof = { method, level, passed, at: vault.now(), by: staff.pseudonym, ...link }
  const letter = await letterOf(vault, given.letter)
  if (signed === undefined) return addProofs(vault, caller, letter, [proof])
  return addSignature(vault, caller, letter, proof, { signed, checkedBy: checkedBy ?? '' })
}

/** Adds proofs to a letter that is about somebody, with what follows from them. Throws `conflict` where it is about nobody yet. */
export function addProofs(
  vault: Vault,
  caller: Caller,
  letter: LetterRow,
  proofs: readonly ProofRecord[],
): Promise<LetterRow> {
  return checked(vault, caller, letter, proofs, {}, (now) => [...now.proof, ...proofs])
}

/** Adds staff's word on a signature whose file was found right. Throws `conflict` where the finding of these two parts is none, or is no such finding. */
function addSignature(
  vault: Vault,
  caller: Caller,
  letter: LetterRow,
  proof: ProofRecord,
  { signed, checkedBy }: { readonly signed: SignedPair; readonly checkedBy: string },
): Promise<LetterRow> {
  const detail = { checkedBy, signed: signed.content === null ? 'text' : 'part' }
  return checked(vault, caller, letter, [proof], detail, (now) => {
    const found = now.proof.find((one) => one.method === FORM && one.passed && isOf(one, signed))?.signed
    if (found === undefined)
      throw new DoverieError(
        'conflict',
        'First check the file of the signature: it is not found right for this part.',
        {
          field: 'signed',
        },
      )
    return [...now.proof, { ...proof, signed: found }]
  })
}

/**
 * Adds what the software found of two parts of a letter; of the same two it replaces what was found before, of others it says nothing.
 * INVARIANT: no word stands against a finding that contradicts it: what was said of these two parts passes no longer, and unless something
 * else proves who wrote, nothing does.
 */
export function addFinding(
  vault: Vault,
  caller: Caller,
  letter: LetterRow,
  finding: ProofRecord & { readonly signed: SignedPair },
  contradicted: boolean,
): Promise<LetterRow> {
  const detail = contradicted ? { contradicted } : {}
  return checked(vault, caller, letter, [finding], detail, (now) => {
    // One that names no parts is of a former version of this software.
    const others = now.proof.filter(
      (one) => one.method !== FORM || (one.signed !== undefined && !isOf(one, finding.signed)),
    )
    const words = others.map((one) => (contradicted && isOf(one, finding.signed) ? { ...one, passed: false } : one))
    return [...words, finding]
  })
}

function isOf({ signed }: ProofRecord, { content, signature }: SignedPair): boolean {
  return signed?.content === content && signed.signature === signature
}

/** What is worth nothing by itself proves nobody. */
function proves({ passed, level }: ProofRecord): boolean {
  return passed && level > 0
}

async function checked(
  vault: Vault,
  caller: Caller,
  letter: LetterRow,
  proofs: readonly ProofRecord[],
  detail: Readonly<Record<string, boolean | string>>,
  become: (now: LetterRow) => readonly ProofRecord[],
): Promise<LetterRow> {
  if (letter.subject === null) {
    throw new DoverieError('conflict', 'First say who the letter is about.', { field: 'subject' })
  }
  await known(
    vault,
    caller,
    letter,
    letter.subject,
    'check-identity',
    (now) => {
      const proof = become(now)
      const lost = now.proof.some(proves) && !proof.some(proves)
      const unproved = lost && now.identity === 'proved' ? 'claimed' : now.identity
      return { ...now, proof, identity: proofs.some(proves) ? 'proved' : unproved }
    },
    { methods: proofs.map(({ method }) => method), passed: proofs.some(({ passed }) => passed), ...detail },
  )
  return letterOf(vault, letter.id)
}

/** Lifts what a letter's requests hold of somebody whom it is not about after all. */
async function release(vault: Vault, letter: LetterRow): Promise<void> {
  const policy = policyOf(vault)
  const requests = await listRequestsOfLetter(vault.data, letter.id)
  await change(
    vault,
    {
      caller: keeperOf(policy),
      subject: letter.subject ?? '',
      act: 'unlink-letter',
      operation: 'block',
      purpose: policy.system.law,
      entity: firstEntity(policy),
      fields: [],
    },
    (changing) => {
      for (const { id } of requests) changing.apply({ kind: 'unblocked', by: id, at: changing.at })
      return Promise.resolve()
    },
  )
}

/**
 * Stores what is known of a letter's author from now on, and what follows for its open requests, in one transaction. `become` is given
 * the letter as it is under its row's lock: of two checks at the same time neither is lost. Throws `conflict` where it is about
 * somebody else by then than when it was read.
 */
async function known(
  vault: Vault,
  caller: Caller,
  read: LetterRow,
  subject: Uuid,
  act: string,
  become: (now: LetterRow) => LetterRow,
  detail: Readonly<Record<string, boolean | string | readonly string[]>> = {},
): Promise<void> {
  const policy = policyOf(vault)
  const law = lawFor(vault, policy)
  const [first] = (await listRequestsOfLetter(vault.data, read.id)).filter(isOpen)
  const outcome = await change(
    vault,
    {
      caller: keeperOf(policy),
      subject,
      act,
      operation: 'block',
      purpose: policy.system.law,
      entity: first?.entity ?? firstEntity(policy),
      fields: [],
      detail: { ...detail, by: registrarOf(caller) ?? '' },
    },
    async (changing) => {
      // After the person's lock and before the requests', as whoever destroys somebody takes them.
      const now = await lockLetter(changing.tx, read.id)
      if (now?.subject !== read.subject) throw new DoverieError('conflict')
      const letter = become(now)
      // Under the letter's lock none is added to it.
      const requests = (await listRequestsOfLetter(changing.tx, read.id)).filter(isOpen)
      for (const request of requests) {
        for (const event of stopsOf(request, letter, changing.at)) changing.apply(event)
        const { entity, state } = request
        if (!isPromotionStop(request.kind) || (read.subject === subject && state !== 'received')) continue
        for (const event of withdrawals(changing.facts(), promotionOf(policy), entity, changing.at))
          changing.apply(event)
      }
      return { letter, requests, at: changing.at }
    },
    async (tx, changed) => {
      if (changed.effect === 'refuse') return
      const { letter, requests, at } = changed.value
      await link(tx, letter.id, subject, letter.identity, letter.proof)
      for (const { id } of requests) {
        const row = await lockRequest(tx, id)
        const steps = row === null ? [] : provedSteps(row, letter, caller, at)
        if (row !== null && steps.length > 0)
          await moveRequest(tx, law, row, steps, registrarOf(caller), changed.entry.id)
      }
    },
  )
  if (outcome.effect === 'refuse')
    throw new DoverieError('not-found', 'There is nobody of that id.', { field: 'subject' })
}

function isOpen({ endedAt }: RequestRow): boolean {
  return endedAt === null
}

/** A request that blocks holds its block on whoever the letter is about, as far as its author is proved. */
function stopsOf({ id, kind, fold }: RequestRow, letter: LetterRow, at: number): readonly PersonEvent[] {
  const blocks = stepsFrom(kind, 'received').includes('blocked')
  const early = ['registered', 'identifying', 'deciding'].includes(fold.state)
  if (!blocks || !early) return []
  const reason = letter.identity === 'proved' && suffices(kind, letter.proof) ? blockReasonOf(kind) : 'claimed'
  return [{ kind: 'blocked', reason, by: id, at }]
}

/** Nothing need be proved for some kinds, and yet nothing is recorded as proved that is not. */
function provedSteps(
  row: RequestRow,
  { identity, proof }: LetterRow,
  caller: Caller,
  at: number,
): readonly LaterEvent[] {
  if (isPromotionStop(row.kind) && row.state === 'received') return [{ kind: 'step', step: 'stopped', at }]
  const may = identity === 'proved' && stepsFrom(row.kind, row.state).includes('identity-proved')
  if (!may || !suffices(row.kind, proof)) return []
  const proved: LaterEvent = { kind: 'step', step: 'identity-proved', at }
  // What they may decide alone they have decided by asking.
  const own = caller.kind === 'subject' && isOwnWill(row.kind)
  return own ? [proved, { kind: 'step', step: 'accepted', at }] : [proved]
}
