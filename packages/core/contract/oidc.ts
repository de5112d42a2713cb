import Type from 'typebox'
import { type Proved, proved } from './identity.ts'
import { json, type None, type Operation } from './operation.ts'
import { CLOSED, name, schemaOf, text } from './schema.ts'

const tags = ['my data']
const auth = ['subject'] as const

/** An identity provider by which people may prove that it is them. */
export interface OfferedProvider {
  readonly id: string
  readonly label: { readonly ru: string; readonly en: string }
}

export const beginProvider: Operation<None, None, { readonly provider: string }, { readonly url: string }> = {
  id: 'beginProvider',
  method: 'POST',
  path: '/v1/me/proofs/provider',
  summary:
    'Where my browser goes to prove by an identity provider (OpenID Connect) that it is me. Good once, in this session, for ten minutes.',
  tags,
  auth,
  params: null,
  query: null,
  body: schemaOf<{ readonly provider: string }>()(Type.Object({ provider: name }, CLOSED)),
  limited: true,
  success: json(schemaOf<{ readonly url: string }>()(Type.Object({ url: Type.String() }))),
}

/** What the provider sent my browser back with: the query of the address, as it stands there. */
export interface ProviderAnswer {
  readonly query: string
}

export const proveByProvider: Operation<None, None, ProviderAnswer, Proved> = {
  ...beginProvider,
  id: 'proveByProvider',
  path: '/v1/me/proofs/provider/answer',
  summary:
    'Proves by what the provider answered that it is me, where it says of me what my data say. Every proved channel of mine is told.',
  body: schemaOf<ProviderAnswer>()(Type.Object({ query: text(4000) }, CLOSED)),
  success: json(proved),
}
