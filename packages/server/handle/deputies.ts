import { DoverieError } from '@doverie/core/base'
import * as contract from '@doverie/core/contract'
import { actAsDeputy, appointDeputy, confirmDeputy, type DeputyRow, endDeputy, listDeputies } from '@doverie/vault'
import { sessionToken } from '../authenticate.ts'
import { type Route, route, staffOf } from '../route.ts'

/** Where escalations go is shown to nobody. */
function view({ sealed: _, ...row }: DeputyRow): contract.Deputy {
  return row
}

export const deputyRoutes: readonly Route[] = [
  route(contract.appointDeputy, async ({ vault }, call) => view(await appointDeputy(vault, staffOf(call), call.body))),
  route(contract.listDeputies, async ({ vault }, call) => ({
    deputies: (await listDeputies(vault, staffOf(call))).map(view),
  })),
  route(contract.confirmDeputy, async ({ vault }, call) =>
    view(await confirmDeputy(vault, staffOf(call), call.params.deputy)),
  ),
  route(contract.endDeputy, async ({ vault }, call) => view(await endDeputy(vault, staffOf(call), call.params.deputy))),
  route(contract.actAsDeputy, async ({ vault }, call) => {
    const token = sessionToken(call.request)
    if (token === undefined) throw new DoverieError('unauthenticated')
    await actAsDeputy(vault, staffOf(call), token, call.body.acting)
    return null
  }),
]
