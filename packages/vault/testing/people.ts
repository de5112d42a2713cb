import type { Vault } from '../guard/vault.ts'
import { codeTo } from './mailbox.ts'
import { proveCode } from '../use/prove-code.ts'
import { confirmData } from '../use/confirm-data.ts'
import { isOpened, type Opened, type Decided, openFields } from '../use/open-fields.ts'
import type { Caller } from '../guard/caller.ts'
import { asStaff, asSubject, SUPPORT_TICKET } from './callers.ts'
import { canary } from './fault.ts'
import { freshEmail, freshNumber, order, registration, submit, subjectOf } from './open-test-vault.ts'

/** A person as a test made them. */
export interface Someone {
  readonly subject: string
  readonly email: string
  readonly phone: string
  /** Their contract's id, and its number where the service has numbers. */
  readonly contract: string
  readonly number: string | null
}

/** Makes a person by a form, with an e-mail and a phone of their own. */
export async function someone(
  vault: Vault,
  options: {
    readonly form?: 'registration' | 'order-dedicated-server'
    readonly values?: Readonly<Record<string, unknown>>
    readonly consents?: readonly string[]
    readonly entity?: string
    readonly confirmed?: boolean
  } = {},
): Promise<Someone> {
  const email = canary(freshEmail('someone'))
  const phone = canary(`+7916${2_000_000 + freshNumber()}`)
  const { form = 'registration', values = {}, consents = [], entity = 'start', confirmed = false } = options
  const own = { email, phone, ...values }
  const full = form === 'registration' ? registration(own) : order(own)
  const collected = await submit(vault, form, full, { consents, entity })
  const subject = subjectOf(collected)
  if (confirmed) await confirm(vault, subject)
  return { subject, email, phone, contract: collected.contract?.id ?? '', number: collected.contract?.number ?? null }
}

/** Somebody whose mailbox is proved. */
export async function provedSomeone(
  vault: Vault,
  values: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly subject: string; readonly email: string }> {
  const email = canary(freshEmail('proved'))
  const { subject = '', signIn } = await submit(vault, 'registration', registration({ email, ...values }))
  await proveCode(vault, { id: signIn?.id ?? '', code: await codeTo(vault, email) })
  return { subject, email }
}

/** Staff confirm the person's data on paper (clause 1.2). */
export async function confirm(vault: Vault, subject: string): Promise<void> {
  const request = { subject, entity: 'start', ticket: SUPPORT_TICKET, form: 'paper' } as const
  const { decision } = await confirmData(vault, asStaff('dpo'), request)
  if (decision.effect !== 'permit') throw new Error('not confirmed')
}

/** What an opening showed, or null for a refusal. */
function shown(outcome: Opened | Decided): Readonly<Record<string, unknown>> | null {
  if (!isOpened(outcome)) return null
  return Object.fromEntries([...outcome.values].map(([field, value]) => [field, value.reveal(outcome.permit)]))
}

/** What a caller sees of a person, or null where they are refused. */
export async function see(
  vault: Vault,
  caller: Caller,
  subject: string,
  purpose: string,
  fields: readonly string[],
  options: { readonly entity?: string; readonly ticket?: string } = {},
): Promise<Readonly<Record<string, unknown>> | null> {
  return shown(await openFields(vault, caller, { subject, purpose, entity: 'start', fields, ...options }))
}

/** What the person sees of their own. */
export function seeOwn(
  vault: Vault,
  subject: string,
  fields: readonly string[],
): Promise<Readonly<Record<string, unknown>> | null> {
  return see(vault, asSubject(subject), subject, 'rights', fields)
}
