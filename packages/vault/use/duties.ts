import { DoverieError } from '@doverie/core/base'
import type { Duty } from '@doverie/core/policy'
import type { Caller, StaffCaller } from '../guard/caller.ts'
import type { Changing } from '../guard/change.ts'
import type { Vault } from '../guard/vault.ts'
import { foundingRole, holdCredential, holdStaff } from '../store/access.ts'

/**
 * Throws `forbidden` for anybody but staff whose role has the duty by the policy in force. While none is, whoever has the role
 * of the installation's first member of staff may put one in force: else a policy that cannot be read would be for ever.
 */
export async function assertDuty(vault: Vault, caller: Caller, duty: Duty): Promise<StaffCaller> {
  if (caller.kind === 'staff') {
    const policy = vault.policy()
    const has =
      policy === null
        ? duty === 'adopt' && (await foundingRole(vault.data)) === caller.name
        : policy.actors.get(caller.name)?.duties.includes(duty)
    if (has === true) return caller
  }
  throw new DoverieError('forbidden', `Only a role with the duty '${duty}' may do that.`)
}

/**
 * Throws `forbidden` where the second word would be the first one's: theirs, or by a link that they had made and could have used.
 */
export function assertSecond(caller: Caller, first: string): void {
  if (caller.kind === 'staff' && [caller.pseudonym, caller.issuedBy].includes(first)) {
    throw new DoverieError(
      'forbidden',
      'The second word is another’s, signed in by a link that the first did not have made.',
    )
  }
}

/** Throws `forbidden` for a deputy: nobody gives anybody, themselves by a detour among them, what outlives the time that they stand in. */
export function assertNoDeputy(caller: Caller): void {
  if (caller.kind === 'staff' && caller.deputyOf !== undefined) {
    throw new DoverieError('forbidden', 'A deputy of the officer gives nobody access.')
  }
}

/** Throws `forbidden` for a deputy who would take the access of whoever gives and takes it: they would keep the officer out. */
export function assertMayTake(vault: Vault, caller: Caller, role: string): void {
  const { system, actors } = vault.policy() ?? {}
  if (role === system?.officer || actors?.get(role)?.duties.includes('access') === true) assertNoDeputy(caller)
}

/** What the entry of a second word says of the link by which it was given. */
export function linkOf(caller: Caller | null): { readonly linkIssuedBy?: string } {
  return caller?.kind === 'staff' && caller.issuedBy !== undefined ? { linkIssuedBy: caller.issuedBy } : {}
}

/** The clauses that acts on access name: members of staff, credentials. */
export function accessClauses(vault: Vault): readonly string[] {
  return vault.policy()?.defaults.acts.access ?? []
}

/** Throws `forbidden` for anybody but the officer: whose role the policy names as the one that answers for its working. */
export function assertOfficer(vault: Vault, caller: Caller): StaffCaller {
  const policy = vault.policy()
  if (policy === null) throw new DoverieError('policy-absent')
  if (caller.kind === 'staff' && caller.name === policy.system.officer) return caller
  throw new DoverieError('forbidden', 'Only the data-protection officer may do that.')
}

/**
 * INVARIANT: a revoked credential, and staff switched off, are handed nothing. The row is held until the commit, which whoever revokes waits for; the
 * person's is held by the change, so that a withdrawal comes either before the decision or after the handing over.
 */
export async function holdCaller({ tx }: Pick<Changing, 'tx'>, caller: Caller): Promise<void> {
  if (caller.kind === 'service' && !(await holdCredential(tx, caller.credential))) {
    throw new DoverieError('unauthenticated')
  }
  if (caller.kind === 'staff' && !(await holdStaff(tx, caller.staff))) throw new DoverieError('unauthenticated')
}
