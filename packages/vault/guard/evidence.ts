import { canonical } from '@doverie/core/base'
import type { Policy } from '@doverie/core/policy'
import type { PersonCaller } from './caller.ts'
import type { Changing } from './change.ts'
import { asList, type Values } from './values.ts'
import { type FieldPlace, placeOf } from './vocabulary.ts'

/** Where the evidence of consents lies (152-FZ art. 9 part 3: the operator proves consent). */
export function evidencePlace(policy: Policy): FieldPlace {
  return placeOf(policy, policy.system.consentEvidence)
}

/** Where an answer came from. Personal: sealed with the evidence and kept nowhere else. */
export interface Evidence {
  readonly address: string
  readonly agent: string
  readonly language: string
}

/** What is kept as proof that one consent was given: when, through what, and exactly which text was shown. */
export function evidenceRecord(
  changing: Changing,
  given: {
    readonly purpose: string
    readonly entity: string
    readonly channel: string
    readonly form: string
    readonly digest: Buffer
    readonly evidence: Evidence
    readonly by: PersonCaller
  },
): string {
  const { purpose, entity, channel, form, digest, evidence, by } = given
  return canonical({
    purpose,
    entity,
    channel,
    form,
    document: digest.toString('hex'),
    policy: changing.policy.id,
    at: changing.at,
    // By whose authority the consent was given, where it was not the person's own.
    representative: by.kind === 'representative' ? by.representative : undefined,
    address: evidence.address.slice(0, 64),
    agent: evidence.agent.slice(0, 256).toWellFormed(),
    language: evidence.language.slice(0, 32).toWellFormed(),
  })
}

/** What the operator's own lists hold: those values and further ones, to be written. */
export function lengthened(
  held: ReadonlyMap<string, Values>,
  { compartment, field }: FieldPlace,
  more: readonly string[],
): ReadonlyMap<string, Values> {
  const kept = held.get(compartment)?.[field] ?? []
  return new Map([[compartment, { [field]: [...asList(kept), ...more] }]])
}
