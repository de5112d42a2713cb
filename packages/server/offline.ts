import { DoverieError } from '@doverie/core/base'
import { type Kms, localKms, openVault, type Vault } from '@doverie/vault'
import { QUIET } from './embedded/index.ts'
import { readRootKeys } from './keys-folder.ts'
import { loadPolicyFolder } from './policy-folder.ts'
import { settingsOf } from './settings.ts'

export { readBundle } from './policy-folder.ts'

/** The KMS over the root key file of a keys folder. Throws `wrong-root-key` where there is none. */
export async function rootKms(keysDir: string): Promise<Kms> {
  const root = await readRootKeys(keysDir)
  if (root === undefined) throw new DoverieError('wrong-root-key', `there is no root key file in ${keysDir}`)
  return localKms(root)
}

/** Where a vault's two databases and its root key are. */
export interface VaultPlace {
  readonly dataUrl: string
  readonly keystoreUrl: string
  readonly keysDir: string
}

/**
 * Opens the vault of an installation without serving it: for commands and measurements. With a policy folder its bundle is
 * put in force, else none is, and whatever needs a decision is refused. Throws as `openVault` does, and `policy-invalid`.
 */
export async function openOffline(place: VaultPlace, policyDir: string | null, origin?: string): Promise<Vault> {
  const { dataUrl, keystoreUrl } = place
  const named = settingsOf(
    { host: '', port: 0, policyDir: '', ...place, ...(origin === undefined ? {} : { origin }) },
    process.env,
  )
  const vault = await openVault({
    dataUrl,
    keystoreUrl,
    kms: await rootKms(place.keysDir),
    origin: named.origin,
    now: () => Date.now(),
  })
  if (policyDir !== null && !(await loadPolicyFolder(vault, policyDir, QUIET))) {
    await vault.close()
    throw new DoverieError('policy-invalid')
  }
  return vault
}
