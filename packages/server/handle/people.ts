import { DoverieError } from '@doverie/core/base'
import * as contract from '@doverie/core/contract'
import {
  type AskedDestruction,
  blockPerson,
  cancelDestruction,
  confirmData,
  correctAge,
  type Corrected,
  correctValues,
  type Described,
  describePerson,
  destroyData,
  endContract,
  confirmHold,
  liftHold,
  destroyField,
  listHolds,
  setHold,
  setConfidentiality,
  unblockPerson,
  type Withdrawn,
  withdrawConsent,
} from '@doverie/vault'
import { answered, recorded } from '../answer.ts'
import { type Call, callerOf, type Route, route, staffOf } from '../route.ts'

/** What a permitted description says. A permit always has it. */
export function describedOf({ facts, kept }: Described): Pick<contract.DescribedPerson, 'facts' | 'kept'> {
  if (facts === undefined) throw new DoverieError('internal')
  return { facts, kept: kept ?? [] }
}

export function endedOf({ kept, unkept }: Withdrawn): Pick<contract.EndedGround, 'kept' | 'unkept'> {
  return { kept: kept ?? [], unkept: unkept ?? [] }
}

export function destroyedOf({
  destroyed,
  person,
  kept,
  receipts,
  waits,
}: AskedDestruction): Pick<contract.DestroyedData, 'destroyed' | 'person' | 'kept' | 'receipts' | 'waits'> {
  const told = { destroyed: destroyed ?? [], person: person ?? false, kept: kept ?? [] }
  return { ...told, receipts: receipts ?? [], waits: waits ?? null }
}

export function changedOf({
  changed,
  signIn,
}: Partial<Corrected>): Pick<contract.CorrectedValues, 'changed' | 'signIn'> {
  return { changed: changed ?? [], signIn: signIn ?? null }
}

/** The body of an act, with the person that its address names. */
export function named<Body>({
  params,
  body,
}: Call<contract.SubjectParams, contract.None, Body>): Body & contract.SubjectParams {
  return { ...body, subject: params.subject }
}

export const peopleRoutes: readonly Route[] = [
  route(contract.describePerson, async ({ vault }, call) => {
    const request = { ...call.query, subject: call.params.subject }
    return answered(await describePerson(vault, callerOf(call), request), describedOf)
  }),
  route(contract.correctPerson, async ({ vault }, call) =>
    answered(await correctValues(vault, callerOf(call), named(call)), changedOf),
  ),
  route(contract.correctAge, async ({ vault }, call) => recorded(await correctAge(vault, callerOf(call), named(call)))),
  route(contract.setHold, async ({ vault }, call) =>
    answered(await setHold(vault, staffOf(call), named(call)), ({ hold }) => ({ hold: hold ?? '' })),
  ),
  route(contract.confirmHold, async ({ vault }, call) =>
    recorded(await confirmHold(vault, staffOf(call), named(call))),
  ),
  route(contract.liftHold, async ({ vault }, call) =>
    answered(await liftHold(vault, staffOf(call), named(call)), ({ lifted }) => ({ lifted: lifted === true })),
  ),
  route(contract.destroyField, async ({ vault }, call) =>
    recorded(await destroyField(vault, staffOf(call), named(call))),
  ),
  route(contract.listHolds, async ({ vault }, call) => ({ holds: await listHolds(vault, staffOf(call)) })),
  route(contract.closeField, async ({ vault }, call) =>
    recorded(await setConfidentiality(vault, callerOf(call), named(call))),
  ),
  route(contract.withdrawConsent, async ({ vault }, call) =>
    answered(await withdrawConsent(vault, callerOf(call), named(call)), endedOf),
  ),
  route(contract.blockPerson, async ({ vault }, call) =>
    recorded(await blockPerson(vault, callerOf(call), named(call))),
  ),
  route(contract.unblockPerson, async ({ vault }, call) =>
    recorded(await unblockPerson(vault, callerOf(call), named(call))),
  ),
  route(contract.confirmData, async ({ vault }, call) =>
    recorded(await confirmData(vault, callerOf(call), named(call))),
  ),
  route(contract.endContract, async ({ vault }, call) =>
    answered(await endContract(vault, callerOf(call), named(call)), endedOf),
  ),
  route(contract.destroyData, async ({ vault }, call) =>
    answered(await destroyData(vault, callerOf(call), named(call)), destroyedOf),
  ),
  route(contract.cancelTheirDestruction, async ({ vault }, call) =>
    recorded(await cancelDestruction(vault, staffOf(call), named(call))),
  ),
]
