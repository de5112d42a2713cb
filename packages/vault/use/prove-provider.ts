import { DoverieError, type Instant } from '@doverie/core/base'
import { besideForm, type FieldKind, indexForm, nameForm, normaliseValue, type Policy } from '@doverie/core/policy'
import { settling } from '@doverie/core/request'
import type { SubjectCaller } from '../guard/caller.ts'
import { change, type Changing } from '../guard/change.ts'
import { mac, sameMac } from '../guard/mac.ts'
import { asList, currentValues } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { compartmentsOf } from '../guard/vocabulary.ts'
import { addSessionStep } from '../store/access.ts'
import { insertChallenge, takeChallenge } from '../store/passkeys.ts'
import { writtenSince } from '../store/subjects.ts'
import { requestOf, sessionOf } from './prove-phone.ts'
import { policyOf } from './requests/law.ts'
import { channelsOf, tellPerson } from './tell-person.ts'

const TERM = 10 * 60_000
const ACT = 'oidc'

/** What goes with one question to an identity provider (OpenID Connect): each part new, and good for one answer in one session. */
export interface ProviderStep {
  readonly provider: string
  readonly state: string
  readonly nonce: string
  /** Of PKCE (RFC 7636). */
  readonly verifier: string
  /** When it was asked. */
  readonly askedAt: Instant
}

/** What a provider says of who signed in there: field of the policy to value. */
export type Said = Readonly<Record<string, string>>

/**
 * Begins to ask an identity provider who is signed in. Nothing secret is kept: nonce and verifier are made again from the state, which is
 * good once, for ten minutes, in this session.
 */
export async function beginProvider(vault: Vault, caller: SubjectCaller, provider: string): Promise<ProviderStep> {
  const id = vault.newId()
  const state = `${provider}.${id}.${vault.now()}.${vault.random(16).toString('base64url')}`
  const hash = mac(vault, 'oidc-state', state)
  await insertChallenge(vault.data, { id, act: ACT, boundTo: sessionOf(caller), hash, expiresAt: vault.now() + TERM })
  return stepOf(vault, provider, state)
}

/** The question that an answer came to. Throws `code-invalid` for one that was not asked in this session, answered before, or is too old. */
export async function takeProviderStep(vault: Vault, caller: SubjectCaller, state: string): Promise<ProviderStep> {
  const [provider = '', id = ''] = state.split('.')
  if (!/^[0-9a-f-]{36}$/.test(id)) throw invalid()
  const named = { id, act: ACT, boundTo: sessionOf(caller) }
  const hash = await takeChallenge(vault.data, named, vault.now())
  if (hash === null || !sameMac(hash, mac(vault, 'oidc-state', state))) throw invalid()
  return stepOf(vault, provider, state)
}

function stepOf(vault: Vault, provider: string, state: string): ProviderStep {
  const of = (what: string): string => mac(vault, what, state).toString('base64url')
  const askedAt = Number(state.split('.')[2])
  return { provider, state, nonce: of('oidc-nonce'), verifier: of('oidc-verifier'), askedAt }
}

/**
 * Notes that an identity provider knows who is signed in as the person whose data these are. `said` is what it vouches for, checked by
 * whoever asked it; every field of it must be as the person's data have it, and at least one beside the mailbox, which proves
 * itself. Data written within three days show no more than the session that wrote them, as with whatever a session adds. Every proved
 * channel is told. Throws `code-invalid` where it does not match, which is entered.
 */
export async function proveByProvider(
  vault: Vault,
  caller: SubjectCaller,
  { provider, said }: { readonly provider: string; readonly said: Said },
): Promise<{ readonly counts: boolean }> {
  const policy = policyOf(vault)
  const fields = Object.keys(said).filter((id) => policy.fields.has(id))
  const own = compartmentsOf(policy, fields)
  const request = requestOf(vault, caller, 'prove-by-provider')
  const compartments = [...new Set([...channelsOf(policy), ...own])]
  const outcome = await change(vault, { ...request, compartments }, async (changing) => {
    const matches = await saidOf(changing, policy, said)
    changing.note({ provider, matches })
    if (!matches) return null
    const { tx, at } = changing
    const counts = !(await writtenSince(tx, caller.subject, own, at - settling('oidc')))
    changing.note({ counts })
    if (counts) await addSessionStep(tx, Buffer.from(sessionOf(caller), 'hex'), 'oidc', at)
    await tellPerson(
      vault,
      changing,
      TOLD,
      'Вашу личность подтвердили через внешний сервис. Если это не вы, сообщите нам.',
    )
    return { counts }
  })
  if (outcome.effect === 'refuse' || outcome.value === null) throw invalid()
  return outcome.value
}

async function saidOf(changing: Changing, policy: Policy, said: Said): Promise<boolean> {
  const held = await currentValues(changing)
  const told = Object.entries(said)
  const beside = told.filter(([id]) => id !== policy.system.signIn)
  return (
    beside.length > 0 &&
    told.every(([id, value]) => {
      const field = policy.fields.get(id)
      const known = field === undefined ? undefined : held.get(field.compartment)?.[id]
      return field !== undefined && known !== undefined && asList(known).some((one) => same(field.kind, one, value))
    })
  )
}

/** True where two spellings stand for one value of their kind. */
function same(kind: FieldKind, a: string, b: string): boolean {
  const form = (value: string): string | null => {
    if (kind === 'email' || kind === 'phone' || kind === 'contract-number') return indexForm(kind, value)
    if (kind === 'person-name') return nameForm(value)
    const date = kind === 'text' ? besideForm(kind, value) : null
    const whole = normaliseValue(kind, value)
    return date ?? (whole.ok ? whole.value : null)
  }
  const left = form(a)
  return left !== null && left === form(b)
}

function invalid(): DoverieError {
  return new DoverieError('code-invalid', 'The provider did not show that it is you.')
}

const TOLD = {
  subject: 'Личность подтверждена через внешний сервис / An identity provider was asked who you are',
  text: [
    'Тот, кто вошёл к вашим данным, подтвердил свою личность через внешний сервис. Если это сделали не вы, сообщите нам сразу.',
    '',
    'Whoever is signed in to your data proved themselves by an identity provider. If that was not you, tell us at once.',
  ].join('\n'),
}
