import type { Instant } from '../../base/index.ts'
import { type FormContract, formContract } from '../form-contract.ts'
import { type Form, selects } from '../model.ts'
import type { Policy } from '../policy.ts'
import { checkSubmission, type Submission } from '../submission.ts'
import { takesPurpose } from './acts.ts'
import { type Flaw, FLAWS, type FormRegion } from './invariant.ts'
import { SAMPLES } from './sample-values.ts'
import { NOW } from './witness.ts'
import { say, type Words, wordsOf } from './words.ts'

/** What was found of the submissions of a region: one that is taken and must not be, or nothing to speak of. */
export interface FormFinding {
  readonly breach: { readonly form: Form; readonly says: Words } | null
  /** True where no form of the region can have all of its flaws. */
  readonly idle: boolean
  readonly submissions: number
}

const FLAW_WORDS: Readonly<Record<Flaw, Words>> = {
  ended: { ru: 'кампания закончилась', en: 'the campaign has ended' },
  'without-its-consent': {
    ru: 'согласие, на котором держится форма, не дано',
    en: 'the consent the form rests on is not given',
  },
  'undeclared-field': { ru: 'прислано поле, которого в форме нет', en: 'a field comes that the form does not declare' },
  'missing-field': { ru: 'обязательное поле пусто', en: 'a mandatory field is empty' },
  'other-entity': { ru: 'выбрана компания, которой в форме нет', en: 'the chosen company is not one of the form' },
}

/** Puts a submission of every kind, with these flaws and with any others beside them, to `checkSubmission`. */
export function judgeForms(policy: Policy, region: FormRegion): FormFinding {
  let submissions = 0
  let idle = true
  let lightest: { readonly form: Form; readonly flaws: ReadonlySet<Flaw> } | null = null
  for (const form of policy.forms.values()) {
    const fits =
      selects(region.forms, form.id) &&
      selects(region.channels, form.channel) &&
      takesPurpose(policy, region.purposes, form.purpose)
    const can = possible(policy, form)
    if (!fits || !region.when.every((flaw) => can.has(flaw))) continue
    idle = false
    for (const flaws of supersets(new Set(region.when), [...can])) {
      submissions++
      if (!isTaken(policy, form, flaws)) continue
      if (lightest === null || flaws.size < lightest.flaws.size) lightest = { form, flaws }
    }
  }
  return { breach: lightest === null ? null : { form: lightest.form, says: tellForm(lightest) }, idle, submissions }
}

/** The flaws a submission of a form can have at all. */
function possible(policy: Policy, form: Form): ReadonlySet<Flaw> {
  const can = new Set<Flaw>(['undeclared-field'])
  if (form.campaign !== null) can.add('ended')
  if (form.ground === 'consent') can.add('without-its-consent')
  if (form.fields.some(({ mandatory }) => mandatory !== null)) can.add('missing-field')
  if ([...policy.entities.keys()].some((id) => !form.entities.includes(id))) can.add('other-entity')
  return can
}

function supersets(of: ReadonlySet<Flaw>, among: readonly Flaw[]): readonly ReadonlySet<Flaw>[] {
  return FLAWS.filter((flaw) => among.includes(flaw) && !of.has(flaw)).reduce<readonly ReadonlySet<Flaw>[]>(
    (sets, flaw) => [...sets, ...sets.map((set) => new Set([...set, flaw]))],
    [of],
  )
}

/** Whether a submission with these flaws, and no other, is taken. It was shown its form while the form was there. */
function isTaken(policy: Policy, form: Form, flaws: ReadonlySet<Flaw>): boolean {
  const ends = policy.campaigns.get(form.campaign ?? '')?.ends ?? null
  const shown: Instant = ends === null ? NOW : ends - 1
  const contract = formContract(policy, form.id, shown)
  if (!contract.ok) return false
  const now = flaws.has('ended') && ends !== null ? ends : shown
  return checkSubmission(policy, contract.value, submissionOf(policy, contract.value, flaws), now).ok
}

function submissionOf(policy: Policy, contract: FormContract, flaws: ReadonlySet<Flaw>): Submission {
  const values: Record<string, string> = {}
  const alternatives = new Set(contract.choices.flatMap(({ options }) => options.slice(1).flat()))
  for (const { field, kind } of contract.fields) if (!alternatives.has(field)) values[field] = SAMPLES[kind]
  if (flaws.has('missing-field')) {
    const mandatory = contract.fields.find((field) => field.mandatory !== null)
    if (mandatory !== undefined) Reflect.deleteProperty(values, mandatory.field)
  }
  if (flaws.has('undeclared-field')) {
    const other = [...policy.fields.keys()].find((id) => contract.fields.every(({ field }) => field !== id))
    values[other ?? 'undeclared'] = 'AB-1234'
  }
  const offered = contract.entities.map(({ id }) => id)
  const other = [...policy.entities.keys()].find((id) => !offered.includes(id))
  const consents = contract.consents.filter(({ needed }) => !(needed && flaws.has('without-its-consent')))
  return {
    entity: (flaws.has('other-entity') ? other : offered[0]) ?? '',
    values,
    consents: consents.map(({ purpose }) => purpose),
    ...(contract.age === null ? {} : { age: 'adult' }),
  }
}

function tellForm({ form, flaws }: { readonly form: Form; readonly flaws: ReadonlySet<Flaw> }): Words {
  const label = wordsOf(form.label, form.id)
  const what = say((language) => [...flaws].map((flaw) => FLAW_WORDS[flaw][language]).join('; '))
  return {
    ru: `Форма «${label.ru}» (${form.at.file}:${form.at.line}) принимает сведения, хотя ${what.ru}.`,
    en: `The form “${label.en}” (${form.at.file}:${form.at.line}) takes a submission although ${what.en}.`,
  }
}
