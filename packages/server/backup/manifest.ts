import { type Canonical, canonical, DoverieError, isDoverieError } from '@doverie/core/base'
import { openNote, parseNote, parseVerifierKey } from '@doverie/core/log'
import type { DatabaseKind } from '@doverie/vault'

/** The newest format that this program writes and reads. Another one gets the next number. */
const FORMAT = 1
const HEAD = 'doverie/backup/v'

/** What a backup is of and which files make it up. In clear and signed by the ledger's key; nothing personal is in it. */
export interface Manifest {
  readonly id: string
  readonly kind: DatabaseKind
  /** The moment that is copied, as the machine's clock had it. */
  readonly takenAt: number
  /** The version of the program that made it. */
  readonly program: string
  /** Steps of the schema. */
  readonly level: number
  readonly origin: string
  /** The ledger's verifier key. */
  readonly ledgerKey: string
  /** The ledger's checkpoint at that moment, a signed note; null where there was none yet. */
  readonly checkpoint: string | null
  /** age recipients, any of whom opens each file. */
  readonly recipients: readonly string[]
  readonly tables: readonly TableEntry[]
  readonly parts: readonly PartEntry[]
}

export interface TableEntry {
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: number
}

/** One file: rows of one table, in PostgreSQL's binary COPY format, zstd, age. */
export interface PartEntry {
  readonly file: string
  readonly table: string
  readonly rows: number
  /** Of the file as it lies there. */
  readonly bytes: number
  readonly sha256: string
}

/** The text that is signed: the format on the first line, so that it is no checkpoint and a later format is told at once. */
export function manifestText(manifest: Manifest): string {
  return `${HEAD}${FORMAT}\n${canonical(manifest as unknown as Canonical)}\n`
}

/**
 * The manifest of a signed note. `ledgerKey` null takes the key that the manifest names itself, which shows damage and no forgery.
 * Throws `backup-damaged`, and `data-newer` for a format of a later program.
 */
export function openManifest(note: string, ledgerKey: string | null): Manifest {
  try {
    const { text } = parseNote(note)
    const [head = '', body = '', ...rest] = text.split('\n')
    const format = head.startsWith(HEAD) ? Number(head.slice(HEAD.length)) : Number.NaN
    if (!Number.isSafeInteger(format) || format < 1) throw damaged()
    if (format > FORMAT) {
      throw new DoverieError(
        'data-newer',
        `the backup has format ${format}; this version knows formats up to ${FORMAT}`,
      )
    }
    const manifest: unknown = JSON.parse(body)
    if (rest.join() !== '' || !isManifest(manifest)) throw damaged()
    openNote(note, [parseVerifierKey(ledgerKey ?? manifest.ledgerKey)])
    return manifest
  } catch (error) {
    if (isDoverieError(error, 'data-newer')) throw error
    throw isDoverieError(error, 'backup-damaged') ? error : damaged()
  }
}

function damaged(): DoverieError {
  return new DoverieError('backup-damaged', 'the manifest of the backup does not verify; nothing was changed')
}

const FILE = /^[a-z_]{1,40}-[0-9]{4,6}\.age$/
const NAME = /^[a-z_]{1,40}$/
const HASH = /^[0-9a-f]{64}$/

/** Attacker control: names become paths and statements, so nothing but plain names passes. */
function isManifest(value: unknown): value is Manifest {
  const { id, kind, takenAt, program, level, origin, ledgerKey, checkpoint, recipients, tables, parts } = (value ??
    {}) as Record<string, unknown>
  return (
    [id, program, origin, ledgerKey].every((text) => typeof text === 'string') &&
    (kind === 'data' || kind === 'keys') &&
    isCount(takenAt) &&
    isCount(level) &&
    (checkpoint === null || typeof checkpoint === 'string') &&
    isListOf(recipients, (one) => typeof one === 'string') &&
    isListOf(tables, isTable) &&
    isListOf(parts, isPart)
  )
}

function isTable(value: unknown): boolean {
  const { name, columns, rows } = (value ?? {}) as Record<string, unknown>
  return isName(name) && isListOf(columns, isName) && isCount(rows)
}

function isPart(value: unknown): boolean {
  const { file, table, rows, bytes, sha256 } = (value ?? {}) as Record<string, unknown>
  return (
    typeof file === 'string' &&
    FILE.test(file) &&
    isName(table) &&
    isCount(rows) &&
    isCount(bytes) &&
    typeof sha256 === 'string' &&
    HASH.test(sha256)
  )
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && NAME.test(value)
}

function isListOf(value: unknown, is: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is)
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
