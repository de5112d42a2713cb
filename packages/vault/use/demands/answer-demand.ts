import { demandTicket } from './demand-ticket.ts'
import { createHash } from 'node:crypto'
import { DoverieError, isUuid, type Uuid } from '@doverie/core/base'
import { demandAfter } from '@doverie/core/request'
import { decide, type DemandNorm, type Policy } from '@doverie/core/policy'
import { demandAnswer, type DemandPerson } from '../../documents/demand-answer.ts'
import { demandRefusal } from '../../documents/recipient-letter.ts'
import { renderPdf } from '../../documents/pdf.ts'
import { actorOf, type Caller, ledgerNameOf, type StaffCaller } from '../../guard/caller.ts'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import { encryptTo } from '../../seal/for-recipient.ts'
import { transaction } from '../../store/database.ts'
import { type DemandRow, findDemand, lockDemand, saveDemand } from '../../store/demands.ts'
import { declineDisclosuresOf, type Disclosure, listDisclosuresOfDemand } from '../../store/disclosures.ts'
import { findLetter, nextNumber } from '../../store/letters.ts'
import { listRecipientLetters, type RecipientLetterRow } from '../../store/recipient-letters.ts'
import { type Asked, askToHandOver, handOver } from '../disclose.ts'
import { assertDuty, assertSecond } from '../duties.ts'
import { checkSubjectId } from '../../guard/vocabulary.ts'
import { decidedOf, type Decided } from '../open-fields.ts'
import { lawFor, numberOf, policyOf, yearOf } from '../requests/law.ts'
import { passwordOf } from '../password.ts'
import { sendIfMailbox } from '../notices/send-notice.ts'
import { insertDemandLetter, moveDemand } from './move-demand.ts'
import { authorityOf, minimalFields, type MinimalFields, normOf } from './norms.ts'

export interface DemandCase {
  readonly policy: Policy
  readonly demand: DemandRow
  readonly lines: readonly Disclosure[]
}

/** A demand of the register with its lines. Throws `not-found`. */
export async function demandOf(vault: Vault, id: string): Promise<DemandCase> {
  const demand = isUuid(id) ? await findDemand(vault.data, id) : null
  if (demand === null) throw new DoverieError('not-found', undefined, { field: 'demand' })
  return { policy: policyOf(vault), demand, lines: await listDisclosuresOfDemand(vault.data, demand.id) }
}

/**
 * Names whom a demand is about, and asks for the least that satisfies it: by its norm, what it asks for and what is held. Decided as a
 * disclosure to this authority; nothing is opened before another member of staff approves. A refusal, also where nothing of it is held, is
 * entered. Throws `conflict` where nothing of it is both asked for and covered, or where the demand waits for nobody any more.
 */
export async function askForDemand(
  vault: Vault,
  caller: Caller,
  given: { readonly demand: string; readonly subject: string; readonly scope: readonly string[] },
): Promise<{ readonly decided: Decided; readonly fields: MinimalFields; readonly line: Uuid | null }> {
  const staff = await assertDuty(vault, caller, 'requests')
  const { policy, demand, lines } = await demandOf(vault, given.demand)
  const subject = given.subject
  checkSubjectId(subject)
  const norm = normOf(authorityOf(policy, demand.recipient), demand.norm)
  if (norm === null)
    throw new DoverieError('conflict', 'It rests on no norm: it can only be refused.', {
      field: 'norm',
      ...(demand.refusal?.clauses[0] === undefined ? {} : { clause: demand.refusal.clauses[0] }),
    })
  if (demandAfter(demand.state, 'approved') === null) throw new DoverieError('conflict')
  if (lines.some((line) => line.subject === subject && line.state === 'waiting'))
    throw new DoverieError('conflict', 'That person is asked for already.', { field: 'subject' })
  const covered = minimalFields(policy, norm, given.scope, [...policy.compartments.keys()])
  if (covered.given.length === 0)
    throw new DoverieError('conflict', 'Nothing of what is asked for is covered by the norm.', {
      field: 'scope',
      ...(norm.clauses[0] === undefined ? {} : { clause: norm.clauses[0] }),
    })
  const fields = await leastOf(vault, staff, { policy, demand, subject, covered, scope: given.scope, norm })
  const asked: Asked = {
    ...{ id: vault.newId(), subject, recipient: demand.recipient, entity: demand.entity, purpose: policy.system.law },
    ...{
      fields: fields.given,
      ticket: demandTicket(demand.number),
      demand: demand.id,
      hiddenUntil: demand.secretUntil,
    },
  }
  const outcome = await askToHandOver(vault, staff, asked, { by: 'norm', text: norm.norm }, async (tx) => {
    // Of two at once, whoever rejects or approves comes before or after.
    const now = await lockDemand(tx, demand.id)
    if (now?.state !== 'registered') throw new DoverieError('conflict')
  })
  return { decided: decidedOf(outcome), fields, line: outcome.effect === 'permit' ? asked.id : null }
}

/**
 * The least that is held. INVARIANT: whom the policy does not let hand these fields over learns nothing of what is held: the refusal, which
 * is entered, is of all that is asked for and covered, and the same whoever it is about. So it is where nothing is held.
 */
async function leastOf(
  vault: Vault,
  caller: StaffCaller,
  asked: {
    readonly policy: Policy
    readonly demand: DemandRow
    readonly subject: Uuid
    readonly norm: DemandNorm
    readonly scope: readonly string[]
    readonly covered: MinimalFields
  },
): Promise<MinimalFields> {
  const { policy, demand, subject, covered, norm, scope } = asked
  const act = {
    actor: actorOf(caller),
    operation: 'transfer:provide' as const,
    purpose: policy.system.law,
    ...{ entity: demand.entity, fields: covered.given, ticket: true, recipient: demand.recipient, now: vault.now() },
  }
  // Of nobody: only what the act alone forbids is refused before it is known that nobody is there.
  const ofNobody = decide(policy, act, null)
  if (ofNobody.effect === 'refuse' && ofNobody.causes.some(({ reason }) => reason !== 'no-live-data')) return covered
  const { facts } = await vault.people.reload(subject, vault.now())
  const fields = minimalFields(policy, norm, scope, facts?.state === 'live' ? facts.held : [])
  return fields.given.length === 0 ? covered : fields
}

/** What whoever approved is given, once. */
export interface DemandExport {
  readonly demand: DemandRow
  readonly letter: RecipientLetterRow
  /** An age file, or a PDF under a password where the recipient has no key. */
  readonly file: Buffer
  readonly name: string
  readonly password: string | null
  /** Lines that the policy refused by the facts of now: what they name is not in the file. */
  readonly refused: readonly Uuid[]
}

/**
 * The second word on a demand: another member of staff than who registered it or asked, naming the same key, whom the policy permits the
 * same. Each line is decided by the facts of now and made in a transaction of its own; the values become one numbered document, encrypted
 * to the recipient, and are given once, with this answer: no copy is kept. A crash in between leaves lines that are made and no document:
 * then whom it is about is named again. Throws `forbidden`, `conflict`.
 */
export async function approveDemand(
  vault: Vault,
  caller: StaffCaller,
  given: { readonly demand: string; readonly key: string | null },
): Promise<DemandExport> {
  await assertDuty(vault, caller, 'requests')
  const { policy, demand, lines } = await demandOf(vault, given.demand)
  if (demandAfter(demand.state, 'approved') === null) throw new DoverieError('conflict', 'It waits for no word.')
  if (given.key !== demand.ageKey) {
    throw new DoverieError('conflict', 'Both who asked and who approves name the key of the recipient.', {
      field: 'key',
    })
  }
  const waiting = lines.filter(({ state }) => state === 'waiting')
  if (waiting.length === 0) throw new DoverieError('conflict', 'Nobody is named whom it is about.', { field: 'people' })
  for (const first of [demand.registeredBy, ...waiting.flatMap(({ askedBy }) => askedBy.id ?? [])])
    assertSecond(caller, first)
  assertNobodyLeftOut(lines, new Set(waiting.map(({ subject }) => subject)))
  const people: DemandPerson[] = []
  const subjects = new Set<Uuid>()
  const refused: Uuid[] = []
  for (const line of waiting) {
    const outcome = await handOver(vault, caller, line)
    if (outcome.values === undefined || outcome.permit === undefined) refused.push(line.id)
    else {
      const { permit, values } = outcome
      subjects.add(line.subject)
      people.push({
        fields: line.fields,
        values: new Map([...values].map(([field, value]) => [field, value.reveal(permit)])),
      })
    }
  }
  if (people.length === 0) throw new DoverieError('forbidden', 'The policy permits nothing of it by the facts of now.')
  return exported(vault, caller, { policy, demand, people, subjects, refused })
}

/**
 * Throws `conflict` where the register says of somebody that their data went, and the document would not have them: an approval was
 * interrupted, or another is under way. They are named again, then.
 */
function assertNobodyLeftOut(lines: readonly Disclosure[], subjects: ReadonlySet<Uuid>): void {
  if (lines.some(({ state, subject }) => state === 'made' && !subjects.has(subject))) {
    throw new DoverieError('conflict', 'An approval was interrupted: name again all whom the demand is about.', {
      field: 'people',
    })
  }
}

async function exported(
  vault: Vault,
  caller: StaffCaller,
  made: {
    readonly policy: Policy
    readonly demand: DemandRow
    readonly people: readonly DemandPerson[]
    /** Whom these are of. */
    readonly subjects: ReadonlySet<Uuid>
    readonly refused: readonly Uuid[]
  },
): Promise<DemandExport> {
  const { policy, demand, people, subjects, refused } = made
  const law = lawFor(vault, policy)
  const password = demand.ageKey === null ? passwordOf(vault) : null
  return transaction(vault.data, async (tx) => {
    const at = vault.now()
    await lockDemand(tx, demand.id)
    assertNobodyLeftOut(await listDisclosuresOfDemand(tx, demand.id), subjects)
    const number = numberOf(yearOf(law.zone, at), await nextNumber(tx, vault.keys, 'reply', yearOf(law.zone, at)))
    const document = demandAnswer({ policy, zone: law.zone, texts: vault.documentTexts, demand, people, number, at })
    const pdf = await renderPdf(document, password)
    const file = demand.ageKey === null ? pdf : await encryptTo(demand.ageKey, pdf)
    const hash = createHash('sha256').update(file).digest()
    const letter = await insertDemandLetter(vault, tx, caller, demand, { kind: 'answer', number, pdf: null, hash, at })
    const moved = await moveDemand(tx, demand.id, 'approved', at)
    return { demand: moved, letter, file, name: `${number}.pdf${password === null ? '.age' : ''}`, password, refused }
  })
}

/**
 * Refuses a demand, by a numbered letter that names the clause and the reason: one that rests on no norm, or that staff reject. What was
 * asked for it is declined, also what an interrupted approval left as made: no document was made of it. The letter goes to the recipient's mailbox where the policy has one, else it is printed. Throws `conflict`.
 */
export async function refuseDemand(
  vault: Vault,
  caller: StaffCaller,
  given: { readonly demand: string; readonly note: string },
): Promise<{ readonly demand: DemandRow; readonly letter: RecipientLetterRow }> {
  await assertDuty(vault, caller, 'requests')
  const { policy, demand } = await demandOf(vault, given.demand)
  const authority = authorityOf(policy, demand.recipient)
  if (demand.state === 'registered' && given.note.trim() === '') {
    throw new DoverieError('invalid-request', 'A demand that names a norm is refused for a reason, in words.', {
      field: 'note',
    })
  }
  const law = lawFor(vault, policy)
  return transaction(vault.data, async (tx) => {
    const at = vault.now()
    const locked = await lockDemand(tx, demand.id)
    if (locked === null || (locked.state !== 'registered' && locked.state !== 'refusing'))
      throw new DoverieError('conflict')
    const before = await listRecipientLetters(tx, { demand: demand.id, limit: 1 })
    if (before.length > 0) throw new DoverieError('conflict', 'It was refused already.')
    const refusal = locked.refusal ?? { reason: 'rejected', clauses: authority.clauses }
    const year = yearOf(law.zone, at)
    const number = numberOf(year, await nextNumber(tx, vault.keys, 'reply', year))
    const received = (await findLetter(tx, demand.letter))?.number ?? ''
    const pdf = await renderPdf(
      demandRefusal({
        policy,
        zone: law.zone,
        texts: vault.documentTexts,
        demand: { ...locked, refusal },
        received,
        number,
        at,
        note: given.note,
      }),
    )
    if (locked.state === 'registered') {
      await saveDemand(tx, { ...locked, state: 'refusing', refusal })
      const entry = await recordAct(vault, tx, 'reject-demand', caller, refusal.clauses, {
        recipient: demand.recipient,
      })
      await declineDisclosuresOf(tx, demand.id, { at, by: ledgerNameOf(caller), entry })
    }
    const hash = createHash('sha256').update(pdf).digest()
    const made = await insertDemandLetter(vault, tx, caller, locked, { kind: 'refusal', number, pdf, hash, at })
    const letter = await sendIfMailbox(vault, tx, policy, made)
    const moved = letter.sentAt === null ? await lockDemand(tx, demand.id) : await moveDemand(tx, demand.id, 'told', at)
    return { demand: moved ?? locked, letter }
  })
}
