import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { utf8 } from '../base/index.ts'
import { decodeBundle, encodeBundle } from './bundle.ts'
import { copyLog, type LogCopy } from './copy-log.ts'
import { signCheckpoint } from './checkpoint.ts'
import { signerOf, signingKey } from './note-key.ts'
import type { ReadResource } from './resource.ts'
import { buildLog, key, type Log, sha256, vkey } from './testing/build-log.ts'
import { tilePath, tilesBetween } from './tile.ts'
import { verifyLog } from './verify-log.ts'

const ENTRIES = Array.from({ length: 256 * 12 + 40 }, (_, i) => utf8(`entry ${i}`))
const at = (size: number): Log => buildLog(ENTRIES.slice(0, size))
const reading =
  (log: Log): ReadResource =>
  (path) =>
    Promise.resolve(log.get(path) ?? null)

/** A copy in memory, whose disk may fail at a write. */
function copyIn(store: Log, failAt = Number.POSITIVE_INFINITY): LogCopy & { readonly writes: string[] } {
  const writes: string[] = []
  return {
    writes,
    read: reading(store),
    write: (path, bytes) => {
      if (writes.length >= failAt) return Promise.reject(new Error('disk full'))
      writes.push(path)
      store.set(path, Uint8Array.from(bytes))
      return Promise.resolve()
    },
    seal: (checkpoint) => {
      if (writes.length >= failAt) return Promise.reject(new Error('disk full'))
      store.set('checkpoint', checkpoint)
      return Promise.resolve()
    },
  }
}

const copy = (log: Log, store: Log): ReturnType<typeof copyLog> =>
  copyLog(reading(log), copyIn(store), vkey, { sha256 })
const verified = (store: Log): ReturnType<typeof verifyLog> => verifyLog(reading(store), vkey, { sha256 })

let store: Log
beforeEach(() => {
  store = new Map()
})

describe('a copy', () => {
  test.each([0, 1, 255, 256, 257, 512, 2048, ENTRIES.length])(
    'of %i entries has every resource of the log',
    async (size) => {
      expect(await copy(at(size), store)).toEqual({ origin: key.name, from: 0, size, filled: [] })
      expect(store).toEqual(at(size))
      for (const tile of tilesBetween(0, size)) expect(store.has(tilePath(tile))).toBe(true)
    },
  )

  test('grows with the log: each of its trees verifies, and nothing that it has is written twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(ENTRIES.length), { minLength: 2, maxLength: 6 }), async (sizes) => {
        const grown: Log = new Map()
        let from = 0
        for (const size of sizes.toSorted((a, b) => a - b)) {
          const target = copyIn(grown)
          const before = new Set(grown.keys())
          const copied = await copyLog(reading(at(size)), target, vkey, { sha256 })
          expect(copied).toMatchObject({ from, size })
          expect(await verified(grown)).toMatchObject({ ok: true, size })
          expect(target.writes.filter((path) => before.has(path))).toEqual([])
          for (const full of copied.filled) expect(grown.has(full)).toBe(true)
          from = size
        }
      }),
      { numRuns: 25 },
    )
  })

  test('names the tiles whose partial forms are of no more use', async () => {
    await copy(at(256 * 3 + 7), store)
    expect((await copy(at(256 * 4), store)).filled.toSorted()).toEqual(['tile/0/003', 'tile/entries/003'])
    expect((await copy(at(256 * 5 + 1), store)).filled).toEqual([])
  })

  test('interrupted at any write is still whole at its old size, and becomes what it would have been', async () => {
    await copy(at(300), store)
    const whole: Log = new Map(store)
    const { writes } = await copyWhole(whole)
    for (let failAt = 0; failAt <= writes.length; failAt++) {
      const broken: Log = new Map(store)
      await expect(copyLog(reading(at(1000)), copyIn(broken, failAt), vkey, { sha256 })).rejects.toThrow('disk full')
      expect(await verified(broken)).toMatchObject({ ok: true, size: 300 })
      await copy(at(1000), broken)
      expect(broken).toEqual(whole)
    }
  })

  test('interrupted asks the log for no full bundle again', async () => {
    await copyLog(reading(at(1000)), copyIn(store, 4), vkey, { sha256 }).catch(() => undefined)
    const asked: string[] = []
    const read: ReadResource = (path) => {
      asked.push(path)
      return reading(at(1000))(path)
    }
    await copyLog(read, copyIn(store), vkey, { sha256 })
    expect(asked).not.toContain('tile/entries/000')
    expect(asked).toContain('tile/entries/003.p/232')
  })

  test('does not keep what an interruption damaged', async () => {
    for (const damage of [
      utf8('x'),
      encodeBundle([utf8('other'), ...ENTRIES.slice(1, 256)]),
      encodeBundle([utf8('a')]),
    ]) {
      const damaged: Log = new Map([['tile/entries/000', damage]])
      await copy(at(600), damaged)
      expect(damaged).toEqual(at(600))
    }
  })
})

async function copyWhole(whole: Log): Promise<{ readonly writes: readonly string[] }> {
  const target = copyIn(whole)
  await copyLog(reading(at(1000)), target, vkey, { sha256 })
  return target
}

describe('a log that is not the one copied before', () => {
  const rejected = async (log: Log): Promise<void> => {
    const before = new Map(store)
    await expect(copy(log, store)).rejects.toMatchObject({ code: 'ledger-inconsistent' })
    expect(store.get('checkpoint')).toEqual(before.get('checkpoint'))
    expect(await verified(store)).toMatchObject({ ok: true, size: 700 })
  }
  const other = (from: number): readonly Uint8Array[] =>
    ENTRIES.map((entry, i) => (i < from ? entry : utf8(`other ${i}`)))

  beforeEach(async () => {
    await copy(at(700), store)
  })

  test('is refused where it is shorter, or another tree of the same size', async () => {
    await rejected(at(699))
    await rejected(buildLog(other(699).slice(0, 700)))
  })

  test.each([0, 511, 512, 699])('is refused where it was rewritten from entry %i and signed again', async (from) => {
    await rejected(buildLog(other(from).slice(0, 900)))
  })

  test('is refused where a bundle is not what the checkpoint covers, is missing or is none', async () => {
    const path = 'tile/entries/003.p/132'
    const [, ...rest] = decodeBundle(at(900).get(path)!)
    for (const damage of [encodeBundle([utf8('x'), ...rest]), encodeBundle(rest), utf8('none'), null]) {
      const log = at(900)
      if (damage === null) log.delete(path)
      else log.set(path, damage)
      await rejected(log)
    }
  })

  test('is refused where another key signed it, or nothing did', async () => {
    const stranger = signingKey(key.name, new Uint8Array(32).fill(9))
    const log = at(900)
    log.set(
      'checkpoint',
      utf8(
        signCheckpoint({ origin: key.name, size: 900, root: sha256(utf8('')), extensions: [] }, [signerOf(stranger)]),
      ),
    )
    await expect(copy(log, store)).rejects.toMatchObject({ code: 'invalid-value' })
    log.delete('checkpoint')
    await rejected(log)
  })

  test('is not built upon where the copy itself was changed at its edge', async () => {
    const path = 'tile/0/002.p/188'
    const tile = Uint8Array.from(store.get(path)!)
    tile[40] = (tile[40] ?? 0) ^ 1
    store.set(path, tile)
    await expect(copy(at(900), store)).rejects.toMatchObject({ code: 'ledger-inconsistent' })
  })
})
