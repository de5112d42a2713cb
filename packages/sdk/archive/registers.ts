import {
  ARCHIVE_FILES,
  type ArchiveManifest,
  type CitedEntry,
  fromBase64,
  fromHex,
  hex,
  type ProvedEntry,
} from '@doverie/core/base'
import { type Checkpoint, leafHash, type Sha256, verifyInclusion } from '@doverie/core/log'
import { broken, fileOf, type Files, linesOf } from './archive-files.ts'

/** Place -> what the ledger has there (hex), of every entry whose way to the root holds. */
export function provedEntries(files: Files, { size, root }: Checkpoint, sha256: Sha256): ReadonlyMap<number, string> {
  const proved = new Map<number, string>()
  for (const line of linesOf(fileOf(files, ARCHIVE_FILES.entries))) {
    const { place, leaf, proof } = line as ProvedEntry
    const [entry, way] = [fromBase64(leaf), proof.map((one) => fromBase64(one) ?? new Uint8Array())]
    if (entry?.length !== 32 || !verifyInclusion(place, size, leafHash(entry, sha256), way, root, sha256)) {
      throw broken(ARCHIVE_FILES.entries, `entry ${String(place)} is not in the tree of the checkpoint`)
    }
    proved.set(place, hex(entry))
  }
  return proved
}

interface Line {
  readonly entries: readonly CitedEntry[]
  readonly version?: string
  readonly bundle?: string
}

/** That every register has its lines, and each line only entries that are proved, or none yet. Gives how many it names without a proof. */
export function checkLines(
  files: Files,
  { registers }: ArchiveManifest,
  proved: ReadonlyMap<number, string>,
  size: number,
  sha256: Sha256,
): number {
  let unproved = 0
  for (const [name, expected] of Object.entries(registers)) {
    const path = `registers/${name}.json`
    let lines = 0
    for (const line of linesOf(fileOf(files, path)) as Generator<Line>) {
      lines += 1
      for (const { place, leaf } of line.entries) {
        if (place === null || place >= size) unproved += 1
        else if (leaf === null || proved.get(place) !== leaf)
          throw broken(path, `line ${lines} names an entry that is not proved`)
      }
      if (name === 'policy-versions') checkBundle(files, line, sha256)
    }
    if (lines !== expected) throw broken(path, 'it has another number of lines than the manifest says')
  }
  return unproved
}

/** The files of a version are those whose hash its line, and the ledger, have. */
function checkBundle(files: Files, { version = '', bundle = '' }: Line, sha256: Sha256): void {
  const path = `policies/${version.replaceAll(/[^A-Za-z0-9@._-]/g, '_')}/bundle.json`
  const body = files.read(path)
  if (body === null || fromHex(bundle) === null) return
  if (hex(sha256(body)) !== bundle) throw broken(path, 'it is another than the line of its version names')
}
