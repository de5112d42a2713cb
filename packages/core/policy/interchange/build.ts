import { err, formatPeriod, type LegalProfile, type Localised, ok, type Result, type Uuid } from '../../base/index.ts'
import { legalGrounds } from '../legal/legal-grounds.ts'
import type { Declarations, Recipient } from '../model.ts'
import { type Activity, activitiesOf, activityOf } from './activity.ts'
import type {
  ConsentEvent,
  ConsentReceipt,
  ConsentRecord,
  LawEntry,
  Party,
  ProcessEntry,
  ProcessingRegister,
} from './record.ts'

/** What is known of one consent: ids, names of the policy, moments. No value of the person. */
export interface ConsentFacts {
  readonly id: Uuid
  /** The person's opaque id. */
  readonly subject: string
  readonly form: string
  readonly entity: string
  readonly purpose: string
  readonly language: string
  /** SHA-256 of the contract that was shown, lower-case hex. */
  readonly sha256: string
  readonly events: readonly ConsentEvent[]
  /** Where it is withdrawn; the operator's site where absent. */
  readonly control?: string
}

/** Which name is none of the policy's, or why it makes no consent. */
export type NoRecord = 'unknown-form' | 'unknown-entity' | 'unknown-purpose' | 'no-consent'

/** The record of one consent as the policy that it was given under has it. */
export function consentRecordOf(
  policy: Declarations,
  profile: LegalProfile,
  facts: ConsentFacts,
): Result<ConsentRecord, NoRecord> {
  const form = policy.forms.get(facts.form)
  const entity = policy.entities.get(facts.entity)
  const purpose = policy.purposes.get(facts.purpose)
  if (form === undefined) return err('unknown-form')
  if (entity === undefined || !form.entities.includes(entity.id)) return err('unknown-entity')
  if (purpose === undefined) return err('unknown-purpose')
  if (!form.consents.some((consent) => consent.purpose === purpose.id)) return err('no-consent')
  const say = sayIn(policy, facts.language)
  const activity = activityOf(policy, purpose)
  const process = processOf(policy, profile, activity, say)
  const consented = legalGrounds(profile, purpose).filter(({ kind }) => kind === 'consent')
  const asked = new Set(form.fields.map(({ field }) => policy.fields.get(field)?.category))
  return ok({
    id: facts.id,
    subject: facts.subject,
    law: lawOf(profile),
    schema: profile.conformsTo,
    notice: { policy: policy.id, form: form.id, language: facts.language, sha256: facts.sha256 },
    controller: entityParty(policy, profile, entity.id, say),
    recipients: activity.recipients.map((recipient) => recipientParty(policy, profile, recipient, say)),
    // The consent covers what its form asked for, on consent's own grounds; the purpose may have more of either.
    process: {
      ...process,
      grounds: process.grounds.filter(({ id }) => consented.some((ground) => ground.id === id)),
      data: process.data.filter(({ category }) => asked.has(category)),
    },
    control: facts.control ?? policy.operator.site,
    rights: profile.rights.map(({ id, dpv, label }) => ({ id, term: dpv, label: say(label) })),
    events: facts.events,
  })
}

/** A receipt of one person's records: a copy of them for that person. `records` is not empty. */
export function receiptOf(
  profile: LegalProfile,
  header: Pick<ConsentReceipt, 'id' | 'created' | 'publisher'>,
  records: readonly ConsentRecord[],
): ConsentReceipt {
  return { ...header, schema: profile.conformsTo.replace('#record', '#receipt'), records }
}

/** The register of processing of a policy, in a language of its own. */
export function processingRegisterOf(
  policy: Declarations,
  profile: LegalProfile,
  language: string,
): ProcessingRegister {
  const say = sayIn(policy, language)
  return {
    policy: policy.id,
    language,
    law: lawOf(profile),
    controllers: [...policy.entities.keys()].map((id) => entityParty(policy, profile, id, say)),
    recipients: [...policy.recipients.values()]
      .filter(({ kind }) => kind !== 'entity')
      .map((recipient) => recipientParty(policy, profile, recipient, say)),
    processes: activitiesOf(policy)
      .filter(({ operations }) => operations.length > 0)
      .map((activity) => processOf(policy, profile, activity, say)),
  }
}

type Say = (text: Localised) => string

/** Says a text in a language; in the binding one where it has no such text. */
export function sayIn(policy: Declarations, language: string): Say {
  return (text) => text[language] ?? text[policy.languages[0] ?? ''] ?? Object.values(text)[0] ?? ''
}

function lawOf({ id, jurisdiction, law }: LegalProfile): LawEntry {
  return { profile: id, jurisdiction, term: law }
}

function processOf(policy: Declarations, profile: LegalProfile, activity: Activity, say: Say): ProcessEntry {
  const { purpose, categories, operations, recipients, storage, entities } = activity
  const { norm } = purpose
  const countries = entities.map(({ id }) => policy.recipients.get(id)?.country ?? profile.jurisdiction)
  return {
    purpose: purpose.id,
    term: purpose.dpv,
    label: say(purpose.label),
    grounds: legalGrounds(profile, purpose).map(({ id, kind, dpv, article }) => ({
      id,
      term: dpv,
      article: say(kind === 'law' && norm !== null ? norm : article),
    })),
    data: categories.map(({ category, required }) => ({
      category: category.id,
      term: category.dpv,
      label: say(category.label),
      special: category.special,
      required,
    })),
    operations: operations.map((operation) => ({
      operation,
      terms: profile.operations.find((known) => known.operation === operation)?.dpv ?? [],
    })),
    recipients: recipients.map(({ id }) => id),
    locations: [...new Set(countries.length === 0 ? [profile.jurisdiction] : countries)],
    storage: storage.map(({ id, after, article }) => ({
      ground: id,
      duration: after === null ? null : formatPeriod(after.term),
      from: after?.from ?? null,
      article: say(article),
    })),
  }
}

function entityParty(policy: Declarations, profile: LegalProfile, id: string, say: Say): Party {
  return {
    id,
    role: 'entity',
    name: say(policy.entities.get(id)?.label ?? {}),
    address: say(policy.operator.address),
    contact: policy.operator.email,
    country: policy.recipients.get(id)?.country ?? profile.jurisdiction,
  }
}

function recipientParty(policy: Declarations, profile: LegalProfile, recipient: Recipient, say: Say): Party {
  if (recipient.kind === 'entity') return entityParty(policy, profile, recipient.id, say)
  const { id, kind, label, country } = recipient
  return { id, role: kind, name: say(label), address: null, contact: null, country: country ?? profile.jurisdiction }
}
