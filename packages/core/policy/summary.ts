import type { Localised } from '../base/index.ts'
import type { Clause } from './clauses.ts'
import { fieldsOf } from './retained.ts'
import type { Declarations } from './model.ts'

/** A policy as it is shown to people, in one language. */
export interface PolicySummary {
  readonly policy: string
  readonly bundle: string
  readonly version: string
  readonly language: string
  readonly languages: readonly string[]
  readonly title: string
  /** Says that this is a summary, and of what. */
  readonly preface: string
  /** The text that binds: what we word is a summary of it. */
  readonly official: Declarations['official']
  readonly operator: { readonly name: string; readonly site: string; readonly email: string; readonly address: string }
  readonly clauses: readonly Pick<Clause, 'number' | 'title' | 'text'>[]
  readonly entities: readonly Named[]
  readonly channels: readonly Named[]
  readonly purposes: readonly (Named & {
    readonly plain: string
    readonly grounds: readonly string[]
    readonly norm: string | null
  })[]
  readonly categories: readonly Named[]
  readonly compartments: readonly { readonly id: string; readonly label: string; readonly fields: readonly string[] }[]
  readonly fields: readonly (Named & {
    readonly category: string
    readonly compartment: string
    readonly kind: string
  })[]
  readonly services: readonly (Named & {
    readonly entities: readonly string[]
    readonly processors: readonly string[]
    /** Its first day in force; null where it is in force with the policy. */
    readonly effective: string | null
  })[]
  /** To whom data may go, the entities' own provision to one another among them. */
  readonly recipients: readonly (Named & {
    readonly kind: string
    readonly norm: string | null
    readonly contract: string | null
    readonly country: string | null
  })[]
  readonly forms: readonly (Named & { readonly channel: string; readonly lastDay: string | null })[]
}

interface Named {
  readonly id: string
  readonly label: string
  readonly clauses: readonly string[]
}

/** The policy for showing in `language`; in the bundle's first one where it has no such text. */
export function policySummary(policy: Declarations, language: string): PolicySummary {
  const shown = policy.texts.has(language) ? language : (policy.languages[0] ?? '')
  const text = policy.texts.get(shown)
  const say = (localised: Localised): string => localised[shown] ?? ''
  const named = ({
    id,
    label,
    clauses,
  }: {
    readonly id: string
    readonly label: Localised
    readonly clauses: readonly string[]
  }): Named => ({
    id,
    label: say(label),
    clauses,
  })
  const all = <T, U>(map: ReadonlyMap<string, T>, show: (item: T) => U): readonly U[] => [...map.values()].map(show)
  const { name, site, email, address } = policy.operator
  return {
    policy: policy.id,
    bundle: policy.bundle,
    version: policy.version,
    language: shown,
    languages: policy.languages,
    title: text?.title ?? '',
    preface: text?.preface ?? '',
    official: policy.official,
    operator: { name, site, email, address: say(address) },
    clauses: all(text?.clauses ?? new Map<string, Clause>(), ({ number, title, text }) => ({ number, title, text })),
    entities: all(policy.entities, named),
    channels: all(policy.channels, named),
    purposes: all(policy.purposes, (purpose) => ({
      ...named(purpose),
      plain: say(purpose.plain),
      grounds: purpose.grounds,
      norm: purpose.norm === null ? null : say(purpose.norm),
    })),
    categories: all(policy.categories, named),
    compartments: all(policy.compartments, ({ id, label }) => ({
      id,
      label: say(label),
      fields: fieldsOf(policy, id),
    })),
    fields: all(policy.fields, (field) => ({
      ...named(field),
      category: field.category,
      compartment: field.compartment,
      kind: field.kind,
    })),
    services: all(policy.services, (service) => ({
      ...named(service),
      entities: service.entities,
      processors: service.processors,
      effective: service.effective?.day ?? null,
    })),
    recipients: all(policy.recipients, (recipient) => ({
      ...named(recipient),
      kind: recipient.kind,
      norm: recipient.norm === null ? null : say(recipient.norm),
      contract: recipient.contract === null ? null : say(recipient.contract),
      country: recipient.country,
    })),
    forms: all(policy.forms, (form) => ({
      ...named(form),
      channel: form.channel,
      lastDay: form.campaign === null ? null : (policy.campaigns.get(form.campaign)?.lastDay ?? null),
    })),
  }
}
