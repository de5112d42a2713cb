import * as contract from '@doverie/core/contract'
import { listDoubts, listPlannedDestructions, showProtection } from '@doverie/vault'
import { type Route, route, staffOf } from '../route.ts'

export const retentionRoutes: readonly Route[] = [
  route(contract.listPlan, async ({ vault }, call) => {
    const { after, subject } = call.query
    const place = after === undefined || subject === undefined ? null : { plannedAt: Number(after), subject }
    return { planned: await listPlannedDestructions(vault, staffOf(call), place) }
  }),
  route(contract.listDoubts, ({ vault }, call) => listDoubts(vault, staffOf(call), call.query.after)),
  route(contract.showProtection, async ({ vault, settings }, call) => {
    const { article, ...rest } = await showProtection(vault, staffOf(call), settings.threatType)
    return { ...rest, article: { ru: article['ru'] ?? '', en: article['en'] ?? '' } }
  }),
]
