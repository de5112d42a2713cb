import * as contract from '@doverie/core/contract'
import { endCalendarFeed, listClocks, makeCalendarFeed, readCalendarFeed } from '@doverie/vault'
import { type Route, route, staffOf } from '../route.ts'

export const calendarRoutes: readonly Route[] = [
  route(contract.listClocks, async ({ vault }, call) => ({ clocks: await listClocks(vault, staffOf(call)) })),
  route(contract.makeCalendarFeed, async ({ vault }, call) => makeCalendarFeed(vault, staffOf(call))),
  route(contract.endCalendarFeed, async ({ vault }, call) => {
    await endCalendarFeed(vault, staffOf(call))
    return null
  }),
  route(contract.readCalendarFeed, async ({ vault }, call) => readCalendarFeed(vault, call.params.token)),
]
