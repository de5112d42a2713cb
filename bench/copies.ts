import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { backUpInstallation, createIdentity, restoreInstallation } from '@doverie/server/backup'

const QUIET = { info: () => undefined, warn: () => undefined }
const env = { LEDGER_ORIGIN: 'bench.example/log' }

/** What a backup of an installation and its restore take, in seconds and bytes. */
export interface CopyFigures {
  readonly kind: 'keys' | 'data'
  readonly bytes: number
  readonly backup: number
  readonly restore: number
}

/** Backs both databases up beside whatever runs on them, restores both into another folder, and removes all of it. */
export async function measureCopies(folder: string): Promise<readonly CopyFigures[]> {
  const place = join(folder, 'copies')
  await rm(place, { recursive: true, force: true })
  const keysDir = join(folder, 'keys')
  const figures: CopyFigures[] = []
  try {
    for (const kind of ['keys', 'data'] as const) {
      const identity = join(place, `${kind}.key`)
      const recipient = await createIdentity(identity)
      const to = join(place, kind)
      const begun = performance.now()
      const made = await backUpInstallation({
        ...{ dataDir: join(folder, 'data'), keysDir, env, log: QUIET, kind, to },
        recipients: [recipient],
      })
      const between = performance.now()
      await restoreInstallation({
        ...{ dataDir: join(place, 'restored'), keysDir, env, log: QUIET, kind },
        ...{ backup: made.folder, identity },
      })
      const [backup, restore] = [(between - begun) / 1000, (performance.now() - between) / 1000]
      figures.push({ kind, bytes: await sizeOf(made.folder), backup, restore })
    }
    return figures
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder)
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
