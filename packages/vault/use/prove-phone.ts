import { DoverieError } from '@doverie/core/base'
import { settling } from '@doverie/core/request'
import type { SubjectCaller } from '../guard/caller.ts'
import { change, type ChangeRequest } from '../guard/change.ts'
import { proveIdentifier } from '../guard/index-identifiers.ts'
import type { Vault } from '../guard/vault.ts'
import { addSessionStep } from '../store/access.ts'
import { changedSince } from '../store/subjects.ts'
import { checkProofCode, sendProofCode } from './proof-code.ts'
import type { SentCode } from './request-code.ts'
import { firstEntity, policyOf } from './requests/law.ts'
import { channelsOf, phoneOf } from './tell-person.ts'

/**
 * Sends a code to the phone that stands in the data of who is signed in. Throws `conflict` where none does, `rate-limited` and
 * `channel-absent` as any code to a phone.
 */
export async function sendPhoneCode(vault: Vault, caller: SubjectCaller): Promise<SentCode> {
  const boundTo = sessionOf(caller)
  const outcome = await change(vault, requestOf(vault, caller, 'send-phone-code'), async (changing) => {
    const phone = await phoneOf(changing)
    if (phone === undefined) throw new DoverieError('conflict', 'No phone stands in your data.', { field: 'phone' })
    return sendProofCode(vault, changing.tx, { holder: caller.subject, channel: 'phone', value: phone, boundTo })
  })
  if (outcome.effect === 'refuse') throw new DoverieError('forbidden')
  return outcome.value
}

/**
 * Proves a phone by the code that came to it: that phone, if it still stands in the data, and nothing else. People are found by it from
 * then on. In the session it counts as a proof of who is signed in, unless the number was changed lately: then it shows no more than
 * the session that changed it. Throws `code-invalid`.
 */
export async function provePhone(
  vault: Vault,
  caller: SubjectCaller,
  given: { readonly id: string; readonly code: string },
): Promise<{ readonly counts: boolean }> {
  const boundTo = sessionOf(caller)
  const proved = await checkProofCode(vault, { ...given, boundTo })
  if (proved.holder !== caller.subject) throw new DoverieError('code-invalid', undefined, { field: 'code' })
  const outcome = await change(vault, requestOf(vault, caller, 'prove-phone'), async (changing) => {
    const { tx, at } = changing
    await proved.take(tx)
    const phone = await phoneOf(changing)
    if (phone === undefined || !proved.isFor('phone', phone)) return null
    // Before the commit: it is true already, and whoever proved it must be found by it whatever happens next.
    await proveIdentifier(vault, caller.subject, 'phone', phone)
    if (!changing.facts().proved.includes('phone')) {
      changing.apply({ kind: 'identifier-proved', identifier: 'phone', at })
    }
    const counts = !(await changedSince(tx, caller.subject, 'phone', at - settling('phone-code')))
    changing.note({ counts })
    if (counts) await addSessionStep(tx, Buffer.from(boundTo, 'hex'), 'phone-code', at)
    return { counts }
  })
  if (outcome.effect === 'refuse' || outcome.value === null) {
    throw new DoverieError('code-invalid', undefined, { field: 'code' })
  }
  return outcome.value
}

/** The session in which something is proved. Throws `forbidden` for who has none of their own. */
export function sessionOf({ session }: SubjectCaller): string {
  if (session === undefined) throw new DoverieError('forbidden')
  return session
}

/** An act of the person on how they are reached and sign in. */
export function requestOf(vault: Vault, caller: SubjectCaller, act: string): ChangeRequest {
  const policy = policyOf(vault)
  return {
    caller,
    subject: caller.subject,
    act,
    operation: 'clarify:update',
    purpose: policy.system.rights,
    entity: firstEntity(policy),
    fields: [],
    compartments: channelsOf(policy),
  }
}
