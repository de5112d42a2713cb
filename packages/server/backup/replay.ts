import { openReplayed } from '@doverie/vault'
import type { Log } from '../embedded/index.ts'
import { openInstallation } from '../installation.ts'
import { openKms } from '../kms-settings.ts'
import { replayLines } from '../replay-lines.ts'
import { ledgerOrigin } from '../settings.ts'

/**
 * Replays the journal over data, or a key store, that came here by another way than `doverie restore` and so say nothing of it. Gives
 * what was done, line by line; none where the two are of one moment. Throws as `openInstallation` and `openVault` do.
 */
export async function replayInstallation(options: {
  readonly dataDir: string
  readonly keysDir: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Log
}): Promise<readonly string[]> {
  const { keysDir, env } = options
  const installation = await openInstallation({ ...options, onLost: () => undefined })
  try {
    const lines: string[] = []
    const { dataUrl, keystoreUrl } = installation
    const vault = await openReplayed(
      { dataUrl, keystoreUrl, kms: openKms(keysDir, env), origin: ledgerOrigin(env), now: () => Date.now() },
      { untold: true, onReplayed: (replayed) => void lines.push(...replayLines(replayed)) },
    )
    await vault.close()
    return lines
  } finally {
    await installation.close()
  }
}
