import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { base64, hex, utf8 } from '../base/index.ts'
import { encodeBundle } from './bundle.ts'
import { leafHash, type Sha256, treeHash } from './hash.ts'
import { type Tile, tilePath, tilesBetween } from './tile.ts'
import { append, type Edge, EMPTY_EDGE, edgeFromTiles, edgeTiles, rootOf } from './tree.ts'

const sha256: Sha256 = (bytes) => hash('sha256', bytes, 'buffer')
const leaves = Array.from({ length: 1500 }, (_, i) => leafHash(utf8(`leaf ${i}`), sha256))

interface Grown {
  readonly edge: Edge
  readonly tiles: ReadonlyMap<string, string>
}

/** Appends in chunks of the given lengths, storing every tile that was returned. */
function grow(all: readonly Uint8Array[], chunks: readonly number[]): Grown {
  const tiles = new Map<string, string>()
  let edge = EMPTY_EDGE
  for (const chunk of chunks) {
    const growth = append(edge, all.slice(edge.size, edge.size + chunk), sha256)
    for (const { tile, bytes } of growth.tiles) tiles.set(tilePath(tile), hex(bytes))
    edge = growth.edge
  }
  return { edge, tiles }
}

function vector(path: string): Buffer {
  return readFileSync(new URL(`../../../vectors/tlog/${path}`, import.meta.url))
}

describe('the test log of Tessera', () => {
  const { entries } = (
    JSON.parse(vector('signed-note-vectors.json').toString()) as { tessera_testlog: { entries: readonly string[] } }
  ).tessera_testlog

  test('is rebuilt byte for byte at every size', () => {
    expect(entries).toHaveLength(15)
    let edge = EMPTY_EDGE
    for (let size = 0; size <= 15; size++) {
      if (size > 0) {
        const growth = append(edge, [leafHash(utf8(entries[size - 1]!))])
        edge = growth.edge
        expect(growth.tiles).toHaveLength(1)
        for (const { tile, bytes } of growth.tiles) {
          expect(hex(bytes)).toBe(vector(`tessera-testlog/${tilePath(tile)}`).toString('hex'))
        }
        const bundle = encodeBundle(entries.slice(0, size).map((entry) => utf8(entry)))
        const path = tilePath({ level: 'entries', index: 0, width: size })
        expect(hex(bundle)).toBe(vector(`tessera-testlog/${path}`).toString('hex'))
      }
      const [, , root] = vector(`tessera-testlog/checkpoint.${size}`).toString().split('\n')
      expect(base64(rootOf(edge))).toBe(root)
    }
  })
})

describe('append', () => {
  test('gives the same edge, root and full tiles in any chunking', () => {
    const chunks = fc.array(fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 600 })), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(chunks, (lengths) => {
        const size = Math.min(
          leaves.length,
          lengths.reduce((sum, length) => sum + length, 0),
        )
        const whole = grow(leaves, [size])
        const parts = grow(leaves, lengths)
        expect(parts.edge).toEqual(whole.edge)
        expect(hex(rootOf(parts.edge, sha256))).toBe(hex(treeHash(leaves.slice(0, size), sha256)))
        for (const [path, bytes] of whole.tiles) expect(parts.tiles.get(path)).toBe(bytes)
      }),
      { numRuns: 40 },
    )
  })

  test('returns exactly the tiles that changed', () => {
    fc.assert(
      fc.property(fc.nat({ max: 700 }), fc.nat({ max: 700 }), (from, more) => {
        const before = append(EMPTY_EDGE, leaves.slice(0, from), sha256).edge
        const { tiles } = append(before, leaves.slice(from, from + more), sha256)
        const expected = [...tilesBetween(from, from + more)].filter(({ level }) => level !== 'entries')
        expect(tiles.map(({ tile }) => tile)).toEqual(expected)
      }),
      { numRuns: 40 },
    )
  })

  test('builds a third level', () => {
    const size = 256 * 256 + 300
    const many = Array.from({ length: size }, (_, i) => leafHash(utf8(`${i}`), sha256))
    const { edge, tiles } = grow(many, [1, 65_000, size])
    expect(edge.levels.map((row) => row.length)).toEqual([44, 1, 1])
    expect(hex(rootOf(edge, sha256))).toBe(hex(treeHash(many, sha256)))
    expect(tiles.get('tile/2/000.p/1')).toBe(hex(treeHash(many.slice(0, 65_536), sha256)))
    const atBoundary = append(EMPTY_EDGE, many.slice(0, 65_536), sha256).edge
    expect(atBoundary.levels.map((row) => row.length)).toEqual([0, 0, 1])
  })

  test('changes nothing for no leaves', () => {
    const edge = append(EMPTY_EDGE, leaves.slice(0, 300), sha256).edge
    expect(append(edge, [])).toEqual({ edge, tiles: [] })
  })

  test('rejects a leaf hash that is none', () => {
    expect(() => append(EMPTY_EDGE, [new Uint8Array(31)])).toThrow(expect.objectContaining({ code: 'invalid-value' }))
  })

  test.each([
    ['a hash too few', { size: 2, levels: [[leaves[0]!]] }],
    ['a hash too many', { size: 1, levels: [[leaves[0]!, leaves[1]!]] }],
    ['a level too few', { size: 256, levels: [[]] }],
    ['a level too many', { size: 1, levels: [[leaves[0]!], []] }],
    ['no size', { size: -1, levels: [] }],
  ] as const)('rejects an edge with %s', (_, edge) => {
    expect(() => append(edge, [leaves[0]!])).toThrow(expect.objectContaining({ code: 'ledger-inconsistent' }))
    expect(() => rootOf(edge)).toThrow(expect.objectContaining({ code: 'ledger-inconsistent' }))
  })
})

describe('the edge of a stored tree', () => {
  test('continues the tree as if it had never been stored', () => {
    const sizes = fc.oneof(fc.nat({ max: 1500 }), fc.constantFrom(0, 255, 256, 257, 512))
    fc.assert(
      fc.property(sizes, (size) => {
        const { edge, tiles } = grow(leaves, [size])
        const read = (tile: Tile): Uint8Array => Buffer.from(tiles.get(tilePath(tile)) ?? '', 'hex')
        const restored = edgeFromTiles(size, read)
        expect(hex(rootOf(restored, sha256))).toBe(hex(rootOf(edge, sha256)))
        expect(restored.levels.map((row) => row.map((one) => hex(one)))).toEqual(
          edge.levels.map((row) => row.map((one) => hex(one))),
        )
      }),
      { numRuns: 30 },
    )
  })

  test('needs only the partial tiles', () => {
    expect(edgeTiles(70_000).map((tile) => tilePath(tile))).toEqual([
      'tile/0/273.p/112',
      'tile/1/001.p/17',
      'tile/2/000.p/1',
    ])
    expect(edgeTiles(65_536).map((tile) => tilePath(tile))).toEqual(['tile/2/000.p/1'])
  })

  test('rejects a missing tile and one that is too short', () => {
    for (const bytes of [null, undefined, new Uint8Array(64)]) {
      expect(() => edgeFromTiles(3, () => bytes)).toThrow(expect.objectContaining({ code: 'ledger-inconsistent' }))
    }
  })
})
