import { DoverieError, type RequestKind, type Uuid } from '@doverie/core/base'
import { isEnd, type PlainStep } from '@doverie/core/request'
import type { Caller } from '../../guard/caller.ts'
import type { Vault } from '../../guard/vault.ts'
import type { RequestRow } from '../../store/requests.ts'
import type { Queryable } from '../../store/database.ts'
import { listRecipientLetters } from '../../store/recipient-letters.ts'
import { assertDuty } from '../duties.ts'
import { isUnsent } from '../notices/notices.ts'
import { isUnproved } from './identity.ts'
import { assertMayDestroy } from './may-destroy.ts'
import type { LaterEvent } from './move-request.ts'
import { actOnRequest, caseOf } from './on-request.ts'
import { tendRequest } from './tend-requests.ts'

/** More recipients than a policy names. */
const MOST_LETTERS = 10_000

/** Steps that are staff's word alone. What changes data, or is sent, is a use-case of its own. */
const STAFF_STEPS = [
  'identity-waived',
  'identity-failed',
  'shown',
  'accepted',
  'rejected',
  'published',
  'reviewed',
  'mended',
  'unmendable',
  'told',
  'recalled',
] as const
type StaffStep = (typeof STAFF_STEPS)[number]

/** True for the name of such a step. */
export function isStaffStep(name: string): name is StaffStep {
  return STAFF_STEPS.some((step) => step === name)
}

export interface StepRequest {
  readonly request: string
  readonly step: StaffStep
  /** For `rejected`: one of the law's own grounds of refusal. */
  readonly reason?: string | undefined
  /** For `unmendable`: the compartments whose processing cannot be made lawful. */
  readonly compartments?: readonly string[] | undefined
}

/**
 * Takes a step that staff decide. What follows of itself (a stop, a destruction, a block lifted) follows before this returns, or at
 * the software's next round. What leads to a destruction is asked of the policy for the caller, and
 * takes somebody else than who registered the letter or checked who wrote. Recipients are told once every letter to them on this account has
 * gone, or is said to reach nobody. Throws `conflict` where the request has moved on, or cannot take that step where it stands.
 */
export async function decideRequest(vault: Vault, caller: Caller, given: StepRequest): Promise<RequestRow> {
  const staff = await assertDuty(vault, caller, 'requests')
  const found = await caseOf(vault, given.request)
  const { policy, law, request } = found
  const { step, reason, compartments } = given
  if (step === 'rejected' && !law.profile.refusals.some(({ id }) => id === reason)) {
    const known = law.profile.refusals.map(({ id }) => id).join(', ')
    throw new DoverieError('invalid-request', `A refusal names one of ${known}.`, { field: 'reason' })
  }
  if (step === 'unmendable') {
    if (
      compartments === undefined ||
      compartments.length === 0 ||
      compartments.some((name) => !policy.compartments.has(name))
    )
      throw new DoverieError('invalid-request', 'Compartments of the policy are wanted.', { field: 'compartments' })
  }
  if (step === 'accepted' && isUnproved(request.kind, found.letter))
    throw new DoverieError('conflict', 'Nothing is accepted before it is proved who asks.', { field: 'letter' })
  if (destroys(request.kind, step)) await assertMayDestroy(vault, staff, found, compartments)
  const detail = {
    ...(step === 'rejected' && reason !== undefined ? { reason } : {}),
    ...(compartments === undefined ? {} : { compartments }),
  }
  await actOnRequest(vault, found, {
    name: 'step-request',
    operation: 'use',
    caller,
    events: (_, at): readonly LaterEvent[] => {
      if (step === 'rejected') return [{ kind: 'step', step, reason: reason ?? '', at }]
      if (step === 'unmendable') return [{ kind: 'step', step, compartments: compartments ?? [], at }]
      return [plain(step, at)]
    },
    detail,
    ...(step === 'told' ? { counted: (tx: Queryable) => toldBy(tx, request.id) } : {}),
  })
  return tendRequest(vault, request.id)
}

/** How many letters told recipients, for the entry. Throws `conflict` while one has not gone. */
async function toldBy(
  tx: Queryable,
  request: Uuid,
): Promise<{ readonly letters: number; readonly unreachable: number }> {
  const all = await listRecipientLetters(tx, { request, limit: MOST_LETTERS })
  if (all.some(isUnsent))
    throw new DoverieError('conflict', 'A letter to whoever was given the data has not gone yet.', { field: 'told' })
  return { letters: all.length, unreachable: all.filter(({ state }) => state === 'unreachable').length }
}

/** True for a step after which the software destroys of itself. */
function destroys(kind: RequestKind, step: StaffStep): boolean {
  return step === 'unmendable' || (step === 'accepted' && (kind === 'erasure' || kind === 'withdrawal'))
}

function plain(step: PlainStep, at: number): LaterEvent {
  return { kind: 'step', step, at }
}

/**
 * Lets the person take back what they asked for, while it can be: until the day of a destruction for what is to be destroyed. What was
 * blocked for it is lifted. Throws `conflict` where it is too late.
 */
export async function recallRequest(vault: Vault, caller: Caller, id: string): Promise<RequestRow> {
  const found = await caseOf(vault, id)
  const { letter, request } = found
  if (caller.kind !== 'subject' || letter.subject !== caller.subject || letter.identity !== 'proved') {
    throw new DoverieError('not-found')
  }
  if (isEnd(request.state)) throw new DoverieError('conflict')
  await actOnRequest(vault, found, {
    name: 'recall-request',
    operation: 'use',
    caller,
    events: (_, at) => [plain('recalled', at)],
  })
  return tendRequest(vault, request.id)
}
