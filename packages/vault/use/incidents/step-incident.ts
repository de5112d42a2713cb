import {
  DoverieError,
  type IncidentRisk,
  type Instant,
  type NoBreachReason,
  type UntoldReason,
} from '@doverie/core/base'
import type { IncidentStep } from '@doverie/core/request'
import type { Caller } from '../../guard/caller.ts'
import type { Vault } from '../../guard/vault.ts'
import { type IncidentRow, listIncidentDocuments } from '../../store/incidents.ts'
import { assertOfficer } from '../duties.ts'
import { type IncidentContent, type IncidentWords, openIncidentWords, openSealed, sealIncident } from './content.ts'
import { actOnIncident, incidentOf } from './on-incident.ts'

/** Which draft a report must have been made of before it can have been sent. */
const DRAFTS: Partial<Record<IncidentStep, string>> = {
  reported: 'incident-first',
  'result-reported': 'incident-result',
}
/** What must have been said by a step. */
const SAID: Partial<Record<IncidentStep, readonly (keyof IncidentWords)[]>> = {
  assessed: ['harm'],
  investigated: ['result'],
  'not-a-breach': ['reason'],
}

export interface IncidentStepRequest extends IncidentWords {
  readonly incident: string
  readonly step: IncidentStep
  readonly risk?: IncidentRisk
  readonly reasonKind?: NoBreachReason
  /** When it took place, where that was earlier: a report counts from its sending. */
  readonly at?: Instant
  /** The number that the authority gave a notice. */
  readonly reference?: string
}

/**
 * Takes an incident a step further. A report needs the draft that was sent, an assessment and an investigation their words. Throws
 * `conflict` where the step cannot follow, `invalid-request` where a word or a moment is missing or wrong.
 */
export async function stepIncident(vault: Vault, caller: Caller, given: IncidentStepRequest): Promise<IncidentRow> {
  const officer = assertOfficer(vault, caller)
  const { incident, step, risk, reasonKind, at, reference, ...words } = given
  const found = await incidentOf(vault, incident)
  if (at !== undefined && at > vault.now()) {
    throw new DoverieError('invalid-request', 'That moment is still to come.', { field: 'at' })
  }
  const { content, key } = await openIncidentWords(vault, found.row)
  // Asked of what is known; what is written is added to what the row says under its lock.
  const said = saying(content, words, reference)
  for (const field of SAID[step] ?? []) {
    if (said[field].trim() === '') throw new DoverieError('invalid-request', 'This step needs its words.', { field })
  }
  const draft = DRAFTS[step]
  if (draft !== undefined) {
    const made = await listIncidentDocuments(vault.data, found.row.id)
    if (!made.some(({ kind }) => kind === draft)) {
      throw new DoverieError('conflict', 'The notice is to be drafted first: what was sent is kept.', { field: 'step' })
    }
  }
  const more = { ...(risk === undefined ? {} : { risk }), ...(reasonKind === undefined ? {} : { reason: reasonKind }) }
  return actOnIncident(vault, found, {
    name: 'step-incident',
    caller: officer,
    events: (_, now) => [{ kind: 'step', step, at: at ?? now, ...more }],
    detail: { step, ...more },
    change: ({ sealed }) => ({ sealed: sealIncident(key, saying(openSealed(key, sealed), words, reference)) }),
  })
}

/** Says more of an incident, or says it otherwise; what was drafted before stays as it was. */
export async function describeFurther(
  vault: Vault,
  caller: Caller,
  { incident, ...words }: IncidentWords & { readonly incident: string },
): Promise<IncidentRow> {
  const officer = assertOfficer(vault, caller)
  const found = await incidentOf(vault, incident)
  const { key } = await openIncidentWords(vault, found.row)
  return actOnIncident(vault, found, {
    name: 'describe-incident',
    caller: officer,
    events: () => [],
    detail: { said: Object.keys(words).sort() },
    change: ({ sealed }) => ({ sealed: sealIncident(key, saying(openSealed(key, sealed), words)) }),
  })
}

/** Records why the people affected are not told one by one where the law asks for it (GDPR art. 34(3)). */
export async function leaveUntold(
  vault: Vault,
  caller: Caller,
  { incident, why, reason }: { readonly incident: string; readonly why: UntoldReason; readonly reason: string },
): Promise<IncidentRow> {
  const officer = assertOfficer(vault, caller)
  const found = await incidentOf(vault, incident)
  const { key } = await openIncidentWords(vault, found.row)
  return actOnIncident(vault, found, {
    name: 'leave-untold',
    caller: officer,
    events: (_, at) => [{ kind: 'people-untold', reason: why, at }],
    detail: { why },
    change: ({ sealed }) => ({ sealed: sealIncident(key, saying(openSealed(key, sealed), { reason })) }),
  })
}

function saying(content: IncidentContent, words: IncidentWords, reference?: string): IncidentContent {
  const references = reference === undefined ? content.references : [...content.references, reference]
  const given = Object.entries(words).filter(([, text]) => (text as string | undefined) !== undefined)
  return { ...content, ...(Object.fromEntries(given) as IncidentWords), references }
}
