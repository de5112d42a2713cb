import * as contract from '@doverie/core/contract'
import { enterStaff, leave, proveCode, requestCode } from '@doverie/vault'
import { forgetSession, keepSession, sessionToken } from '../authenticate.ts'
import { type Route, route } from '../route.ts'

export const signInRoutes: readonly Route[] = [
  route(contract.requestCode, ({ vault }, { body }) => requestCode(vault, body)),
  route(contract.proveCode, async ({ vault }, { params, body, reply }) => {
    const { token, expiresAt, subject } = await proveCode(vault, { id: params.id, code: body.code })
    keepSession(reply, token, expiresAt)
    return { subject, expiresAt }
  }),
  route(contract.enter, async ({ vault }, { body, reply }) => {
    const { token, expiresAt, role, pseudonym } = await enterStaff(vault, body)
    keepSession(reply, token, expiresAt)
    return { role, pseudonym, expiresAt }
  }),
  route(contract.leave, async ({ vault }, { request, reply }) => {
    const token = sessionToken(request)
    if (token !== undefined) await leave(vault, token)
    forgetSession(reply)
    return null
  }),
]
