import { type DataKind, DoverieError, type ProtectionLevel, protectionLevel, type ThreatType } from '@doverie/core/base'
import type { Policy } from '@doverie/core/policy'
import type { Caller } from '../guard/caller.ts'
import type { Vault } from '../guard/vault.ts'
import { countLive } from '../store/subjects.ts'
import { assertOfficer } from './duties.ts'

/**
 * The level of protection (УЗ) of this installation by what it holds now: the people in it, the most sensitive category that the
 * policy knows, and the threats that the operator has found. Throws `policy-absent`.
 */
export async function measureProtection(vault: Vault, threat: ThreatType): Promise<ProtectionLevel> {
  const policy = vault.policy()
  if (policy === null) throw new DoverieError('policy-absent')
  return protectionLevel(await countLive(vault.data), dataKindOf(policy), threat)
}

/** The same for the data-protection officer. */
export function showProtection(vault: Vault, caller: Caller, threat: ThreatType): Promise<ProtectionLevel> {
  assertOfficer(vault, caller)
  return measureProtection(vault, threat)
}

/** No data count as public: the law means what a person opened to everybody, which a category as a whole never is. */
function dataKindOf({ categories }: Policy): DataKind {
  const special = [...categories.values()].flatMap((category) => category.special ?? [])
  if (special.some((id) => id !== BIOMETRIC)) return 'special'
  return special.length > 0 ? 'biometric' : 'other'
}

const BIOMETRIC = 'biometric'
