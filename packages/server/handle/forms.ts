import { DoverieError } from '@doverie/core/base'
import * as contract from '@doverie/core/contract'
import { type PolicySummary, policySummary } from '@doverie/core/policy'
import { collectForm, currentPolicy, type Evidence, showForm, type Vault } from '@doverie/vault'
import type { FastifyRequest } from 'fastify'
import { answered } from '../answer.ts'
import { personOf, type Route, route } from '../route.ts'

/** What the server saw of a sender: it is sealed with the evidence of their consent. */
export function evidenceOf(request: FastifyRequest): Evidence {
  const { 'user-agent': agent, 'accept-language': language } = request.headers
  return { address: request.ip, agent: agent ?? '', language: language ?? '' }
}

/** The policy in words. Throws `policy-absent`. */
export function summaryOf(vault: Vault, language: string): PolicySummary {
  const policy = currentPolicy(vault)
  if (policy === null) throw new DoverieError('policy-absent')
  return policySummary(policy, language)
}

/** The key under which a submission takes effect once. Throws `invalid-request`. */
export function idempotencyKey(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key === 'string' && /^[\x21-\x7e]{1,200}$/.test(key)) return key
  throw new DoverieError('invalid-request', 'An Idempotency-Key is 1 to 200 printable ASCII characters.', {
    field: 'Idempotency-Key',
  })
}

const FIRST_LANGUAGE = ''

export const formRoutes: readonly Route[] = [
  route(contract.showPolicy, ({ vault }, { query }) =>
    Promise.resolve({ ...summaryOf(vault, query.lang ?? FIRST_LANGUAGE) }),
  ),
  route(contract.listForms, ({ vault }, { query }) => {
    const { forms } = summaryOf(vault, query.lang ?? FIRST_LANGUAGE)
    return Promise.resolve({ forms: forms.map((form) => ({ ...form })) })
  }),
  route(contract.showForm, async ({ vault }, { params }) => {
    const { contract: shown, snapshot } = await showForm(vault, params.form)
    return { contract: { ...shown }, snapshot }
  }),
  route(contract.submitForm, async ({ vault }, call) => {
    const { params, body, request } = call
    const caller = call.caller === null ? null : personOf(call)
    const outcome = await collectForm(vault, caller, {
      ...body,
      form: params.form,
      idempotencyKey: idempotencyKey(request),
      evidence: evidenceOf(request),
    })
    return answered(outcome, ({ subject, contract: made, signIn, conflicts }) => ({
      subject: subject ?? '',
      contract: made ?? null,
      signIn: signIn ?? null,
      conflicts: conflicts ?? [],
    }))
  }),
]
