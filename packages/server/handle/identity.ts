import * as contract from '@doverie/core/contract'
import { provePhone, sendPhoneCode } from '@doverie/vault'
import { type Route, route, subjectOf } from '../route.ts'

export const identityRoutes: readonly Route[] = [
  route(contract.sendPhoneCode, ({ vault }, call) => sendPhoneCode(vault, subjectOf(call))),
  route(contract.provePhone, ({ vault }, call) =>
    provePhone(vault, subjectOf(call), { id: call.params.id, code: call.body.code }),
  ),
]
