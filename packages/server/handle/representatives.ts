import type { Representative, Uuid } from '@doverie/core/base'
import * as contract from '@doverie/core/contract'
import {
  confirmRepresentative,
  endRepresentative,
  listMyRepresentatives,
  listProposedRepresentatives,
  listRepresented,
  proposeRepresentative,
  registerRepresented,
} from '@doverie/vault'
import { answered, recorded } from '../answer.ts'
import { type Route, route, staffOf, subjectOf } from '../route.ts'
import { named } from './people.ts'

/** An authority as it is told; everything that the person may do is null. */
function toldOf({ id, kind, since, until, scope }: Representative): Omit<contract.RepresentedByMe, 'subject'> {
  return { representative: id, kind, since, until, scope: scope ?? null }
}

function idOf({ representative }: { readonly representative?: Uuid }): { readonly representative: string } {
  return { representative: representative ?? '' }
}

export const representativeRoutes: readonly Route[] = [
  route(contract.registerRepresented, async ({ vault }, call) =>
    answered(await registerRepresented(vault, staffOf(call), call.body), (one) => ({
      subject: one.subject ?? '',
      ...idOf(one),
    })),
  ),
  route(contract.registerRepresentative, async ({ vault }, call) =>
    answered(await proposeRepresentative(vault, staffOf(call), named(call)), idOf),
  ),
  route(contract.confirmRepresentative, async ({ vault }, call) =>
    recorded(await confirmRepresentative(vault, staffOf(call), call.params)),
  ),
  route(contract.endRepresentative, async ({ vault }, call) =>
    recorded(await endRepresentative(vault, staffOf(call), named(call))),
  ),
  route(contract.listWaitingRepresentatives, async ({ vault }, call) => ({
    representatives: (await listProposedRepresentatives(vault, staffOf(call))).map(({ proposal, ...who }) => {
      const { kind, until, scope, ticket, askedAt, askedBy } = proposal
      return { ...who, kind, until, scope, ticket, askedAt, askedBy }
    }),
  })),
  route(contract.showRepresented, async ({ vault }, call) => ({
    people: (await listRepresented(vault, subjectOf(call))).map(({ subject, authority }) => ({
      subject,
      ...toldOf(authority),
    })),
  })),
  route(contract.showMyRepresentatives, async ({ vault }, call) => {
    const { acting, waiting } = await listMyRepresentatives(vault, subjectOf(call))
    return {
      representatives: [
        ...waiting.map(({ representative, proposal: { kind, until, scope, askedAt } }) => {
          return { representative, kind, state: 'waiting' as const, since: askedAt, until, scope }
        }),
        ...acting.map((one) => ({ ...toldOf(one), state: 'acts' as const })),
      ],
    }
  }),
  route(contract.dismissMine, async ({ vault }, call) => {
    const caller = subjectOf(call)
    return recorded(await endRepresentative(vault, caller, { subject: caller.subject, ...call.body }))
  }),
]
