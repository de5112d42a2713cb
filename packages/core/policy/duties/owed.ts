import type { DutyKind, LegalProfile } from '../../base/index.ts'
import { activitiesOf } from '../interchange/index.ts'
import type { Declarations } from '../model.ts'

/** What an operator must have in writing, and about what: a recipient, or all of the processing (`policy`). */
export interface Owed {
  readonly kind: Exclude<DutyKind, 'notice-change' | 'notice-end'>
  readonly about: string
}

/** What duties are about that concern no recipient. */
export const WHOLE_POLICY = 'policy'

/**
 * What must be there while a policy is in force: an agreement with every processor and third party that it declares, an attestation for every one abroad, and what
 * concerns the processing as a whole. The operator's own entities and authorities need no agreement: nobody acts for them, or a norm does.
 */
export function owedBy(policy: Declarations, profile: LegalProfile): readonly Owed[] {
  const outside = [...policy.recipients.values()].filter(({ kind }) => kind === 'processor' || kind === 'third-party')
  const abroad = [...policy.recipients.values()].filter(
    ({ country, kind }) => kind !== 'entity' && country !== null && country !== profile.jurisdiction,
  )
  return [
    { kind: 'notice-intent', about: WHOLE_POLICY },
    { kind: 'harm', about: WHOLE_POLICY },
    { kind: 'localisation', about: WHOLE_POLICY },
    ...outside.map(({ id }) => ({ kind: 'agreement' as const, about: id })),
    ...abroad.map(({ id }) => ({ kind: 'cross-border' as const, about: id })),
  ]
}

/** For what and with which data a recipient is handed data, by the rules: ids of purposes and of categories. */
export function handedTo(
  policy: Declarations,
  recipient: string,
): { readonly purposes: readonly string[]; readonly categories: readonly string[] } {
  const activities = activitiesOf(policy).filter(({ recipients }) => recipients.some(({ id }) => id === recipient))
  const categories = new Set(activities.flatMap((one) => one.categories.map(({ category }) => category.id)))
  return { purposes: activities.map(({ purpose }) => purpose.id), categories: [...categories] }
}
