import type { Instant } from '@doverie/core/base'
import { mac } from '../guard/mac.ts'
import type { Vault } from '../guard/vault.ts'
import { countUp, UNLIMITED } from '../store/tally.ts'

/**
 * Counts an attempt of somebody (`who` is an address, kept as a keyed hash) in the present window of so many milliseconds, for
 * all processes, and gives how many there were, and for how long they count.
 */
export async function countAttempt(
  vault: Vault,
  who: string,
  window: number,
): Promise<{ readonly attempts: number; readonly left: number }> {
  const now = vault.now()
  const endsAt: Instant = (Math.floor(now / window) + 1) * window
  const attempts = await countUp(vault.data, mac(vault, 'tally', `attempt ${who}`), endsAt, 1, UNLIMITED)
  return { attempts: attempts ?? UNLIMITED, left: endsAt - now }
}
