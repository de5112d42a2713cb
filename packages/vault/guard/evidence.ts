import { canonical } from '@doverie/core/base'
import type { Changing } from './change.ts'
import { asList, type Values } from './values.ts'

/** The compartment of consent evidence and its one field (152-FZ art. 9 part 3: the operator proves consent). */
export const CONSENT = 'consent'
const RECORDS = 'consent-records'

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
  },
): string {
  const { purpose, entity, channel, form, digest, evidence } = given
  return canonical({
    purpose,
    entity,
    channel,
    form,
    document: digest.toString('hex'),
    policy: changing.policy.id,
    at: changing.at,
    address: evidence.address.slice(0, 64),
    agent: evidence.agent.slice(0, 256).toWellFormed(),
    language: evidence.language.slice(0, 32).toWellFormed(),
  })
}

/** The evidence compartment with further records. */
export function withEvidence(before: Values | undefined, records: readonly string[]): Values {
  const kept = before?.[RECORDS] ?? []
  return { [RECORDS]: [...asList(kept), ...records] }
}
