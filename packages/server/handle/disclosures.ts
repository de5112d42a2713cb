import { DoverieError } from '@doverie/core/base'
import * as contract from '@doverie/core/contract'
import {
  approveDisclosure,
  declineDisclosure,
  disclose,
  type Disclosed,
  listDisclosures,
  listDisclosuresOf,
  pageAfter,
  showDisclosures,
} from '@doverie/vault'
import { answered, recorded } from '../answer.ts'
import { callerOf, personOf, type Route, route, staffOf } from '../route.ts'
import { revealed } from './access.ts'

/** What a permitted disclosure says; a permit always has its line. */
function disclosedOf({ line, permit, values }: Disclosed): Omit<contract.Disclosed, keyof contract.Permitted> {
  if (line === undefined) throw new DoverieError('internal')
  const { id: disclosure, state, basis, fields } = line
  const opened = permit === undefined || values === undefined ? null : revealed(fields, values, permit)
  return { disclosure, state, basis, values: opened }
}

function pageOf(disclosures: Awaited<ReturnType<typeof listDisclosures>>): contract.DisclosureList {
  const after = pageAfter(disclosures)
  return { disclosures, next: after ? `${after.askedAt}.${after.id ?? ''}` : null }
}

export const disclosureRoutes: readonly Route[] = [
  route(contract.disclose, async ({ vault }, call) => {
    const request = { ...call.body, subject: call.params.subject }
    return answered(await disclose(vault, callerOf(call), request), disclosedOf)
  }),
  route(contract.approveDisclosure, async ({ vault }, call) =>
    answered(await approveDisclosure(vault, staffOf(call), call.params), disclosedOf),
  ),
  route(contract.declineDisclosure, async ({ vault }, call) =>
    recorded(await declineDisclosure(vault, staffOf(call), call.params)),
  ),
  route(contract.listDisclosures, async ({ vault }, call) => {
    const { before, subject, entity, ticket, ...which } = call.query
    const [askedAt, id = null] = before?.split('.') ?? []
    const range = { ...which, after: askedAt === undefined ? undefined : { askedAt: Number(askedAt), id } }
    if (subject === undefined) return pageOf(await listDisclosures(vault, staffOf(call), range))
    if (entity === undefined) {
      throw new DoverieError('invalid-request', 'A look at one person names the entity.', { field: 'entity' })
    }
    const request = { ...range, subject, entity, ticket }
    return answered(await listDisclosuresOf(vault, staffOf(call), request), (told) => pageOf(told.disclosures ?? []))
  }),
  route(contract.showMyDisclosures, async ({ vault }, call) => ({
    disclosures: await showDisclosures(vault, personOf(call)),
    next: null,
  })),
]
