import * as contract from '@doverie/core/contract'
import { listDestructions } from '@doverie/vault'
import { type Route, route, staffOf } from '../route.ts'

export const destructionRoutes: readonly Route[] = [
  route(contract.listDestructions, async ({ vault }, call) => {
    const { subject, before } = call.query
    const which = { subject, before: before === undefined ? undefined : Number(before) }
    return { destructions: await listDestructions(vault, staffOf(call), which) }
  }),
]
