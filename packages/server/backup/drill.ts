import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DoverieError } from '@doverie/core/base'
import {
  integrateLedger,
  type LedgerReport,
  openReplayed,
  refreshPolicy,
  type Replayed,
  samplePeople,
  type Sampled,
  type Vault,
  verifyLedger,
} from '@doverie/vault'
import { isAlive, QUIET } from '../embedded/index.ts'
import { openInstallation } from '../installation.ts'
import { openKms } from '../kms-settings.ts'
import { ledgerOrigin } from '../settings.ts'
import type { Manifest } from './manifest.ts'
import { type InstallationRestore, restoreInstallation } from './restore-installation.ts'

const PREFIX = 'doverie-drill-'

/** A backup and the identity file that opens it. */
export interface DrilledBackup {
  readonly backup: string
  readonly identity: string
}

export interface DrillOptions {
  readonly data: DrilledBackup
  readonly keystore: DrilledBackup
  readonly keysDir: string
  /** `KMS_URL` and `LEDGER_ORIGIN` are looked up here; its databases are never touched. */
  readonly env: InstallationRestore['env']
  /** An empty folder with room for both databases; the system's temporary one where absent. */
  readonly folder?: string
  /** How many people are opened. */
  readonly sample: number
  readonly onStep: (step: string) => void
  /** Aborted, it ends the drill at its next part: what it made is removed, then its reason is thrown. */
  readonly signal?: AbortSignal
}

/** What a drill found. Each is judged by itself, so that one failure does not hide another. */
export interface Drill {
  readonly data: Manifest
  readonly keystore: Manifest
  readonly replayed: Replayed | null
  readonly ledger: LedgerReport
  readonly sampled: Sampled
  readonly milliseconds: { readonly restored: number; readonly whole: number }
  readonly holds: boolean
}

/**
 * Restores both backups into a place of its own, replays the journal there, verifies the ledger, counts everybody and opens what is
 * held of a sample through the guard; then removes all of it. The root key is used and not changed. INVARIANT: nothing of the
 * installation itself is opened, and the scratch place is open to this user alone. Throws what a restore throws.
 */
export async function drillRestore(options: DrillOptions): Promise<Drill> {
  const { folder, signal } = options
  if (folder === undefined) await removeLeftovers(tmpdir())
  else await assertEmpty(folder)
  const goOn = (): void => signal?.throwIfAborted()
  // Made by mkdtemp, mode 0700: beside the root key, it opens.
  const place = await mkdtemp(join(folder ?? tmpdir(), `${PREFIX}${process.pid}-`))
  const begun = Date.now()
  try {
    const env = { ...options.env, DATABASE_URL: undefined, KEYSTORE_URL: undefined }
    const dataDir = join(place, 'data')
    const restored = async (kind: 'keys' | 'data', { backup, identity }: DrilledBackup): Promise<Manifest> => {
      options.onStep(kind === 'keys' ? 'restoring the key store' : 'restoring the data')
      const { keysDir } = options
      const of = { dataDir, keysDir, env, log: QUIET, backup, identity, kind, onProgress: goOn }
      return (await restoreInstallation(of)).manifest
    }
    const keystore = await restored('keys', options.keystore)
    const data = await restored('data', options.data)
    const took = Date.now() - begun
    const onStep = (step: string): void => {
      goOn()
      options.onStep(step)
    }
    const found = await look({ ...options, dataDir, env, onStep })
    const { ledger, sampled } = found
    const holds =
      ledger.ok && sampled.keyless === 0 && sampled.faults.size === 0 && (sampled.people === 0 || sampled.opened > 0)
    return { data, keystore, ...found, milliseconds: { restored: took, whole: Date.now() - begun }, holds }
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

async function look(
  options: DrillOptions & { readonly dataDir: string },
): Promise<Pick<Drill, 'replayed' | 'ledger' | 'sampled'>> {
  const { dataDir, keysDir, env, onStep } = options
  const installation = await openInstallation({ dataDir, keysDir, env, log: QUIET, onLost: () => undefined })
  try {
    onStep('replaying the journal')
    const { dataUrl, keystoreUrl } = installation
    let replayed: Replayed | null = null
    const vault: Vault = await openReplayed(
      { dataUrl, keystoreUrl, kms: openKms(keysDir, env), origin: ledgerOrigin(env), now: () => Date.now() },
      {
        onReplayed: (done) => {
          replayed = done
        },
      },
    )
    try {
      await refreshPolicy(vault)
      onStep('opening a sample')
      const sampled = await samplePeople(vault, options.sample)
      onStep('verifying the ledger')
      while ((await integrateLedger(vault)).more);
      return { replayed, sampled, ledger: await verifyLedger(vault) }
    } finally {
      await vault.close()
    }
  } finally {
    await installation.close()
  }
}

/** What a drill left whose process was killed: a copy of everything, beside which the root key opens it. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = name.startsWith(PREFIX) ? /^[0-9]+(?=-)/.exec(name.slice(PREFIX.length))?.[0] : undefined
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(folder, name), { recursive: true, force: true })
  }
}

async function assertEmpty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if ((await readdir(folder)).length === 0) return
  throw new DoverieError('not-empty', `${folder} is not empty`, { field: 'folder' })
}
