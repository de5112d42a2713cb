import { isIP } from 'node:net'
import { DoverieError } from '@doverie/core/base'
import * as contract from '@doverie/core/contract'
import {
  addPasskey,
  beginPasskey,
  beginPasskeySignIn,
  currentPolicy,
  endOtherSessions,
  listPasskeys,
  type PasskeySite,
  proveByPasskey,
  provedUntil,
  provePhone,
  removePasskey,
  renamePasskey,
  sendPhoneCode,
  signInByPasskey,
} from '@doverie/vault'
import type { FastifyRequest } from 'fastify'
import { keepSession } from '../authenticate.ts'
import type { ServerContext } from '../context.ts'
import { type Route, route, subjectOf } from '../route.ts'

export const identityRoutes: readonly Route[] = [
  route(contract.sendPhoneCode, ({ vault }, call) => sendPhoneCode(vault, subjectOf(call))),
  route(contract.provePhone, ({ vault }, call) =>
    provePhone(vault, subjectOf(call), { id: call.params.id, code: call.body.code }),
  ),
  route(contract.showSecurity, async ({ vault, providers }, call) => {
    const caller = subjectOf(call)
    return {
      passkeys: await listPasskeys(vault, caller),
      proofs: provedUntil(caller, vault.now()),
      providers: providers.map(({ id, label }) => ({ id, label })),
    }
  }),
  route(contract.endMySessions, async ({ vault }, call) => ({
    ended: await endOtherSessions(vault, subjectOf(call)),
  })),
  route(contract.beginPasskey, (context, call) =>
    beginPasskey(context.vault, subjectOf(call), siteOf(context, call.request), call.body.act),
  ),
  route(contract.addPasskey, (context, call) =>
    addPasskey(context.vault, subjectOf(call), siteOf(context, call.request), call.body),
  ),
  route(contract.renamePasskey, async ({ vault }, call) => {
    await renamePasskey(vault, subjectOf(call), { id: call.params.passkey, name: call.body.name })
    return null
  }),
  route(contract.removePasskey, async ({ vault }, call) => {
    await removePasskey(vault, subjectOf(call), call.params.passkey)
    return null
  }),
  route(contract.proveByPasskey, (context, call) =>
    proveByPasskey(context.vault, subjectOf(call), siteOf(context, call.request), call.body),
  ),
  route(contract.beginPasskeySignIn, (context, call) =>
    beginPasskeySignIn(context.vault, siteOf(context, call.request)),
  ),
  route(contract.signInByPasskey, async (context, { body, reply, request }) => {
    const { token, expiresAt, subject } = await signInByPasskey(context.vault, siteOf(context, request), body)
    keepSession(reply, token, expiresAt)
    return { subject, expiresAt }
  }),
]

/**
 * The site as browsers see it: of `PUBLIC_URL`, or, where none is set, the one that was asked, which is for development. Browsers take no
 * address of numbers for a passkey's site.
 */
function siteOf({ settings, vault }: ServerContext, request: FastifyRequest): PasskeySite {
  const { publicUrl } = settings
  const host = request.headers.host ?? ''
  const asked = URL.parse(publicUrl ?? `http://${host}`)
  if (asked === null || isIP(asked.hostname.replace(/^\[|\]$/g, '')) !== 0) {
    throw new DoverieError('channel-absent', 'Passkeys need a name in place of an address: PUBLIC_URL, or localhost.')
  }
  const origins = publicUrl === null ? [`http://${host}`, `https://${host}`] : [asked.origin]
  return { rpId: asked.hostname, origins, name: currentPolicy(vault)?.operator.name ?? 'Doverie' }
}
