import * as contract from '@doverie/core/contract'
import {
  type Held,
  holdPerson,
  liftHold,
  listDoubts,
  listHolds,
  listPlannedDestructions,
  showProtection,
} from '@doverie/vault'
import { answered } from '../answer.ts'
import { type Route, route, staffOf } from '../route.ts'

function heldOf({ state }: Held): Pick<contract.HeldPerson, 'state'> {
  return { state: state ?? 'unconfirmed' }
}

export const retentionRoutes: readonly Route[] = [
  route(contract.listPlan, async ({ vault }, call) => {
    const { after, subject } = call.query
    const place = after === undefined || subject === undefined ? null : { plannedAt: Number(after), subject }
    return { planned: await listPlannedDestructions(vault, staffOf(call), place) }
  }),
  route(contract.holdPerson, async ({ vault }, call) =>
    answered(await holdPerson(vault, staffOf(call), { ...call.body, subject: call.params.subject }), heldOf),
  ),
  route(contract.liftHold, async ({ vault }, call) =>
    answered(await liftHold(vault, staffOf(call), { ...call.body, subject: call.params.subject }), heldOf),
  ),
  route(contract.listHolds, async ({ vault }, call) => ({ holds: await listHolds(vault, staffOf(call)) })),
  route(contract.listDoubts, ({ vault }, call) => listDoubts(vault, staffOf(call), call.query.after)),
  route(contract.showProtection, async ({ vault, settings }, call) => {
    const { article, ...rest } = await showProtection(vault, staffOf(call), settings.threatType)
    return { ...rest, article: { ru: article['ru'] ?? '', en: article['en'] ?? '' } }
  }),
]
