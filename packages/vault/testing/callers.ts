import type { ServiceCaller, StaffCaller, SubjectCaller } from '../guard/caller.ts'
import type { Vault } from '../guard/vault.ts'
import { authenticateCredential, issueCredential } from '../use/credentials.ts'

const DPO: StaffCaller = {
  kind: 'staff',
  name: 'dpo',
  staff: '00000000-0000-4000-8000-000000000001',
  pseudonym: 'dpo-1',
}

export function asStaff(role: 'dpo' | 'support'): StaffCaller {
  return { ...DPO, name: role, pseudonym: `${role}-1` }
}

/** A ticket as staff give it. */
export const SUPPORT_TICKET = 'T-1'

/** The token of a real credential for all entities and the given purposes. */
export async function tokenFor(
  vault: Vault,
  actor: string,
  purposes: readonly string[],
  peoplePerHour = 1_000,
): Promise<string> {
  const scope = { actor, entities: ['start', 'solutions'], purposes, peoplePerHour, expiresInDays: 1 }
  return (await issueCredential(vault, DPO, scope)).token
}

/** A calling service with such a credential. */
export async function asService(
  vault: Vault,
  actor: string,
  purposes: readonly string[],
  peoplePerHour = 1_000,
): Promise<ServiceCaller> {
  const caller = await authenticateCredential(vault, await tokenFor(vault, actor, purposes, peoplePerHour))
  if (caller === null) throw new Error('the credential just issued is not known')
  return caller
}

/** The person, signed in by a code to their e-mail. */
export function asSubject(subject: string): SubjectCaller {
  return { kind: 'subject', subject, proved: ['email'] }
}

/** The person, signed in, who has just proved it by more than their mailbox. */
export function asProved(subject: string): SubjectCaller {
  return { ...asSubject(subject), steps: [{ method: 'passkey', at: Date.now() + 366 * 86_400_000 }] }
}
