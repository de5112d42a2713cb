import { hash } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DoverieError } from '@doverie/core/base'
import { createFile, makeFolder, syncFolder } from '../durable-file.ts'

/** What a witness cosigned last for a log. */
export interface Cosigned {
  /** Rises by one with each. */
  readonly turn: number
  /** The checkpoint's note, with the log's signatures that were verified and the witness's cosignatures. */
  readonly note: string
}

const TURN = /^[0-9]{16}$/
/** Former turns that stay: so many must follow one another within one listing of a folder for it to be missed. */
const KEPT = 8

/**
 * What a witness remembers, as files: under the hash of each log's origin one file per turn. A turn is taken by making its file,
 * which the file system does for one taker only, so requests may come at the same time, and processes share the folder.
 * INVARIANT: `advance` gives true only when the turn is on the disk and nobody has gone further.
 */
export class WitnessState {
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = join(dir, 'logs')
  }

  async last(origin: string): Promise<Cosigned | null> {
    const turn = (await this.#turns(origin)).at(-1)
    if (turn === undefined) return null
    const note = await readFile(this.#file(origin, turn), 'utf8').catch((error: unknown) => {
      // Somebody else has gone on so far meanwhile that this turn was dropped.
      if (codeOf(error) === 'ENOENT') return null
      throw unwritable(error)
    })
    return note === null ? this.last(origin) : { turn, note }
  }

  /** Goes on from `turn` (0: from nothing). False where somebody else did before: then nothing has changed. */
  async advance(origin: string, turn: number, note: string): Promise<boolean> {
    try {
      await makeFolder(this.#folder(origin), 0o700)
      if (!(await createFile(this.#file(origin, turn + 1), note))) return false
      // A place that was free because its file was dropped is no turn: others are ahead.
      const turns = await this.#turns(origin)
      if (turns.at(-1) !== turn + 1) {
        await rm(this.#file(origin, turn + 1), { force: true })
        return false
      }
      // The folder may be new itself.
      if (turn === 0) for (const dir of [this.#dir, join(this.#dir, '..')]) await syncFolder(dir)
      for (const old of turns.slice(0, -KEPT)) await rm(this.#file(origin, old), { force: true })
      return true
    } catch (error) {
      throw unwritable(error)
    }
  }

  /** Keeps what proves that a log has signed two trees of one size; the first proof is enough. */
  async keepEvidence(origin: string, note: string): Promise<void> {
    await createFile(join(this.#folder(origin), 'equivocation'), note).catch((error: unknown) => {
      throw unwritable(error)
    })
  }

  async #turns(origin: string): Promise<readonly number[]> {
    const files = await readdir(this.#folder(origin)).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return []
      throw unwritable(error)
    })
    return files
      .filter((file) => TURN.test(file))
      .map(Number)
      .sort((a, b) => a - b)
  }

  #folder(origin: string): string {
    return join(this.#dir, originHash(origin))
  }

  #file(origin: string, turn: number): string {
    return join(this.#folder(origin), String(turn).padStart(16, '0'))
  }
}

/** How a log is named where it is monitored (c2sp.org/tlog-witness, "Monitor Retrieval Mechanism"). */
export function originHash(origin: string): string {
  return hash('sha256', origin, 'hex')
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | null)?.code ?? ''
}

function unwritable(error: unknown): unknown {
  const code = codeOf(error)
  return code === '' ? error : new DoverieError('data-unwritable', `The witness's folder: ${code}`)
}
