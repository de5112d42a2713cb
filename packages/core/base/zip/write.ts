import { Zip, ZipDeflate } from 'fflate'
import type { Instant } from '../facts.ts'

/** A file of an archive that is being written. */
export interface ZipFile {
  readonly write: (bytes: Uint8Array) => void
  readonly end: () => void
}

/**
 * Writes an archive bit by bit: `take` is given its bytes in order, as soon as they are known. One file after the other; names are ASCII.
 * The same files at the same instant are the same bytes.
 */
export class ZipWriter {
  readonly #zip: Zip
  readonly #mtime: Date
  #fault: Error | null = null

  constructor(at: Instant, take: (bytes: Uint8Array) => void) {
    // A ZIP has the time of a wall, and `fflate` takes that of the machine's zone: UTC's is put on it.
    const utc = new Date(at)
    const clock = [utc.getUTCHours(), utc.getUTCMinutes(), utc.getUTCSeconds()] as const
    this.#mtime = new Date(utc.getUTCFullYear(), utc.getUTCMonth(), utc.getUTCDate(), ...clock)
    this.#zip = new Zip((fault, bytes) => {
      if (fault !== null) this.#fault = fault
      else take(bytes)
    })
  }

  file(name: string): ZipFile {
    const file = new ZipDeflate(name, { level: 6 })
    file.mtime = this.#mtime
    this.#zip.add(file)
    const push = (bytes: Uint8Array, final: boolean): void => {
      file.push(bytes, final)
      if (this.#fault !== null) throw this.#fault
    }
    return {
      write: (bytes) => {
        push(bytes, false)
      },
      end: () => {
        push(new Uint8Array(0), true)
      },
    }
  }

  end(): void {
    this.#zip.end()
    if (this.#fault !== null) throw this.#fault
  }
}
