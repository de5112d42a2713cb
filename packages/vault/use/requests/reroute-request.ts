import { DoverieError, REQUEST_KINDS, type RequestKind } from '@doverie/core/base'
import type { Caller } from '../../guard/caller.ts'
import { change } from '../../guard/change.ts'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import { type Queryable, transaction } from '../../store/database.ts'
import { lockRequest, type RequestRow } from '../../store/requests.ts'
import { assertDuty } from '../duties.ts'
import { type Beginning, effectOf, plainSteps } from './at-once.ts'
import { clausesOf, firstEntity, keeperOf, registrarOf } from './law.ts'
import { type LaterEvent, moveRequest } from './move-request.ts'
import { type Case, caseOf, kRefOf } from './on-request.ts'
import { writeRequests } from './register-letter.ts'
import { tendRequest } from './tend-requests.ts'

/**
 * Lets a request go on as others of the same letter: its kind was mistaken, or the letter asks for more than one thing. Their clocks count
 * from the receipt of the letter, and what they stop is stopped at once. A mark of the policy is never routed away.
 */
export async function rerouteRequest(
  vault: Vault,
  caller: Caller,
  given: { readonly request: string; readonly kinds: readonly RequestKind[] },
): Promise<readonly RequestRow[]> {
  await assertDuty(vault, caller, 'requests')
  const found = await caseOf(vault, given.request)
  const kinds = [...new Set(given.kinds)]
  if (kinds.length === 0 || kinds.some((kind) => !REQUEST_KINDS.includes(kind))) {
    throw new DoverieError('invalid-request', 'Kinds of requests are wanted.', { field: 'kinds' })
  }
  if (found.request.routedBy === 'mark' && !kinds.includes(found.request.kind)) {
    throw new DoverieError('conflict', 'The letter bears the mark of this kind.', { field: 'kinds' })
  }
  const others = kinds.filter((kind) => kind !== found.request.kind)
  const next = await put(vault, caller, found, others, kinds.includes(found.request.kind))
  const tended: RequestRow[] = []
  for (const { id } of next) tended.push(await tendRequest(vault, id))
  return tended
}

/** Writes the new requests and, unless it goes on beside them, ends the old one in them. */
async function put(
  vault: Vault,
  caller: Caller,
  found: Case,
  kinds: readonly RequestKind[],
  goesOn: boolean,
): Promise<readonly RequestRow[]> {
  const { policy, law, letter, request } = found
  const at = vault.now()
  const begun: Beginning = { policy, law, letter, entity: request.entity, harm: undefined, at }
  const fresh = kinds.map((kind) => ({ id: vault.newId(), kind, routedBy: 'staff' as const }))
  const detail = { from: request.kind, kinds: [...kinds], by: registrarOf(caller) ?? '' }
  const written: RequestRow[] = []
  const write = async (tx: Queryable, steps: readonly (readonly LaterEvent[])[], entry: string): Promise<void> => {
    const [first] = fresh
    const row = await lockRequest(tx, request.id)
    if (row === null) throw new DoverieError('not-found', undefined, { field: 'request' })
    const plan = { ...begun, letter: { ...letter, registeredBy: registrarOf(caller) }, kinds: fresh }
    written.push(...(await writeRequests(tx, vault.keys, plan, steps, entry)))
    if (goesOn || first === undefined) return
    const replaced: LaterEvent = { kind: 'step', step: 'replaced', by: first.id, at }
    await moveRequest(tx, law, row, [replaced], registrarOf(caller), entry)
  }
  const { subject } = letter
  const outcome =
    subject === null
      ? null
      : await change(
          vault,
          {
            caller: keeperOf(policy),
            subject,
            act: 'reroute-request',
            operation: 'block',
            purpose: policy.system.law,
            entity: request.entity ?? firstEntity(policy),
            fields: [],
            detail,
          },
          (changing) => {
            const steps = fresh.map((one) => {
              const effect = effectOf(begun, changing.facts(), one)
              for (const event of effect.events) changing.apply(event)
              return effect.steps
            })
            return Promise.resolve(steps)
          },
          async (tx, changed) => {
            if (changed.effect === 'permit') await write(tx, changed.value, changed.entry.id)
          },
        )
  if (outcome?.effect !== 'permit') {
    const tie = { kRef: await kRefOf(vault, subject), operation: 'use' as const }
    await transaction(vault.data, async (tx) => {
      const entry = await recordAct(vault, tx, 'reroute-request', caller, clausesOf(policy), detail, tie)
      await write(
        tx,
        fresh.map(({ kind }) => plainSteps(law, kind, at)),
        entry,
      )
    })
  }
  return goesOn ? [request, ...written] : written
}
