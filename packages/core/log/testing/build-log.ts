import { hash } from 'node:crypto'
import { utf8 } from '../../base/index.ts'
import { encodeBundle } from '../bundle.ts'
import { signCheckpoint } from '../checkpoint.ts'
import { leafHash, type Sha256 } from '../hash.ts'
import { formatVerifierKey, signerOf, signingKey, type SigningKey, verifierKey } from '../note-key.ts'
import { tilePath, tilesBetween } from '../tile.ts'
import { append, EMPTY_EDGE, rootOf } from '../tree.ts'

export const sha256: Sha256 = (bytes) => hash('sha256', bytes, 'buffer')
export const key: SigningKey = signingKey('example.org/log', new Uint8Array(32).fill(1))
export const vkey: string = formatVerifierKey(verifierKey(key.name, key.publicKey))

/** A log's resources by their paths. */
export type Log = Map<string, Uint8Array>

/** A whole log as an honest writer would store it. */
export function buildLog(entries: readonly Uint8Array[]): Log {
  const log: Log = new Map()
  const { edge, tiles } = append(
    EMPTY_EDGE,
    entries.map((entry) => leafHash(entry, sha256)),
    sha256,
  )
  for (const { tile, bytes } of tiles) log.set(tilePath(tile), Uint8Array.from(bytes))
  for (const tile of tilesBetween(0, entries.length)) {
    if (tile.level !== 'entries') continue
    log.set(tilePath(tile), encodeBundle(entries.slice(tile.index * 256, tile.index * 256 + tile.width)))
  }
  const root = rootOf(edge, sha256)
  const checkpoint = { origin: key.name, size: entries.length, root, extensions: [] }
  log.set('checkpoint', utf8(signCheckpoint(checkpoint, [signerOf(key)])))
  return log
}
