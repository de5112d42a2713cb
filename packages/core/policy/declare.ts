import { nextDay, parseDay, startOfDay } from '../base/index.ts'
import { type ClauseText, inOrder } from './clauses.ts'
import {
  type Campaign,
  type Declarations,
  type Effective,
  type Field,
  type Form,
  type Overlay,
  type Recipient,
  RECIPIENT_KINDS,
  type Rule,
  type Service,
} from './model.ts'
import { type Place, placed, type PolicyProblem, problemAt } from './problem.ts'
import type { Invariant } from './prove/invariant.ts'
import type { CampaignFile, EntityFile, RulesFile, ServiceFile } from './shapes.ts'
import { systemOf } from './system.ts'

/** The files of a bundle, read by their shapes. */
export interface Files {
  readonly rules: RulesFile
  readonly services: readonly ServiceFile[]
  readonly entities: readonly EntityFile[]
  readonly campaigns: readonly CampaignFile[]
  readonly texts: ReadonlyMap<string, ClauseText>
}

/** Lays the files of a bundle together. Reports names declared twice, missing texts and days that do not exist. */
export function declare(files: Files): { readonly value: Declarations; readonly problems: readonly PolicyProblem[] } {
  const { rules, services, entities, campaigns, texts } = files
  /** All that declare things, in this order: the base policy, its supplements, what is said of single entities. */
  const parts = [rules, ...services, ...entities]
  const problems: PolicyProblem[] = []
  const byId = <T extends { readonly id: string; readonly at: Place }>(items: readonly T[]): ReadonlyMap<string, T> => {
    const map = new Map<string, T>()
    for (const item of items) {
      const first = map.get(item.id)
      if (first !== undefined)
        problems.push(problemAt(item.at, `'${item.id}' is declared twice (${placed(first.at)})`, clausesOf(item)))
      else map.set(item.id, item)
    }
    return map
  }
  problems.push(...textProblems(rules.languages, texts))
  const forms: Form[] = [
    ...parts.flatMap((file) => file.forms.map((form) => ({ ...form, campaign: null }))),
    ...campaigns.map(({ campaign, form }) => ({ ...form, campaign: campaign.id })),
  ]
  const effectiveOf = (at: Place, day: string | null): Effective | null =>
    day === null ? null : effective(at, day, rules.zone, problems)
  const written = [...rules.services, ...services.map((file) => file.service)]
  const offered = written.map((service) => ({ ...service, effective: effectiveOf(service.at, service.effective) }))
  const overlays = entities.map(({ entity }) => ({ ...entity, effective: effectiveOf(entity.at, entity.effective) }))
  const named = [rules, ...services]
  const allRules = [...named.flatMap((file) => file.rules), ...entities.flatMap(rulesOf)].map((rule) =>
    inForce(rule, [...offered, ...overlays]),
  )
  const retention = parts.flatMap((file) => file.retention)
  const invariants = [...named.flatMap((file) => file.invariants), ...entities.flatMap(invariantsOf)]
  byId(allRules)
  byId(retention)
  byId(invariants)
  byId(rules.measures)
  const value: Declarations = {
    format: rules.format,
    bundle: rules.bundle,
    version: rules.version,
    id: `${rules.bundle}@${rules.version}`,
    profile: rules.profile,
    languages: rules.languages,
    zone: rules.zone,
    effective: effectiveOf(rules.operator.at, rules.effective),
    official: rules.official,
    operator: rules.operator,
    texts,
    entities: byId(rules.entities),
    overlays: byId(overlays),
    channels: byId(rules.channels),
    purposes: byId(parts.flatMap((file) => file.purposes)),
    categories: byId(parts.flatMap((file) => file.categories)),
    compartments: byId(parts.flatMap((file) => file.compartments)),
    fields: byId(parts.flatMap((file) => file.fields).map(fieldOf)),
    actors: byId(rules.actors),
    recipients: byId<Recipient>([
      ...rules.entities.map((entity) => ({ ...entity, kind: 'entity' as const, ...OURSELVES })),
      ...parts.flatMap((file) => file.recipients),
    ]),
    traits: rules.traits,
    services: byId<Service>(offered),
    defaults: defaultsOf(rules.defaults),
    system: systemOf(rules.system),
    age: rules.age,
    erasure: rules.erasure,
    doubts: rules.doubts,
    rules: allRules,
    retention,
    invariants,
    forms: byId(forms),
    campaigns: byId(campaigns.flatMap((file) => campaignOf(file, rules.zone, problems))),
    measures: rules.measures,
    informational: rules.informational,
  }
  problems.push(...clashes(value))
  return { value, problems }
}

function defaultsOf({
  at,
  undeclared,
  unknown,
  acts,
  ...written
}: Files['rules']['defaults']): Declarations['defaults'] {
  const [noRule, noLiveData] = [inOrder(written['no-rule']), inOrder(written['no-live-data'])]
  return { at, noRule, noLiveData, undeclared, unknown, acts }
}

/** A text is there in every language of the bundle, and in no other. */
function textProblems(languages: readonly string[], texts: Files['texts']): readonly PolicyProblem[] {
  const missing = languages.filter((language) => !texts.has(language))
  const beyond = [...texts].filter(([language]) => !languages.includes(language))
  return [
    ...missing.map((language) => problemAt({ file: `policy.${language}.md`, line: 1 }, 'the file is missing')),
    ...beyond.map(([, { file }]) => problemAt({ file, line: 1 }, 'the bundle does not declare this language')),
  ]
}

function fieldOf({ 'max-length': maxLength, ...field }: RulesFile['fields'][number]): Field {
  return { ...field, maxLength }
}

/** What is said of others than the operator's own entities. */
const OURSELVES = { norm: null, contract: null, country: null, verified: true, email: null, address: null, demands: [] }

/** The rules of an entity's own file, which hold for it alone. */
function rulesOf({ entity, rules }: EntityFile): readonly Rule[] {
  return rules.map((rule) => ({ ...rule, entities: { only: [entity.id] } }))
}

function invariantsOf({ entity, invariants }: EntityFile): readonly Invariant[] {
  const entities = { only: [entity.id] }
  return invariants.map((one): Invariant => {
    const { claim } = one
    // A submission is none of one entity before it is taken.
    if (claim.kind === 'never-collects') return one
    return { ...one, claim: { ...claim, region: { ...claim.region, entities } } }
  })
}

/** The rules of a supplement that comes later than its bundle hold from its first day on. */
function inForce(rule: Rule, supplements: readonly (Service | Overlay)[]): Rule {
  const supplement = rule.at.file === 'rules.yaml' ? undefined : supplements.find(({ at }) => at.file === rule.at.file)
  if (!supplement?.effective) return rule
  return { ...rule, when: [{ is: 'in-force', from: supplement.effective.from }, ...rule.when] }
}

function effective(at: Place, day: string, zone: string, problems: PolicyProblem[]): Effective | null {
  const parsed = parseDay(day)
  if (parsed !== null) return { day, from: startOfDay(zone, parsed) }
  problems.push(problemAt(at, `there is no day ${day}`))
  return null
}

function campaignOf({ campaign, form }: CampaignFile, zone: string, problems: PolicyProblem[]): readonly Campaign[] {
  const { ends, ...rest } = campaign
  const day = parseDay(ends)
  if (day !== null) return [{ ...rest, form: form.id, lastDay: ends, ends: startOfDay(zone, nextDay(day)) }]
  problems.push(problemAt(campaign.at, `there is no day ${ends}`, campaign.clauses))
  return []
}

/** Categories, compartments and fields are named in one breath by rules (`data`), services and traits (`services`), recipients and their kinds, too. */
function clashes(value: Declarations): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = []
  const data = new Map([['person', 'a word of the rules']])
  const kinds = { category: value.categories, compartment: value.compartments, field: value.fields } as const
  for (const [kind, map] of Object.entries(kinds)) {
    for (const item of map.values()) {
      const other = data.get(item.id)
      if (other !== undefined) problems.push(problemAt(item.at, `'${item.id}' is already ${other}`, clausesOf(item)))
      data.set(item.id, `a ${kind} (${placed(item.at)})`)
    }
  }
  for (const recipient of value.recipients.values()) {
    if ((RECIPIENT_KINDS as readonly string[]).includes(recipient.id))
      problems.push(problemAt(recipient.at, `'${recipient.id}' is already a kind of recipient`, recipient.clauses))
  }
  for (const service of value.services.values()) {
    if (value.traits.includes(service.id))
      problems.push(problemAt(service.at, `'${service.id}' is already a trait`, service.clauses))
  }
  return problems
}

function clausesOf(item: object): readonly string[] {
  return 'clauses' in item ? (item.clauses as readonly string[]) : []
}
