import { randomUUID } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DoverieError, isDoverieError } from '@doverie/core/base'
import type { BackupSource, TablePart } from '@doverie/vault'
import type { Encrypter } from 'age-encryption'
import { createFile, type FileOwner, makeFolder, ownerOfFolder, syncFolder } from '../durable-file.ts'
import { VERSION } from '../version.ts'
import { type Manifest, manifestText, type PartEntry, type TableEntry } from './manifest.ts'
import { folderName, listBackups, MANIFEST_FILE } from './places.ts'
import {
  addProgress,
  type Begun,
  beginProgress,
  type DonePart,
  type Progress,
  PROGRESS_FILE,
  readProgress,
} from './progress-file.ts'
import { hashFile, recipientsOf, writeSealed } from './sealed-file.ts'

export interface BackupRequest {
  readonly source: BackupSource
  /** The folder in which the backup becomes a folder of its own. */
  readonly to: string
  readonly recipients: readonly string[]
  readonly now: () => number
  /** About so many bytes of the database in a file; 32 MB unless told. */
  readonly partBytes?: number
  readonly onProgress?: (progress: BackupProgress) => void
}

export interface BackupProgress {
  readonly parts: number
  readonly ofParts: number
  readonly rows: number
  /** Written or kept so far. */
  readonly bytes: number
}

export interface BackupReport {
  readonly folder: string
  readonly manifest: Manifest
  readonly rows: number
  readonly bytes: number
  /** Files that an interrupted attempt had left and that were still right. */
  readonly kept: number
  /** Older copies of the key store that could not be removed. They must be: see `removeOlder`. */
  readonly older: readonly string[]
}

const PART_BYTES = 32 * 1024 * 1024

/** A backup under way in its folder. */
interface Attempt {
  readonly request: BackupRequest
  readonly encrypter: Encrypter
  readonly folder: string
  readonly owner: FileOwner | undefined
  readonly progress: Progress
}

/**
 * Copies one moment of a database into a folder of encrypted files. The manifest, which makes them a backup, is written last; a
 * crash before leaves a folder that the next call goes on with: it copies the moment of its own, and keeps the files whose rows
 * are still the same. Of the key store nothing is gone on with: what was begun before is removed. Throws `data-unwritable` where
 * the folder cannot be written, `invalid-request` for recipients that are none, and what the source throws.
 */
export async function backUp(request: BackupRequest): Promise<BackupReport> {
  const encrypter = recipientsOf(request.recipients)
  try {
    const attempt = await begin(request, encrypter)
    const { parts, kept } = await copyParts(attempt)
    return await finish(attempt, parts, kept)
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    if (isDoverieError(error) || syscall === undefined) throw error
    throw new DoverieError(
      'data-unwritable',
      `${request.to} cannot be written (${code ?? 'unknown reason'})`,
      {},
      error,
    )
  }
}

async function begin(request: BackupRequest, encrypter: Encrypter): Promise<Attempt> {
  const { source, to, now } = request
  await makeFolder(to, 0o700)
  const owner = await ownerOfFolder(to)
  const begun: Begun = {
    format: 1,
    id: randomUUID(),
    kind: source.kind,
    origin: source.origin,
    ledgerKey: source.ledgerKey,
    level: source.level,
    recipients: [...request.recipients].sort(),
    cuts: {},
  }
  const earlier = await findBegun(to, begun)
  if (earlier !== null) return { request, encrypter, owner, ...earlier }
  const cuts = await source.cutSizes(request.partBytes ?? PART_BYTES)
  const folder = join(to, folderName(source.kind, begun.id, now()))
  await makeFolder(folder, 0o700)
  await beginProgress(folder, { ...begun, cuts }, owner)
  await syncFolder(to)
  return { request, encrypter, owner, folder, progress: { begun: { ...begun, cuts }, done: new Map() } }
}

/** A backup of the same database, for the same recipients, that was begun here and not finished. */
async function findBegun(
  to: string,
  wanted: Begun,
): Promise<{ readonly folder: string; readonly progress: Progress } | null> {
  for (const { path, kind, finished } of (await listBackups(to)).toReversed()) {
    if (finished || kind !== wanted.kind) continue
    if (kind === 'keys') {
      await rm(path, { recursive: true, force: true })
      continue
    }
    const progress = await readProgress(path)
    if (progress !== null && comparable(progress.begun) === comparable(wanted)) return { folder: path, progress }
  }
  return null
}

function comparable(begun: Begun): string {
  const { kind, origin, ledgerKey, level, recipients } = begun
  return JSON.stringify([kind, origin, ledgerKey, level, recipients])
}

async function copyParts(attempt: Attempt): Promise<{ readonly parts: readonly PartEntry[]; readonly kept: number }> {
  const { request, progress } = attempt
  const wanted = named(await request.source.parts(progress.begun.cuts))
  const parts: PartEntry[] = []
  let kept = 0
  const tell = (): void => {
    const sum = (of: (part: PartEntry) => number): number => parts.reduce((total, part) => total + of(part), 0)
    request.onProgress?.({
      parts: parts.length,
      ofParts: wanted.length,
      rows: sum((one) => one.rows),
      bytes: sum((one) => one.bytes),
    })
  }
  tell()
  for (const { file, part } of wanted) {
    const left = await stillRight(attempt, file, part)
    if (left !== null) kept += 1
    parts.push(left ?? (await copyPart(attempt, file, part)))
    tell()
  }
  return { parts, kept }
}

/** The parts with the names of their files. */
function named(parts: readonly TablePart[]): readonly { readonly file: string; readonly part: TablePart }[] {
  const counts = new Map<string, number>()
  return parts.map((part) => {
    const number = (counts.get(part.table) ?? 0) + 1
    counts.set(part.table, number)
    return { file: `${part.table}-${String(number).padStart(4, '0')}.age`, part }
  })
}

async function copyPart(
  { request, encrypter, folder, owner }: Attempt,
  file: string,
  part: TablePart,
): Promise<PartEntry> {
  const digest = request.source.fingerprint()
  const copied = request.source.copy(part)
  const watched = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of copied.chunks) {
      digest.update(chunk)
      yield chunk
    }
  }
  const written = await writeSealed(join(folder, file), watched(), encrypter, owner)
  const entry = { file, table: part.table, rows: await copied.rows(), ...written }
  await addProgress(folder, { ...entry, fingerprint: digest.digest('hex') })
  return entry
}

/** A file of an earlier attempt that is whole and whose rows are the same at this moment; null where it must be written. */
async function stillRight(
  { request, folder, progress }: Attempt,
  file: string,
  part: TablePart,
): Promise<PartEntry | null> {
  const known: DonePart | undefined = progress.done.get(file)
  if (known === undefined) return null
  const lies = await hashFile(join(folder, file))
  if (lies?.sha256 !== known.sha256) return null
  const digest = request.source.fingerprint()
  const copied = request.source.copy(part)
  for await (const chunk of copied.chunks) digest.update(chunk)
  const rows = await copied.rows()
  if (digest.digest('hex') !== known.fingerprint) return null
  return { file, table: part.table, rows, ...lies }
}

async function finish(
  { request, folder, owner, progress }: Attempt,
  parts: readonly PartEntry[],
  kept: number,
): Promise<BackupReport> {
  const { source, to } = request
  const tables: readonly TableEntry[] = source.tables.map(({ name, columns }) => ({
    name,
    columns,
    rows: parts.filter(({ table }) => table === name).reduce((sum, { rows }) => sum + rows, 0),
  }))
  const { id, recipients } = progress.begun
  const { kind, level, origin, ledgerKey, checkpoint } = source
  const manifest: Manifest = {
    id,
    kind,
    takenAt: source.takenAt,
    program: VERSION,
    level,
    origin,
    ledgerKey,
    checkpoint,
    recipients,
    tables,
    parts,
  }
  const files = new Set([...parts.map(({ file }) => file), PROGRESS_FILE])
  for (const name of await readdir(folder)) if (!files.has(name)) await rm(join(folder, name))
  await syncFolder(folder)
  await createFile(join(folder, MANIFEST_FILE), source.sign(manifestText(manifest)), owner)
  await rm(join(folder, PROGRESS_FILE), { force: true })
  const older = kind === 'keys' ? await removeOlder(to, folder) : []
  const sum = (of: (part: PartEntry) => number): number => parts.reduce((total, part) => total + of(part), 0)
  return { folder, manifest, rows: sum((one) => one.rows), bytes: sum((one) => one.bytes), kept, older }
}

/** INVARIANT: of the key store only the newest copy is kept. An older one would hold the keys of people destroyed since. */
async function removeOlder(to: string, newest: string): Promise<readonly string[]> {
  const left: string[] = []
  for (const { path, kind } of await listBackups(to)) {
    if (kind !== 'keys' || path === newest) continue
    await rm(path, { recursive: true, force: true }).catch(() => void left.push(path))
  }
  await syncFolder(to)
  return left
}
