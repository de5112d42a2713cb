import { DoverieError } from '@doverie/core/base'
import { openVault, type Vault } from '@doverie/vault'
import { QUIET } from './embedded/index.ts'
import { openKms } from './kms-settings.ts'
import { loadPolicyFolder } from './policy-folder.ts'
import { settingsOf } from './settings.ts'
import { trustPolicy } from './trust-policy.ts'

/** Where a vault's two databases and its root key are (a key management service is named by the environment). */
export interface VaultPlace {
  readonly dataUrl: string
  readonly keystoreUrl: string
  readonly keysDir: string
}

/**
 * Opens the vault of an installation without serving it: for commands and measurements. With a policy folder its bundle is
 * put in force, else none is, and whatever needs a decision is refused. Throws as `openVault` does, and `policy-invalid`.
 */
export async function openOffline(
  place: VaultPlace,
  policyDir: string | null,
  origin?: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Vault> {
  const { dataUrl, keystoreUrl } = place
  const named = settingsOf(
    { host: '', port: 0, policyDir: '', ...place, ...(origin === undefined ? {} : { origin }) },
    env,
  )
  const vault = await openVault({
    dataUrl,
    keystoreUrl,
    kms: openKms(place.keysDir, env),
    origin: named.origin,
    trust: await trustPolicy(named),
    now: () => Date.now(),
  })
  if (policyDir !== null && !(await loadPolicyFolder(vault, policyDir, QUIET))) {
    await vault.close()
    throw new DoverieError('policy-invalid')
  }
  return vault
}
