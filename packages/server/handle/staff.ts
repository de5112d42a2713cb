import * as contract from '@doverie/core/contract'
import { addStaff, issueCredential, listConflicts, listCredentials, revokeCredential } from '@doverie/vault'
import { type Route, route, staffOf } from '../route.ts'

export const staffRoutes: readonly Route[] = [
  route(contract.issueCredential, ({ vault }, call) => issueCredential(vault, staffOf(call), call.body)),
  route(contract.listCredentials, async ({ vault }, call) => ({
    credentials: await listCredentials(vault, staffOf(call)),
  })),
  route(contract.revokeCredential, async ({ vault }, call) => {
    await revokeCredential(vault, staffOf(call), call.params.id)
    return null
  }),
  route(contract.addStaff, ({ vault }, call) => addStaff(vault, staffOf(call), call.body)),
  route(contract.listConflicts, async ({ vault }, call) => ({ conflicts: await listConflicts(vault, staffOf(call)) })),
]
