import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CutSizes, DatabaseKind } from '@doverie/vault'
import { createFile, type FileOwner } from '../durable-file.ts'
import type { PartEntry } from './manifest.ts'

/** The file by which a backup that is not finished is known, and gone on with. */
export const PROGRESS_FILE = 'progress.jsonl'

/** What must be the same for a backup to be gone on with: else its files are of no use to the new attempt. */
export interface Begun {
  readonly format: 1
  readonly id: string
  readonly kind: DatabaseKind
  readonly origin: string
  readonly ledgerKey: string
  readonly level: number
  readonly recipients: readonly string[]
  readonly cuts: CutSizes
}

/** A part that is on the disk, with the fingerprint of its rows: an attempt that finds the same rows keeps the file. */
export interface DonePart extends PartEntry {
  readonly fingerprint: string
}

export interface Progress {
  readonly begun: Begun
  readonly done: ReadonlyMap<string, DonePart>
}

/** Marks a folder as a backup under way, durably. */
export async function beginProgress(dir: string, begun: Begun, owner?: FileOwner): Promise<void> {
  await createFile(join(dir, PROGRESS_FILE), `${JSON.stringify(begun)}\n`, owner)
}

/** Adds a part; it is on the disk when this resolves. A crash in the middle leaves a torn last line, which counts for nothing. */
export async function addProgress(dir: string, part: DonePart): Promise<void> {
  const file = await open(join(dir, PROGRESS_FILE), 'a')
  try {
    // After a torn line a fresh one begins.
    await file.writeFile(`\n${JSON.stringify(part)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** What a folder's backup has come to; null where there is none under way, or one of another format. */
export async function readProgress(dir: string): Promise<Progress | null> {
  const text = await readFile(join(dir, PROGRESS_FILE), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  })
  const [first, ...lines] = text.split('\n').flatMap((line) => parsed(line))
  if (first?.['format'] !== 1) return null
  const done = new Map<string, DonePart>()
  for (const line of lines) {
    if (typeof line['file'] === 'string') done.set(line['file'], line as unknown as DonePart)
  }
  return { begun: first as unknown as Begun, done }
}

function parsed(line: string): readonly Readonly<Record<string, unknown>>[] {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? [value as Record<string, unknown>] : []
  } catch {
    return []
  }
}
