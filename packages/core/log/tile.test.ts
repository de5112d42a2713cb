import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isDoverieError } from '../base/index.ts'
import {
  decodeTile,
  encodeTile,
  parseTilePath,
  TILE_WIDTH,
  type Tile,
  tilePath,
  tilesBetween,
  tileWidth,
} from './tile.ts'

const anyTile: fc.Arbitrary<Tile> = fc.record({
  level: fc.oneof(fc.constant('entries' as const), fc.nat({ max: 63 })),
  index: fc.oneof(fc.nat({ max: 2000 }), fc.maxSafeNat()),
  width: fc.integer({ min: 1, max: TILE_WIDTH }),
})

describe('paths', () => {
  test('are those of the specification', () => {
    expect(tilePath({ level: 0, index: 1234067, width: 256 })).toBe('tile/0/x001/x234/067')
    expect(tilePath({ level: 'entries', index: 0, width: 7 })).toBe('tile/entries/000.p/7')
    expect(tilePath({ level: 63, index: 1000, width: 255 })).toBe('tile/63/x001/000.p/255')
  })

  test('parse to the tile they were made from', () => {
    fc.assert(
      fc.property(anyTile, (tile) => {
        expect(parseTilePath(tilePath(tile))).toEqual(tile)
      }),
    )
  })

  test.each([
    '',
    'tile/0/000/',
    '/tile/0/000',
    'tile/0/0',
    'tile/0/0000',
    'tile/00/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/8/0/000',
    'tile/0/x000/001',
    'tile/0/001/001',
    'tile/0/x001',
    'tile/0/x999/x999/x999/x999/x999/999',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000.p/',
    'tile/0/000.p/300',
    'tile/entries/000.p/1\n',
    'tile/Entries/000',
    'tile/0/٠٠٠',
  ])('rejects %j', (path) => {
    expect(() => parseTilePath(path)).toThrow(expect.objectContaining({ code: 'invalid-value' }))
  })

  test('accept no second spelling', () => {
    fc.assert(
      fc.property(anyTile, fc.nat(), fc.constantFrom('', '0', 'x', '/', '.p/', '9', 'x000/'), (tile, at, inserted) => {
        const path = tilePath(tile)
        const cut = at % (path.length + 1)
        const mutated = path.slice(0, cut) + inserted + path.slice(cut + (inserted === '' ? 1 : 0))
        try {
          expect(tilePath(parseTilePath(mutated))).toBe(mutated)
        } catch (error) {
          if (!isDoverieError(error, 'invalid-value')) throw error
        }
      }),
    )
  })

  test.each([
    { level: 64, index: 0, width: 1 },
    { level: 0.5, index: 0, width: 1 },
    { level: 0, index: -1, width: 1 },
    { level: 0, index: 0, width: 0 },
    { level: 0, index: 0, width: 257 },
    { level: 'entries', index: Number.NaN, width: 1 },
  ] as const)('are refused to what is no tile: $level $index $width', (tile) => {
    expect(() => tilePath(tile)).toThrow(expect.objectContaining({ code: 'invalid-value' }))
  })
})

describe('the tiles of a size', () => {
  test('are those of the example with 70,000 leaves', () => {
    const tiles = [...tilesBetween(0, 70_000)]
    const at = (level: Tile['level'], full: boolean): readonly Tile[] =>
      tiles.filter((tile) => tile.level === level && full === (tile.width === TILE_WIDTH))
    expect(at(0, true)).toHaveLength(273)
    expect(at(0, false)).toEqual([{ level: 0, index: 273, width: 112 }])
    expect(at(1, true)).toHaveLength(1)
    expect(at(1, false)).toEqual([{ level: 1, index: 1, width: 17 }])
    expect(at(2, false)).toEqual([{ level: 2, index: 0, width: 1 }])
    expect(at('entries', true)).toHaveLength(273)
    expect(tiles).toHaveLength(273 + 1 + 1 + 1 + 1 + 274)
  })

  test('are a full tile below one hash at 256 leaves', () => {
    expect([...tilesBetween(0, 256)].map((tile) => tilePath(tile))).toEqual([
      'tile/entries/000',
      'tile/0/000',
      'tile/1/000.p/1',
    ])
  })

  test('are none where nothing grew', () => {
    expect([...tilesBetween(0, 0), ...tilesBetween(70_000, 70_000)]).toEqual([])
    expect(tileWidth(1, 0, 255)).toBe(0)
    expect(tileWidth('entries', 5, 3)).toBe(0)
  })

  test('reject a log that shrinks', () => {
    expect(() => [...tilesBetween(2, 1)]).toThrow(expect.objectContaining({ code: 'invalid-value' }))
  })
})

describe('the bytes of a tile', () => {
  const hashes = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { minLength: 1, maxLength: TILE_WIDTH })

  test('decode to the hashes, of a wider tile to its first', () => {
    fc.assert(
      fc.property(hashes, fc.nat(), (row, seed) => {
        const width = (seed % row.length) + 1
        expect(decodeTile(encodeTile(row), width)).toEqual(row.slice(0, width))
      }),
    )
  })

  test.each([0, 31, 32, 65, 256 * 32 + 32])('reject %i bytes as a tile of width 2', (length) => {
    expect(() => decodeTile(new Uint8Array(length), 2)).toThrow(
      expect.objectContaining({ code: 'ledger-inconsistent' }),
    )
  })
})
