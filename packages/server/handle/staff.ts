import * as contract from '@doverie/core/contract'
import {
  addStaff,
  endStaffSessions,
  issueCredential,
  listConflicts,
  listCredentials,
  listStaff,
  newStaffLink,
  revokeCredential,
  settleConflict,
  switchOffStaff,
} from '@doverie/vault'
import { answered } from '../answer.ts'
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
  route(contract.listStaff, async ({ vault }, call) => ({ members: await listStaff(vault, staffOf(call)) })),
  route(contract.newStaffLink, ({ vault }, call) => newStaffLink(vault, staffOf(call), call.params.staff)),
  route(contract.endStaffSessions, async ({ vault }, call) => {
    await endStaffSessions(vault, staffOf(call), call.params.staff)
    return null
  }),
  route(contract.switchOffStaff, async ({ vault }, call) => {
    await switchOffStaff(vault, staffOf(call), call.params.staff)
    return null
  }),
  route(contract.listConflicts, async ({ vault }, call) => ({ conflicts: await listConflicts(vault, staffOf(call)) })),
  route(contract.settleConflict, async ({ vault }, call) =>
    answered(await settleConflict(vault, staffOf(call), { ...call.params, ...call.body }), ({ changed }) => ({
      changed: changed ?? [],
    })),
  ),
]
