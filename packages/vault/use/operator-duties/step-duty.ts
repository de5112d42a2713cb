import {
  DoverieError,
  formatInstant,
  type HarmLevel,
  type Instant,
  type LabelledEntry,
  type VoidReason,
} from '@doverie/core/base'
import { handedTo, harmFindings, harmLevel } from '@doverie/core/policy'
import { dutySteps, type DutyStep, reviewEnds } from '@doverie/core/request'
import type { Caller } from '../../guard/caller.ts'
import type { Vault } from '../../guard/vault.ts'
import { type DutyFacts, type DutyRow, listDutyDocuments } from '../../store/duties.ts'
import { assertOfficer } from '../duties.ts'
import { type DutyContent, dutyKey, type DutyWords, openDutyWords, saying } from './content.ts'
import { writeDocument } from './duty-documents.ts'
import { actOnDuty, type DutyCase, dutyOf } from './on-duty.ts'

export interface DutyStepRequest extends DutyWords {
  readonly duty: string
  readonly step: DutyStep
  /** When it took place: a notice counts from its sending, a document from its day. Now where it is not said. */
  readonly at?: Instant
  readonly until?: Instant
  readonly reference?: string
  readonly reason?: VoidReason
  readonly covers?: readonly string[]
  readonly country?: string
  readonly adequate?: boolean
  readonly noticedAt?: Instant
  /** Of an assessment: whether each circumstance is there, for those the policy cannot know; for another it needs a note. */
  readonly criteria?: readonly { readonly id: string; readonly met: boolean }[]
}

/**
 * Takes a duty a step further. What must be said with a step depends on its kind; a notice needs the draft that was sent, an assessment
 * makes its act. Throws `conflict` where the step cannot follow, `invalid-request`, naming the member, where something is missing or wrong.
 */
export async function stepDuty(vault: Vault, caller: Caller, given: DutyStepRequest): Promise<DutyRow> {
  const officer = assertOfficer(vault, caller)
  const found = await dutyOf(vault, given.duty)
  const { row } = found
  const at = given.at ?? vault.now()
  if (at > vault.now()) throw wrong('at', 'That moment is still to come.')
  if (!dutySteps(found.law, row).includes(given.step)) {
    throw new DoverieError('conflict', `This cannot follow where the duty stands. (${row.state})`, { field: 'step' })
  }
  const key = await dutyKey(vault, row.id)
  const words = wordsIn(given)
  const said = { ...openDutyWords(key, row.sealed), ...words }
  const facts = await factsOf(vault, found, given, said, at)
  const { step, until, reason } = given
  const more = { ...(until === undefined ? {} : { until }), ...(reason === undefined ? {} : { reason }) }
  const assessed = row.kind === 'harm' && step === 'in-force'
  return actOnDuty(vault, found, {
    name: 'step-duty',
    caller: officer,
    events: () => [{ kind: 'step', step, at, ...more }],
    detail: { step, at, ...more, ...(facts.level === undefined ? {} : { level: facts.level }) },
    change: (locked) => ({
      facts: { ...locked.facts, ...facts, by: officer.pseudonym },
      ...(Object.keys(words).length === 0 ? {} : { sealed: saying(key, locked.sealed, words) }),
    }),
    also: async (tx, moved) => {
      if (assessed) await writeDocument(vault, tx, officer, { ...found, row: moved }, { content: said, key })
    },
  })
}

/** Says more of a duty, or says it otherwise; what was drafted before stays as it was. */
export async function describeDutyFurther(
  vault: Vault,
  caller: Caller,
  { duty, ...words }: DutyWords & { readonly duty: string },
): Promise<DutyRow> {
  const officer = assertOfficer(vault, caller)
  const found = await dutyOf(vault, duty)
  const key = await dutyKey(vault, found.row.id)
  return actOnDuty(vault, found, {
    name: 'describe-duty',
    caller: officer,
    events: (_, at) => [{ kind: 'said', at }],
    detail: { said: Object.keys(words).sort() },
    change: ({ sealed }) => ({ sealed: saying(key, sealed, words) }),
  })
}

function wordsIn(given: DutyStepRequest): DutyWords {
  const { contact, place, begins, security, tax, signatory, party, note } = given
  const all = { contact, place, begins, security, tax, signatory, party, note }
  return Object.fromEntries(Object.entries(all).filter(([, text]) => text !== undefined))
}

function wrong(field: string, message: string): DoverieError {
  return new DoverieError('invalid-request', message, { field })
}

/** What the register says from this step on. */
async function factsOf(
  vault: Vault,
  found: DutyCase,
  given: DutyStepRequest,
  said: DutyContent,
  at: Instant,
): Promise<DutyFacts> {
  const { row } = found
  const { step, reference, reason } = given
  const told = reference === undefined ? {} : { reference }
  if (step === 'void') return reason === undefined ? {} : { reason }
  if (step === 'ended') return {}
  if (step === 'confirmed') {
    if (reference === undefined) throw wrong('reference', 'By which number does the authority’s register have it?')
    return told
  }
  // The authority is told of a transfer abroad in its own form.
  if (step === 'sent' && row.kind === 'cross-border') return { ...told, noticedAt: at }
  if (step === 'sent') {
    const made = await listDutyDocuments(vault.data, row.id)
    if (made.length > 0) return { ...told, at }
    throw new DoverieError('conflict', 'The notice is to be drafted first: what was sent is kept.', { field: 'step' })
  }
  const document = { ...told, at, until: given.until ?? null }
  if (row.kind === 'agreement') return { ...document, ...agreed(found, given) }
  if (row.kind === 'harm') return { ...document, ...assessed(found, given, said) }
  return { ...document, ...attested(found, given, said, at) }
}

function agreed({ policy, law, row }: DutyCase, { reference, covers = [] }: DutyStepRequest): Partial<DutyFacts> {
  if (reference === undefined) throw wrong('reference', 'An agreement has a number.')
  const lacking = law.profile.agreement.filter(({ id }) => !covers.includes(id))
  if (lacking.length > 0) throw wrong('covers', `The agreement lacks ${namesOf(lacking)}.`)
  return { covers: law.profile.agreement.map(({ id }) => id), ...handedTo(policy, row.about) }
}

function namesOf(entries: readonly LabelledEntry[]): string {
  return entries.map(({ id, article }) => `${id} (${article['en'] ?? ''})`).join(', ')
}

function attested(
  { policy, law, row }: DutyCase,
  { until, country, adequate, noticedAt: noticed }: DutyStepRequest,
  said: DutyContent,
  at: Instant,
): Partial<DutyFacts> {
  if (until === undefined) throw wrong('until', 'Until when is it attested?')
  if (row.kind === 'cross-border') {
    const noticedAt = noticed ?? row.facts.noticedAt
    if (noticed !== undefined && noticed < (row.facts.noticedAt ?? noticed)) {
      throw wrong('noticedAt', 'The register has that the authority was told later.')
    }
    if (adequate === undefined) throw wrong('adequate', 'Does that country protect people adequately?')
    if (law.profile.jurisdiction === 'RU' && noticedAt === undefined) {
      throw wrong('noticedAt', 'The authority is told before a transfer abroad begins (152-FZ art. 12(3)).')
    }
    // Until the authority has looked at it nothing may go to a country that does not protect people adequately.
    const free = adequate || noticedAt === undefined ? null : reviewEnds(law, noticedAt)
    if (free !== null && at < free) {
      throw wrong('adequate', `The authority looks at it until ${formatInstant(law.zone, free)} (152-FZ art. 12).`)
    }
    const to = policy.recipients.get(row.about)?.country ?? row.facts.country
    return {
      ...(to === undefined ? {} : { country: to }),
      ...{ adequate, ...(noticedAt === undefined ? {} : { noticedAt }) },
      ...handedTo(policy, row.about),
    }
  }
  if (said.place.trim() === '') throw wrong('place', 'Where are the databases?')
  if (country !== law.profile.jurisdiction) {
    throw wrong('country', `Databases are in ${law.profile.jurisdiction} (152-FZ art. 18(5)).`)
  }
  return { country }
}

/** What harm was found: by the policy where it can know, by whoever assesses for the rest, and against the policy with a reason. */
function assessed(
  { policy, law }: DutyCase,
  { criteria = [] }: DutyStepRequest,
  said: DutyContent,
): { readonly met: readonly string[]; readonly level: HarmLevel; readonly version: string } {
  if (said.signatory.trim() === '') throw wrong('signatory', 'Who assessed it, by name and post?')
  const met = harmFindings(policy, law.profile).flatMap(({ criterion, met: found }) => {
    const told = criteria.find(({ id }) => id === criterion.id)?.met
    if (told === undefined && found === null) {
      throw wrong('criteria', `The policy cannot tell whether '${criterion.id}' is there: say so.`)
    }
    if (told === false && found === true && said.note.trim() === '') {
      throw wrong('note', `By the policy '${criterion.id}' is there: say by which law it does not count.`)
    }
    return (told ?? found) === true ? [criterion] : []
  })
  return { met: met.map(({ id }) => id), level: harmLevel(met), version: policy.id }
}
