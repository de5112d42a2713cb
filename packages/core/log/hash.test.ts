import { hash as nodeHashOf } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromHex, hex, utf8 } from '../base/index.ts'
import { EMPTY_ROOT, leafHash, nodeHash, type Sha256, treeHash } from './hash.ts'

interface Reference {
  readonly leaves_hex: readonly string[]
  readonly roots_hex: readonly string[]
  readonly hash_vectors: Readonly<Record<'empty_root' | 'empty_leaf' | 'leaf_L123456' | 'node_N123_N456', string>>
}

const reference = JSON.parse(
  readFileSync(new URL('../../../vectors/tlog/rfc6962-reference.json', import.meta.url), 'utf8'),
) as Reference

/** RFC 6962 section 2.1, word by word. */
function definition(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 0) return EMPTY_ROOT
  if (hashes.length === 1) return hashes[0]!
  let split = 1
  while (split * 2 < hashes.length) split *= 2
  return nodeHash(definition(hashes.slice(0, split)), definition(hashes.slice(split)))
}

describe('hashing', () => {
  test('gives the single hashes of the reference', () => {
    expect(hex(EMPTY_ROOT)).toBe(reference.hash_vectors.empty_root)
    expect(hex(leafHash(new Uint8Array(0)))).toBe(reference.hash_vectors.empty_leaf)
    expect(hex(leafHash(utf8('L123456')))).toBe(reference.hash_vectors.leaf_L123456)
    expect(hex(nodeHash(utf8('N123'), utf8('N456')))).toBe(reference.hash_vectors.node_N123_N456)
  })

  test('gives the roots of the reference leaves at every size', () => {
    const leaves = reference.leaves_hex.map((leaf) => leafHash(fromHex(leaf)!))
    expect(reference.roots_hex).toHaveLength(leaves.length + 1)
    for (const [size, root] of reference.roots_hex.entries()) expect(hex(treeHash(leaves.slice(0, size)))).toBe(root)
  })

  test('hashes a row as RFC 6962 defines it', () => {
    const row = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 40 })
    fc.assert(fc.property(row, (hashes) => hex(treeHash(hashes)) === hex(definition(hashes))))
  })

  test('takes the SHA-256 of the platform', () => {
    const platform: Sha256 = (bytes) => nodeHashOf('sha256', bytes, 'buffer')
    const row = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(row, (entries) => {
        const leaves = entries.map((entry) => leafHash(entry))
        const platformLeaves = entries.map((entry) => leafHash(entry, platform))
        return hex(treeHash(leaves)) === hex(treeHash(platformLeaves, platform))
      }),
    )
  })
})
