import type { ServiceCaller, StaffCaller } from '../guard/caller.ts'
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

/** A calling service with a real credential for all entities and the given purposes. */
export async function asService(
  vault: Vault,
  actor: string,
  purposes: readonly string[],
  peoplePerHour = 1_000,
): Promise<ServiceCaller> {
  const issued = await issueCredential(vault, DPO, {
    actor,
    entities: ['start', 'solutions'],
    purposes,
    peoplePerHour,
    expiresInDays: 1,
  })
  const caller = await authenticateCredential(vault, issued.token)
  if (caller === null) throw new Error('the credential just issued is not known')
  return caller
}
