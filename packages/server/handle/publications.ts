import { DoverieError, type Localised, type PublicBan } from '@doverie/core/base'
import * as contract from '@doverie/core/contract'
import {
  currentPolicy,
  listOwnPublications,
  makePublic,
  type OwnPublication,
  type PublicData,
  type PublicReads,
  publicationsForRequest,
  publishForRequest,
  type Vault,
} from '@doverie/vault'
import { answered } from '../answer.ts'
import { personOf, type Route, route, staffOf } from '../route.ts'
import { fulfilled } from './requests.ts'

/** What everybody is told of each ban, and the action of ODRL that it forbids. */
const BANS: Readonly<Record<PublicBan, { readonly text: Localised; readonly action: string }>> = {
  transfer: {
    text: { ru: 'запрещено передавать другим', en: 'it may not be passed on' },
    action: 'http://www.w3.org/ns/odrl/2/distribute',
  },
  processing: {
    text: {
      ru: 'запрещена любая обработка, кроме просмотра',
      en: 'nothing may be done with it but looking at it',
    },
    action: 'http://www.w3.org/ns/odrl/2/use',
  },
  promotion: {
    text: { ru: 'запрещено использовать для рекламы и торговли', en: 'it may not serve advertising or trade' },
    action: 'http://creativecommons.org/ns#CommercialUse',
  },
  indexing: {
    text: { ru: 'запрещено включать в поисковые системы', en: 'search engines may not list it' },
    action: 'http://www.w3.org/ns/odrl/2/index',
  },
}

const BASIS: Localised = {
  ru: 'Согласие на распространение, ст. 10.1 152-ФЗ. Без запрета разрешён только просмотр и то, что допускает закон.',
  en: 'Consent to dissemination, 152-FZ art. 10.1. Beyond looking only that is allowed which the law allows.',
}

/** Data that somebody made public, revealed here, last of all; null for everything else. */
export async function publicPageOf(reads: PublicReads, handle: string): Promise<contract.PublicPage | null> {
  const found = await reads.read(handle)
  return found === null ? null : pageOf(found)
}

function pageOf({ fields, ...rest }: PublicData): contract.PublicPage {
  const { handle } = rest
  return {
    ...rest,
    basis: BASIS,
    fields: fields.map(({ field, label, value, permit, bans }) => ({
      field,
      label,
      value: value.reveal(permit),
      bans: bans.map((ban) => ({ ban, text: BANS[ban].text })),
    })),
    policy: {
      '@context': 'http://www.w3.org/ns/odrl.jsonld',
      '@type': 'Set',
      uid: `/v1/public/${handle}#policy`,
      prohibition: fields.flatMap(({ field, bans }) =>
        bans.map((ban) => ({ target: `/v1/public/${handle}#${field}`, action: BANS[ban].action })),
      ),
    },
  }
}

/** What search engines are told: what is copied to their stores would outlive a withdrawal. */
export function robotsOf({ fields }: contract.PublicPage): string {
  const banned = fields.some(({ bans }) => bans.some(({ ban }) => ban === 'indexing'))
  return banned ? 'noindex, noarchive' : 'noarchive'
}

function publicationsView(vault: Vault, publications: readonly OwnPublication[]): readonly contract.MyPublication[] {
  const policy = currentPolicy(vault)
  return publications.map(({ fields, ...one }) => ({
    ...one,
    label: policy?.purposes.get(one.purpose)?.label ?? { ru: one.purpose },
    fields: fields.map((own) => ({ ...own, label: policy?.fields.get(own.field)?.label ?? { ru: own.field } })),
  }))
}

export const publicationRoutes: readonly Route[] = [
  route(contract.showMyPublications, async ({ vault }, call) => {
    const caller = personOf(call)
    const outcome = await listOwnPublications(vault, caller, { subject: caller.subject, ...call.query })
    return answered(outcome, ({ publications = [] }) => ({ publications: publicationsView(vault, publications) }))
  }),
  route(contract.showRequestPublications, async ({ vault }, call) =>
    answered(await publicationsForRequest(vault, staffOf(call), call.params.request), ({ publications = [] }) => ({
      publications: publicationsView(vault, publications),
    })),
  ),
  route(contract.makePublic, async ({ vault }, call) => {
    const caller = personOf(call)
    const request = { subject: caller.subject, ...call.params, ...call.body }
    return answered(await makePublic(vault, caller, request), ({ handle = null }) => ({ handle }))
  }),
  route(contract.publishForRequest, async ({ vault }, call) =>
    fulfilled(await publishForRequest(vault, staffOf(call), { ...call.params, ...call.body })),
  ),
  route(contract.showPublic, async ({ publicReads }, call) => {
    const page = await publicPageOf(publicReads, call.params.handle)
    if (page === null) throw new DoverieError('not-found')
    void call.reply.header('x-robots-tag', robotsOf(page))
    return page
  }),
]
