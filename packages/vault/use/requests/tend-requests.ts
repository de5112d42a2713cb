import { isDoverieError, type Uuid } from '@doverie/core/base'
import type { PersonEvent } from '@doverie/core/consent'
import { groundless, type Policy } from '@doverie/core/policy'
import { advance, escalationDue } from '@doverie/core/request'
import { type Changed, change, type Changing } from '../../guard/change.ts'
import type { Vault } from '../../guard/vault.ts'
import {
  type Hindrance,
  listUncounted,
  lockRequest,
  noteHindrance,
  putOff,
  type RequestRow,
  takeWaking,
} from '../../store/requests.ts'
import { tellOfficer } from '../deputies/tell-officer.ts'
import { placeOf } from '../../guard/vocabulary.ts'
import { type Queryable, transaction } from '../../store/database.ts'
import { tellMailbox } from '../tell-mailbox.ts'
import { reopenedToPerson, reopenedToStaff } from './reopened-words.ts'
import { destroyData } from '../destroy-data.ts'
import { tellChannels } from '../erasure.ts'
import { channelsOf } from '../tell-person.ts'
import { askUnasked } from './ask-identity.ts'
import { withdrawals } from './at-once.ts'
import { queueEscalation } from './escalate.ts'
import { suffices } from './identity.ts'
import { dissemination, firstEntity, keeperOf } from './law.ts'
import { type LaterEvent, moveRequest } from './move-request.ts'
import { actOnRequest, type Case, caseOf } from './on-request.ts'
import { failUnproved, refuseUnproved } from './refuse-unproved.ts'

/**
 * Sees to what is due of itself: tells the officer at 50, 80 and 100 % of a term, and takes the steps that are the software's own:
 * stops, destroys on the day, lifts blocks, refuses who has not shown who they are. Gives how many requests it looked at. Safe in several processes; what a crash interrupts
 * is seen to again after a minute, and each act is done once or changes nothing the second time.
 */
export async function tendRequests(vault: Vault, limit = 50): Promise<number> {
  if (vault.policy() === null) return 0
  const waking = await takeWaking(vault.data, vault.now(), limit)
  const faults: unknown[] = []
  for (const id of waking) {
    await tendRequest(vault, id).catch((error: unknown) => {
      faults.push(error)
    })
  }
  // One that fails keeps no other waiting.
  if (faults.length > 0) throw faults[0]
  return waking.length
}

/**
 * Counts anew the clocks that were counted without a production calendar, once the operator or the program has it. Gives how many
 * requests it changed.
 */
export async function recountRequests(vault: Vault): Promise<number> {
  if (vault.policy() === null) return 0
  let changed = 0
  for (const id of await listUncounted(vault.data, 1_000)) {
    const found = await caseOf(vault, id)
    const next = advance(found.law, found.request.fold, { kind: 'recounted', at: vault.now() })
    const uncounted = (fold: RequestRow['fold']): number => fold.tracks.filter(({ counted }) => !counted).length
    if (!next.ok || uncounted(next.value) === uncounted(found.request.fold)) continue
    await actOnRequest(vault, found, {
      name: 'recount-request',
      operation: 'use',
      caller: null,
      events: (_, at) => [{ kind: 'recounted', at }],
    })
    changed += 1
  }
  return changed
}

/** Sees to one request until it is somebody else's move, and gives it as it is then. */
export async function tendRequest(vault: Vault, id: Uuid): Promise<RequestRow> {
  let found = await caseOf(vault, id)
  await escalate(vault, found)
  await tellReopened(vault, found)
  found = await failUnproved(vault, await askUnasked(vault, await caseOf(vault, id)))
  // No request has so many steps of the software's own in a row.
  for (let round = 0; round < 10 && found.request.owner === 'system'; round++) {
    const before = found.request.places
    await step(vault, found).catch((error: unknown) => {
      // Another process was first.
      if (!isDoverieError(error, 'conflict')) throw error
    })
    found = await caseOf(vault, id)
    if (found.request.places === before) break
  }
  return refuseUnproved(vault, found)
}

async function escalate(vault: Vault, found: Case): Promise<void> {
  const now = vault.now()
  const due = found.request.fold.tracks.filter((track) => escalationDue(track, now) !== null)
  if (due.length === 0) return
  await actOnRequest(vault, found, {
    name: 'escalate-request',
    operation: 'use',
    caller: null,
    events: (row, at) =>
      row.fold.tracks.flatMap((track): readonly LaterEvent[] => {
        const share = escalationDue(track, at)
        return share === null ? [] : [{ kind: 'escalated', rule: track.rule, share, at }]
      }),
    also: (tx, row) => queueEscalation(vault, tx, found, row),
  })
}

/**
 * Tells the person, at the mailbox that is proved to be theirs, and the officer that after a restore their request to destroy something is
 * decided anew. Once; a crash before the commit leaves it to be told.
 */
async function tellReopened(vault: Vault, { policy, letter, request }: Case): Promise<void> {
  const { hindered } = request
  if (hindered?.by !== 'restored' || hindered.told) return
  const told = { ...hindered, told: true }
  const officer = async (tx: Queryable): Promise<void> => {
    await noteHindrance(tx, request.id, told)
    await tellOfficer(vault, tx, policy, reopenedToStaff(request.number))
  }
  if (letter.subject === null) return transaction(vault.data, officer)
  const mailbox = placeOf(policy, policy.system.signIn).compartment
  const outcome = await change(
    vault,
    {
      caller: keeperOf(policy),
      subject: letter.subject,
      act: 'tell-reopened',
      operation: 'clarify:change',
      purpose: policy.system.rights,
      entity: request.entity ?? firstEntity(policy),
      fields: [],
      compartments: [mailbox],
      detail: { kind: request.kind },
    },
    async (changing) => {
      await tellMailbox(vault, changing, reopenedToPerson(request.number))
      await officer(changing.tx)
    },
  )
  // Nobody there any more: the officer is told all the same.
  if (outcome.effect === 'refuse') await transaction(vault.data, officer)
}

/** How long the software lets pass before it asks again for what the policy refused it. */
const AGAIN = 3_600_000
const LIFTING: ReadonlySet<string> = new Set(['lifting', 'lifting-refused', 'lifting-recalled', 'lifting-replaced'])

async function step(vault: Vault, found: Case): Promise<void> {
  const { state, until } = found.request.fold
  if (state === 'stopping') return stop(vault, found)
  if (state === 'waiting') return until !== null && vault.now() < until ? undefined : plain(vault, found, 'due')
  if (state === 'destroying') return destroy(vault, found)
  if (LIFTING.has(state)) return lift(vault, found)
}

/** What is stopped depends on the kind: consents that it speaks of, those to publication, or what a block holds already. */
async function stop(vault: Vault, found: Case): Promise<void> {
  const { policy, request } = found
  const { kind, entity } = request
  const purposes = kind === 'publication-stop' ? dissemination(policy) : [...policy.purposes.keys()]
  const destroys = kind === 'erasure' || kind === 'withdrawal'
  let until: number | null = null
  // What is to be destroyed waits as long as what a person asks themselves, told to their mailbox, and can be taken back meanwhile.
  const wait = async (changing: Changing): Promise<void> => {
    if (kind === 'withdrawal' && groundless(policy, changing.facts(), changing.at).length === 0) return
    until = changing.at + (policy.erasure?.delay ?? 0)
    await tellChannels(vault, changing, until, kind === 'erasure', '/my/requests')
  }
  await onPerson(vault, found, 'stop-for-request', {
    operation: 'clarify:change',
    purpose: policy.system.rights,
    events: (facts, at) => (kind === 'unlawful' ? [] : withdrawals(facts, purposes, entity, at)),
    step: (at) => ({ kind: 'step', step: 'stopped', ...(until === null ? {} : { until }), at }),
    ...(destroys ? { compartments: channelsOf(policy), also: wait } : {}),
  })
}

async function lift(vault: Vault, found: Case): Promise<void> {
  await onPerson(vault, found, 'unblock-for-request', {
    operation: 'block',
    purpose: found.policy.system.law,
    events: (_, at) => [{ kind: 'unblocked', by: found.request.id, at }],
    step: (at) => ({ kind: 'step', step: 'unblocked', at }),
  })
}

interface OnPersonAct {
  readonly operation: 'clarify:change' | 'block'
  readonly purpose: string
  readonly events: (facts: Parameters<typeof withdrawals>[0], at: number) => readonly PersonEvent[]
  readonly step: (at: number) => LaterEvent
  /** What else it reads of the person, and does in the same transaction. */
  readonly compartments?: readonly string[]
  readonly also?: (changing: Changing) => Promise<void>
}

/** Changes the person and moves the request on in one transaction. Who is not there, or not any more, has nothing to be changed. */
async function onPerson(vault: Vault, found: Case, act: string, what: OnPersonAct): Promise<void> {
  const { policy, law, letter, request } = found
  if (letter.subject === null) return plainly(vault, found, act, what.step)
  const outcome = await change(
    vault,
    {
      caller: keeperOf(policy),
      subject: letter.subject,
      act,
      operation: what.operation,
      purpose: what.purpose,
      entity: request.entity ?? firstEntity(policy),
      fields: [],
      ...(what.compartments === undefined ? {} : { compartments: what.compartments }),
      detail: { kind: request.kind },
    },
    async (changing) => {
      for (const event of what.events(changing.facts(), changing.at)) changing.apply(event)
      await what.also?.(changing)
      return changing.at
    },
    async (tx, changed) => {
      const row = await lockRequest(tx, request.id)
      if (row === null || changed.effect === 'refuse') return
      await moveRequest(tx, law, row, [what.step(changed.value)], null, changed.entry.id)
    },
  )
  if (outcome.effect === 'permit') return
  const { facts } = await vault.people.reload(letter.subject, vault.now())
  if (facts?.state !== 'live') return plainly(vault, found, act, what.step)
  // INVARIANT: what the policy refused is not recorded as done. Why is told to staff beside the request; its clocks tell the officer.
  await putOff(
    vault.data,
    request.id,
    vault.now() + AGAIN,
    refusedBy(act, vault.now(), outcome.decision, outcome.entry.id),
  )
}

/** What a refusal of the policy says to whoever sees to the request. */
function refusedBy(act: string, at: number, { clauses, causes }: Changed<unknown>['decision'], entry: Uuid): Hindrance {
  const reasons = [...new Set(causes.map(({ reason }) => reason))]
  return { by: 'policy', act, at, clauses, reasons, entry }
}

async function plainly(vault: Vault, found: Case, name: string, stepOf: (at: number) => LaterEvent): Promise<void> {
  await actOnRequest(vault, found, { name, operation: 'use', caller: null, events: (_, at) => [stepOf(at)] })
}

function plain(vault: Vault, found: Case, name: 'due' | 'destroyed' | 'kept'): Promise<void> {
  return plainly(vault, found, 'step-request', (at) => ({ kind: 'step', step: name, at }))
}

/**
 * Destroys what the request is about: named compartments, what lost its last ground with the withdrawal, or the person as far as
 * nothing keeps them. A crash after the destruction and before the step finds nothing left the next time, and takes the step.
 */
async function destroy(vault: Vault, found: Case): Promise<void> {
  const { policy, letter, request } = found
  // Named compartments that nobody has, or not any more, are gone; of what the grounds decide nothing had to go.
  // The letter of somebody destroyed, who was proved, is about nobody any more.
  const gone = letter.subject === null && letter.identity === 'proved'
  const none = request.fold.doomed === null && !gone ? 'kept' : 'destroyed'
  if (letter.subject === null) return plain(vault, found, none)
  const { facts } = await vault.people.reload(letter.subject, vault.now())
  if (facts?.state !== 'live') return plain(vault, found, 'destroyed')
  const compartments = doomed(policy, request, facts, vault.now())
  if (compartments?.length === 0) return plain(vault, found, none)
  // INVARIANT: nobody is destroyed by a letter that is not proved to be theirs. Staff decide anew.
  const unproved = letter.identity !== 'proved' || !suffices(request.kind, letter.proof)
  if (unproved) return plainly(vault, found, 'step-request', (at) => ({ kind: 'reopened', at }))
  const outcome = await destroyData(vault, keeperOf(policy), {
    subject: letter.subject,
    entity: request.entity ?? firstEntity(policy),
    compartments,
    groundless: request.kind === 'withdrawal',
  })
  // Refused: where something keeps it after all (a hold, a norm), that is told. What must go, or what the software may not do, waits,
  // and its clock tells.
  if (outcome.decision.effect === 'refuse') {
    if (request.fold.doomed === null && outcome.kept !== undefined) await plain(vault, found, 'kept')
    else {
      const why = refusedBy('destroy', vault.now(), outcome.decision, outcome.id)
      await putOff(vault.data, request.id, vault.now() + AGAIN, why)
    }
    return
  }
  const went = outcome.person === true || (outcome.destroyed?.length ?? 0) > 0
  await plain(vault, found, went ? 'destroyed' : none)
}

function doomed(
  policy: Policy,
  request: RequestRow,
  facts: Parameters<typeof groundless>[1],
  now: number,
): readonly string[] | null {
  if (request.fold.doomed !== null) return request.fold.doomed.filter((name) => facts.held.includes(name))
  return request.kind === 'erasure' ? null : groundless(policy, facts, now)
}
