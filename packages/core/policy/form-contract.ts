import {
  type AgeBand,
  type Canonical,
  canonical,
  err,
  type ErrorCode,
  type Instant,
  type Localised,
  ok,
  type Result,
} from '../base/index.ts'
import { touches } from './compile.ts'
import { type ValuesSchema, valuesSchema } from './form-schema.ts'
import { type Declarations, type Form, isPersonSide, type Mandatory, selects } from './model.ts'
import type { FieldKind } from './values/index.ts'

/**
 * What a form asks and promises: everything shown to the person, in every language of the bundle. What was consented to is
 * what was shown, so its canonical text is what a snapshot signs and evidence hashes.
 */
export interface FormContract {
  /** The policy in force, `bundle@version`. */
  readonly policy: string
  readonly form: string
  readonly label: Localised
  readonly clauses: readonly string[]
  readonly channel: string
  /** The legal entities the person chooses from; a single one is no choice. */
  readonly entities: readonly { readonly id: string; readonly label: Localised }[]
  /** The purpose under which the submission is decided and recorded. */
  readonly purpose: string
  readonly ground: 'contract' | 'consent'
  /** The service whose contract a submission makes; null where it rests on consent. */
  readonly service: string | null
  readonly campaign: { readonly id: string; readonly lastDay: string; readonly ends: Instant } | null
  readonly notice: Localised
  readonly fields: readonly ContractField[]
  /** Whether the person is of age, asked of everybody of whom it is not known yet; null where no rule depends on it. */
  readonly age: ContractAge | null
  /** Every purpose that a field of it may be used for. */
  readonly purposes: readonly { readonly id: string; readonly label: Localised; readonly plain: Localised }[]
  readonly choices: readonly ContractChoice[]
  readonly consents: readonly ContractConsent[]
  /** JSON Schema 2020-12 of the object of values. It narrows; `checkSubmission` is what judges. */
  readonly schema: ValuesSchema
}

interface ContractField {
  readonly field: string
  readonly label: Localised
  readonly kind: FieldKind
  readonly category: string
  readonly compartment: string
  readonly clauses: readonly string[]
  readonly maxLength: number
  /** Why the service cannot do without it; null where it may stay empty. */
  readonly mandatory: Mandatory | null
  /** What the policy lets it be used for; the contract's `purposes` say it in plain words. */
  readonly purposes: readonly string[]
}

interface ContractAge {
  readonly clause: string
  readonly question: Localised
  readonly reason: Localised
  readonly answers: Readonly<Record<AgeBand, Localised>>
}

/** Fields of which one option is filled, wholly. */
interface ContractChoice {
  readonly id: string
  readonly mandatory: Mandatory | null
  readonly options: readonly (readonly string[])[]
}

/** A consent with a document of its own. `preticked` is there to be read, and always false. */
interface ContractConsent {
  readonly purpose: string
  readonly label: Localised
  readonly clauses: readonly string[]
  readonly document: Localised
  /** True where the form can send nothing without it, because the collection rests on it alone. */
  readonly needed: boolean
  readonly preticked: false
}

/** Why there is no such contract now. */
export interface FormFault {
  readonly code: Extract<ErrorCode, 'unknown-form' | 'campaign-ended' | 'snapshot-outdated'>
  readonly message: string
  readonly clause?: string
}

/** The contract of a form at `now`, or why there is none: no such form, its campaign has ended, its service is yet to come. */
export function formContract(policy: Declarations, formId: string, now: Instant): Result<FormContract, FormFault> {
  const form = policy.forms.get(formId)
  if (form === undefined) return err({ code: 'unknown-form', message: 'The policy knows no such form.' })
  const campaign = form.campaign === null ? null : (policy.campaigns.get(form.campaign) ?? null)
  if (campaign !== null && now >= campaign.ends) {
    const clause = campaign.clauses[0]
    const message = `The campaign ended on ${campaign.lastDay} and collects nothing.`
    return err({ code: 'campaign-ended', message, ...(clause === undefined ? {} : { clause }) })
  }
  const service = form.service === null ? undefined : policy.services.get(form.service)
  const overlay = [...policy.overlays.values()].find(({ at }) => at.file === form.at.file)
  for (const effective of [service?.effective, overlay?.effective]) {
    if (effective && now < effective.from)
      return err({ code: 'unknown-form', message: `The form is offered from ${effective.day} on.` })
  }
  const fields = form.fields.flatMap(({ field, mandatory }) => contractField(policy, field, mandatory))
  const used = new Set(fields.flatMap(({ purposes }) => purposes))
  return ok({
    policy: policy.id,
    form: form.id,
    label: form.label,
    clauses: form.clauses,
    channel: form.channel,
    entities: form.entities.map((id) => ({ id, label: policy.entities.get(id)?.label ?? {} })),
    purpose: form.purpose,
    ground: form.ground,
    service: form.service,
    campaign: campaign === null ? null : { id: campaign.id, lastDay: campaign.lastDay, ends: campaign.ends },
    notice: form.notice,
    fields,
    age: contractAge(policy.age),
    purposes: [...policy.purposes.values()]
      .filter(({ id }) => used.has(id))
      .map(({ id, label, plain }) => ({ id, label, plain })),
    choices: form.choices.map(({ id, mandatory, options }) => ({ id, mandatory: plainly(mandatory), options })),
    consents: form.consents.map((consent) => contractConsent(policy, form, consent)),
    schema: valuesSchema(policy, form),
  })
}

/** The one text of a contract: what its hash and its signature are taken of. */
export function contractText(contract: FormContract): string {
  return canonical(contract as unknown as Canonical)
}

function contractAge(age: Declarations['age']): ContractAge | null {
  if (age === null) return null
  const { clauses, question, reason, adult, minor } = age
  return { clause: clauses[0] ?? '', question, reason, answers: { adult, minor } }
}

/** Purposes for which some rule lets somebody other than the person, or who acts for them, use a field, in the policy's order. */
function purposesOf(policy: Declarations, field: string): readonly string[] {
  const subjects = [...policy.actors.values()].filter(({ kind }) => isPersonSide(kind)).map(({ id }) => id)
  const permits = policy.rules.filter(
    ({ effect, actors, data }) =>
      effect === 'permit' &&
      !('only' in actors && actors.only.every((id) => subjects.includes(id))) &&
      touches(policy, data, field),
  )
  return [...policy.purposes.keys()].filter((purpose) => permits.some(({ purposes }) => selects(purposes, purpose)))
}

function contractField(policy: Declarations, id: string, mandatory: Mandatory | null): readonly ContractField[] {
  const field = policy.fields.get(id)
  if (field === undefined) return []
  const { label, kind, category, compartment, clauses, maxLength } = field
  const purposes = purposesOf(policy, id)
  return [
    { field: id, label, kind, category, compartment, clauses, maxLength, mandatory: plainly(mandatory), purposes },
  ]
}

function contractConsent(policy: Declarations, form: Form, consent: Form['consents'][number]): ContractConsent {
  const { purpose, clauses, document } = consent
  const needed = form.ground === 'consent' && purpose === form.purpose
  return { purpose, label: policy.purposes.get(purpose)?.label ?? {}, clauses, document, needed, preticked: false }
}

/** Without the place in the bundle, which is no part of what is shown. */
function plainly(mandatory: Mandatory | null): Mandatory | null {
  return mandatory === null ? null : { clause: mandatory.clause, reason: mandatory.reason }
}
