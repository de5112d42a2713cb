import type { Vault } from '../guard/vault.ts'
import { endEpoch, isEpochDue } from './end-epoch.ts'
import { GENTLY, resting } from './pace.ts'

/**
 * What a server does with epochs from time to time: forgets keys that are gone, goes on with an end that was begun, and ends the
 * current one where something was destroyed in it and it has lasted for `term` milliseconds. 0: none is begun here.
 */
export async function keepEpochs(vault: Vault, term: number): Promise<void> {
  await vault.secrets.refresh()
  if (await isEpochDue(vault, term)) await endEpoch(vault, { pace: resting(GENTLY) })
}
