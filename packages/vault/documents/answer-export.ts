import { type Canonical, csv } from '@doverie/core/base'
import { liveGrounds } from '@doverie/core/policy'
import type { InformationFacts } from './information-answer.ts'

/** A field of an answer as a machine reads it. `value` is null where it is another person's and left out. */
export interface ExportedField {
  readonly field: string
  readonly label: string
  readonly value: string | readonly string[] | null
  readonly source: 'person' | 'operator'
}

/**
 * An answer on a person's data as a machine reads it (GDPR art. 20; 152-FZ art. 14(7)): their data with sources, purposes with live
 * grounds, what is kept and until when, to whom data may go, who did what. Personal.
 */
export function answerExport(given: InformationFacts, number: string): { readonly [key: string]: Canonical } {
  const { policy, profile, facts, at, kept, handed, accesses } = given
  return {
    format: 'doverie-answer-1',
    number,
    made: new Date(at).toISOString(),
    law: profile.id,
    policy: policy.id,
    operator: policy.operator.name,
    data: exportedFields(given).map(({ field, label, value, source }) => ({
      field,
      label,
      value: typeof value === 'string' || value === null ? value : [...value],
      source,
    })),
    grounds: facts.held.flatMap((compartment) =>
      liveGrounds(policy, facts, compartment, at).map(({ purpose, kind, entity, until }) => ({
        ...{ compartment, purpose, kind, entity },
        until: until === null ? null : new Date(until).toISOString(),
      })),
    ),
    kept: kept.map(({ compartment, article, lastDay, inForce }) => ({
      ...{ compartment, lastDay, inForce },
      article: article['ru'] ?? '',
    })),
    recipients: [...policy.recipients.values()].map(({ id, label, kind, country }) => ({
      ...{ id, kind, country },
      label: label['ru'] ?? id,
    })),
    handed: handed.map(({ recipient, fields, basis, at: when }) => ({
      ...{ recipient, fields: [...fields] },
      basis: basis['ru'] ?? '',
      at: new Date(when).toISOString(),
    })),
    accesses: accesses.map(({ who, what, purpose, times, lastAt }) => ({
      ...{ who: who['ru'] ?? '', what: what['ru'] ?? '', purpose: purpose?.['ru'] ?? null, times },
      last: new Date(lastAt).toISOString(),
    })),
  }
}

/** The fields of an answer, in the policy's order. */
function exportedFields({ policy, values, others }: InformationFacts): readonly ExportedField[] {
  return [...policy.fields.values()].flatMap(({ id, label, source }): ExportedField[] => {
    const named = { field: id, label: label['ru'] ?? id, source }
    if (others.includes(id)) return [{ ...named, value: null }]
    const value = values.get(id)
    return value === undefined ? [] : [{ ...named, value }]
  })
}

/**
 * The data of an export as CSV (RFC 4180, UTF-8): a line for each value. A value that a spreadsheet would run as a formula begins with an
 * apostrophe, a phone number in `+7…` too; exactly as it is it stands in the JSON.
 */
export function exportCsv(data: readonly ExportedField[]): string {
  const rows = data.flatMap(({ field, label, value, source }) =>
    (value === null || typeof value === 'string' ? [value] : value).map((one) => [field, label, one ?? '', source]),
  )
  return csv([['field', 'label', 'value', 'source'], ...rows])
}
