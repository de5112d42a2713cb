import { DoverieError } from '@doverie/core/base'
import * as contract from '@doverie/core/contract'
import { beginProvider, proveByProvider, takeProviderStep } from '@doverie/vault'
import type { FastifyRequest } from 'fastify'
import type { ServerContext } from '../context.ts'
import type { IdentityProvider } from '../oidc.ts'
import { type Route, route, subjectOf } from '../route.ts'

export const oidcRoutes: readonly Route[] = [
  route(contract.beginProvider, async (context, call) => {
    const provider = providerOf(context, call.body.provider)
    const step = await beginProvider(context.vault, subjectOf(call), provider.id)
    return { url: await provider.begin(step, redirectOf(context, call.request)) }
  }),
  route(contract.proveByProvider, async (context, call) => {
    const caller = subjectOf(call)
    const { query } = call.body
    // Taken before the provider is asked: an answer serves once, whatever comes of it.
    const step = await takeProviderStep(context.vault, caller, new URLSearchParams(query).get('state') ?? '')
    const provider = providerOf(context, step.provider)
    const said = await provider.finish(step, redirectOf(context, call.request), query)
    return proveByProvider(context.vault, caller, { provider: provider.id, said })
  }),
]

function providerOf({ providers }: ServerContext, id: string): IdentityProvider {
  const found = providers.find((one) => one.id === id)
  if (found === undefined) throw new DoverieError('channel-absent', 'There is no such identity provider here.')
  return found
}

/** The page to which providers send people back. It must be registered with them as it is. */
function redirectOf({ settings }: ServerContext, request: FastifyRequest): string {
  return new URL('/my/provider', settings.publicUrl ?? `http://${request.headers.host ?? ''}`).href
}
