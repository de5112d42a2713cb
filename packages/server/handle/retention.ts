import * as contract from '@doverie/core/contract'
import {
  endPause,
  listDoubts,
  listPlannedDestructions,
  showPause,
  type ShownPause,
  showProtection,
} from '@doverie/vault'
import { type Route, route, staffOf } from '../route.ts'

export const retentionRoutes: readonly Route[] = [
  route(contract.listPlan, async ({ vault }, call) => {
    const { after, subject } = call.query
    const place = after === undefined || subject === undefined ? null : { plannedAt: Number(after), subject }
    const pause = await showPause(vault, staffOf(call))
    const planned = await listPlannedDestructions(vault, staffOf(call), place)
    return { planned, pause: pause === null ? null : pauseView(pause) }
  }),
  route(contract.endPause, ({ vault }, call) => endPause(vault, staffOf(call), call.body)),
  route(contract.listDoubts, ({ vault }, call) => listDoubts(vault, staffOf(call), call.query.after)),
  route(contract.showProtection, async ({ vault, settings }, call) => {
    const { article, ...rest } = await showProtection(vault, staffOf(call), settings.threatType)
    return { ...rest, article: { ru: article['ru'] ?? '', en: article['en'] ?? '' } }
  }),
]

/** Without the restore's own id, which nobody outside has a use for. */
function pauseView({ restore: _, ...pause }: ShownPause): contract.RestorePause {
  return pause
}
