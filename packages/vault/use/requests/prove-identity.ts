import { DoverieError, type SignatureChecker, type Uuid } from '@doverie/core/base'
import type { PersonEvent } from '@doverie/core/consent'
import { IDENTITY_METHODS, isIdentityMethod, stepsFrom } from '@doverie/core/request'
import type { Caller } from '../../guard/caller.ts'
import { change } from '../../guard/change.ts'
import type { Vault } from '../../guard/vault.ts'
import { checkSubjectId } from '../../guard/vocabulary.ts'
import { type LetterRow, linkLetter as link, lockLetter, type ProofRecord } from '../../store/letters.ts'
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
    const proof = now.subject === given.subject ? now.proof : now.proof.filter(({ method }) => method !== FORM)
    return { ...now, subject: given.subject, identity: 'claimed', proof }
  })
  return letterOf(vault, letter.id)
}

/**
 * Records a check of who wrote a letter: method, result, who and when, and no copy of what was shown. Requests for which the proofs
 * suffice go on; their blocks go as far as the law has them. A check that failed is kept too, and ends nothing by itself. INVARIANT: a
 * qualified signature is nobody's bare word: the file on the letter was found right in form, names nobody but the person the letter is
 * about, and whoever says so names where its certificate was checked. Throws `invalid-request`, `conflict`.
 */
export async function recordCheck(
  vault: Vault,
  caller: Caller,
  given: {
    readonly letter: string
    readonly method: string
    readonly passed: boolean
    readonly checkedBy?: SignatureChecker | undefined
  },
): Promise<LetterRow> {
  const staff = await assertDuty(vault, caller, 'requests')
  const { method, passed, checkedBy } = given
  if (!isIdentityMethod(method) || IDENTITY_METHODS[method].by !== 'staff') {
    throw new DoverieError('invalid-request', 'This is no check that staff make.', { field: 'method' })
  }
  const { level, after } = IDENTITY_METHODS[method]
  if ((checkedBy === undefined) !== (after === undefined || !passed)) {
    throw new DoverieError('invalid-request', 'Of a qualified signature it is said where it was checked.', {
      field: 'checkedBy',
    })
  }
  const link = staff.issuedBy === undefined ? {} : { link: staff.issuedBy }
  const proof = { method, level, passed, at: vault.now(), by: staff.pseudonym, ...link }
  const needs = passed && after !== undefined ? { after, checkedBy: checkedBy ?? '' } : undefined
  return addProofs(vault, caller, await letterOf(vault, given.letter), [proof], needs)
}

/**
 * Adds proofs to a letter that is about somebody, with what follows from them. Of the file of a signature the last finding stands. Throws
 * `conflict` where it is about nobody yet, or what must have been found `after` was not.
 */
export async function addProofs(
  vault: Vault,
  caller: Caller,
  letter: LetterRow,
  proofs: readonly ProofRecord[],
  needs?: { readonly after: string; readonly checkedBy: string },
): Promise<LetterRow> {
  if (letter.subject === null) {
    throw new DoverieError('conflict', 'First say who the letter is about.', { field: 'subject' })
  }
  const passed = proofs.some((proof) => proof.passed)
  // What is worth nothing by itself proves nobody.
  const proved = proofs.some((proof) => proof.passed && proof.level > 0)
  await known(
    vault,
    caller,
    letter,
    letter.subject,
    'check-identity',
    (now) => {
      const found = needs === undefined || now.proof.some((one) => one.method === needs.after && one.passed)
      if (!found) throw new DoverieError('conflict', 'First check the file of the signature.', { field: 'method' })
      const again = proofs.some(({ method }) => method === FORM)
      const before = again ? now.proof.filter(({ method }) => method !== FORM) : now.proof
      return { ...now, proof: [...before, ...proofs], identity: proved ? 'proved' : now.identity }
    },
    {
      methods: proofs.map(({ method }) => method),
      passed,
      ...(needs === undefined ? {} : { checkedBy: needs.checkedBy }),
    },
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
