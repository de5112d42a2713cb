import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { hex, utf8 } from '../base/index.ts'
import { decodeBundle, encodeBundle } from './bundle.ts'
import { signCheckpoint } from './checkpoint.ts'
import { leafHash } from './hash.ts'
import { signerOf, signingKey } from './note-key.ts'
import { buildLog, key, type Log, sha256, vkey } from './testing/build-log.ts'
import { tilePath } from './tile.ts'
import { EMPTY_EDGE, rootOf } from './tree.ts'
import { type LogFault, type LogReport, type VerifyLogOptions, verifyLog } from './verify-log.ts'

const SIZE = 2 * 256 * 8 + 300
const ENTRIES = Array.from({ length: SIZE }, (_, i) => utf8(`entry ${i}`))

function check(log: Log, options: VerifyLogOptions = {}): Promise<LogReport> {
  return verifyLog((path) => Promise.resolve(log.get(path) ?? null), vkey, { sha256, ...options })
}

async function faultOf(log: Log, options: VerifyLogOptions = {}): Promise<LogFault> {
  const report = await check(log, options)
  if (report.ok) throw new Error('the log verifies')
  return report.fault
}

/** Changes entries [from, to) of the bundles, and the level-0 tiles with them where the forger is thorough. */
function forge(log: Log, index: number, change: (entries: Uint8Array[]) => Uint8Array[], tiles: boolean): void {
  const width = Math.min(256, SIZE - index * 256)
  const path = tilePath({ level: 'entries', index, width })
  const forged = change([...decodeBundle(log.get(path)!)])
  log.set(path, encodeBundle(forged))
  if (tiles) log.set(tilePath({ level: 0, index, width }), Buffer.concat(forged.map((entry) => leafHash(entry))))
}

const honest = buildLog(ENTRIES)
let log: Log

beforeEach(() => {
  log = new Map(honest)
})

describe('a log that verifies', () => {
  test('is reported with its size and root', async () => {
    const progress: number[] = []
    const report = await check(log, { onProgress: (done) => progress.push(done) })
    expect(report).toMatchObject({ ok: true, origin: key.name, size: SIZE })
    expect(progress).toHaveLength(Math.ceil(SIZE / 256))
    expect(progress.at(-1)).toBe(SIZE)
  })

  test.each([0, 1, 2, 255, 256, 257, 512, 600])('is one of %i entries', async (size) => {
    expect(await check(buildLog(ENTRIES.slice(0, size)))).toMatchObject({ ok: true, size })
  })

  test.each(Array.from({ length: 16 }, (_, size) => size))('is the test log of Tessera at size %i', async (size) => {
    const read = (path: string): Promise<Uint8Array | null> => {
      if (path === 'minimum') return Promise.resolve(null)
      const name = path === 'checkpoint' ? `checkpoint.${size}` : path
      return Promise.resolve(readFileSync(new URL(`../../../vectors/tlog/tessera-testlog/${name}`, import.meta.url)))
    }
    const { tessera_testlog } = JSON.parse(
      readFileSync(new URL('../../../vectors/tlog/signed-note-vectors.json', import.meta.url), 'utf8'),
    ) as { tessera_testlog: { vkey: string } }
    expect(await verifyLog(read, tessera_testlog.vkey)).toMatchObject({ ok: true, size })
  })

  test('may have dropped its partial tiles for full ones, or grown since', async () => {
    const early = buildLog(ENTRIES.slice(0, 300))
    for (const [path, bytes] of honest) if (path.startsWith('tile/')) early.set(path, bytes)
    early.delete('tile/0/001.p/44')
    early.delete('tile/entries/001.p/44')
    expect(await check(early)).toMatchObject({ ok: true, size: 300 })
  })

  test('continues every earlier checkpoint of its own', async () => {
    const earlier = [SIZE, 0, 1, 255, 256, 257, 2048, 260, 4000].map(
      (size) => buildLog(ENTRIES.slice(0, size)).get('checkpoint')!,
    )
    for (const kept of earlier) expect(await check(log, { earlier: [kept] })).toMatchObject({ ok: true, size: SIZE })
    expect(await check(log, { earlier })).toMatchObject({ ok: true, size: SIZE })
  })

  test('has a private half for every entry', async () => {
    const asked: (readonly [number, number])[] = []
    const entries = (from: number, to: number): Promise<readonly Uint8Array[]> => {
      asked.push([from, to])
      return Promise.resolve(ENTRIES.slice(from, to))
    }
    expect(await check(log, { entries })).toMatchObject({ ok: true })
    expect(asked.at(-1)).toEqual([SIZE - (SIZE % 256), SIZE])
  })

  test('is read once, and not far ahead', async () => {
    const seen = new Map<string, number>()
    let open = 0
    let most = 0
    const read = async (path: string): Promise<Uint8Array | null> => {
      seen.set(path, (seen.get(path) ?? 0) + 1)
      open++
      most = Math.max(most, open)
      await new Promise((resolve) => setImmediate(resolve))
      open--
      return log.get(path) ?? null
    }
    expect(await verifyLog(read, vkey, { sha256 })).toMatchObject({ ok: true })
    expect(new Set(seen.values())).toEqual(new Set([1]))
    expect(new Set(seen.keys())).toEqual(new Set([...log.keys(), 'minimum']))
    expect(most).toBeLessThanOrEqual(17)
  })
})

describe('a changed entry', () => {
  test('is named', async () => {
    forge(log, 3, (entries) => entries.with(17, utf8('forged')), false)
    expect(await faultOf(log)).toEqual({
      kind: 'entry',
      path: 'tile/0/003',
      from: 785,
      to: 786,
      expected: hex(leafHash(utf8('forged'))),
      found: hex(leafHash(ENTRIES[785]!)),
    })
  })

  test('is found one level up where its tile was changed with it', async () => {
    forge(log, 3, (entries) => entries.with(17, utf8('forged')), true)
    expect(await faultOf(log)).toMatchObject({ kind: 'tile', path: 'tile/1/000.p/17', from: 768, to: 1024 })
  })

  test('is found in the root where every tile was changed with it', async () => {
    const forged = buildLog(ENTRIES.with(785, utf8('forged')))
    forged.set('checkpoint', honest.get('checkpoint')!)
    expect(await faultOf(forged)).toMatchObject({ kind: 'root', path: 'checkpoint', from: 0, to: SIZE })
  })

  test('is found by an earlier checkpoint where even the checkpoint was signed again', async () => {
    const forged = buildLog(ENTRIES.with(785, utf8('forged')))
    const before = buildLog(ENTRIES.slice(0, 785)).get('checkpoint')!
    const after = buildLog(ENTRIES.slice(0, 786)).get('checkpoint')!
    expect(await check(forged, { earlier: [before] })).toMatchObject({ ok: true })
    expect(await faultOf(forged, { earlier: [before, after] })).toMatchObject({
      kind: 'earlier-checkpoint',
      from: 0,
      to: 786,
    })
  })

  test('is named by the private side', async () => {
    const forged = buildLog(ENTRIES.with(785, utf8('forged')))
    const entries = (from: number, to: number): Promise<readonly Uint8Array[]> =>
      Promise.resolve(ENTRIES.slice(from, to))
    expect(await faultOf(forged, { entries })).toMatchObject({
      kind: 'private-entry',
      path: 'tile/entries/003',
      from: 785,
      to: 786,
      found: hex(utf8('forged')),
    })
  })
})

test('a changed entry is named on either side of an earlier checkpoint', async () => {
  for (const size of [100, 768, 800, 1024, 2000]) {
    const earlier = buildLog(ENTRIES.slice(0, size)).get('checkpoint')!
    log = new Map(honest)
    const tile = Uint8Array.from(honest.get('tile/0/003')!)
    tile[17 * 32] = (tile[17 * 32] ?? 0) ^ 1
    log.set('tile/0/003', tile)
    expect(await faultOf(log, { earlier: [earlier] })).toMatchObject({
      kind: 'entry',
      path: 'tile/0/003',
      from: 785,
      to: 786,
    })
  }
})

describe('a deleted entry', () => {
  test('is missing at the end of its bundle', async () => {
    forge(log, 3, (entries) => entries.toSpliced(255, 1), false)
    expect(await faultOf(log)).toMatchObject({ kind: 'missing', path: 'tile/entries/003', from: 1023, to: 1024 })
  })

  test('is named where the next one took its place', async () => {
    forge(log, 3, (entries) => [...entries.toSpliced(17, 1), utf8('filler')], false)
    expect(await faultOf(log)).toMatchObject({ kind: 'entry', from: 785, to: 786 })
  })

  test('is named where its private half is gone', async () => {
    const entries = (from: number, to: number): Promise<readonly (Uint8Array | null)[]> =>
      Promise.resolve(ENTRIES.slice(from, to).map((entry, i) => (from + i === 4321 ? null : entry)))
    expect(await faultOf(log, { entries })).toMatchObject({
      kind: 'private-entry',
      from: 4321,
      to: 4322,
      expected: null,
    })
  })

  test('at the very end makes the log shorter than an earlier checkpoint', async () => {
    const cut = buildLog(ENTRIES.slice(0, -1))
    const fault = await faultOf(cut, { earlier: [honest.get('checkpoint')!] })
    expect(fault).toMatchObject({ kind: 'earlier-checkpoint', from: SIZE - 1, to: SIZE })
  })
})

test('two entries in another order are named by the first', async () => {
  forge(log, 0, (entries) => entries.with(4, entries[9]!).with(9, entries[4]!), false)
  expect(await faultOf(log)).toMatchObject({ kind: 'entry', path: 'tile/0/000', from: 4, to: 5 })
})

test('any changed bit of any resource is a fault, never an exception', async () => {
  const paths = [...honest.keys()]
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), fc.nat(), fc.integer({ min: 0, max: 7 }), async (path, seed, bit) => {
      const bytes = Uint8Array.from(honest.get(path)!)
      const at = seed % bytes.length
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
      expect((await check(new Map(honest).set(path, bytes))).ok).toBe(false)
    }),
    { numRuns: 40 },
  )
})

test('any missing resource is named', async () => {
  for (const path of honest.keys()) {
    log = new Map(honest)
    log.delete(path)
    expect(await faultOf(log)).toMatchObject({ kind: 'missing', path })
  }
})

test('a tile that is cut or an unreadable bundle is named', async () => {
  log.set('tile/0/002', honest.get('tile/0/002')!.subarray(1))
  expect(await faultOf(log)).toMatchObject({ kind: 'malformed', path: 'tile/0/002', from: 512, to: 768 })
  log.set('tile/entries/001', Uint8Array.of(1))
  expect(await faultOf(log)).toMatchObject({ kind: 'malformed', path: 'tile/entries/001', from: 256, to: 512 })
})

test('the first of several differences is the one reported', async () => {
  log.delete('tile/entries/004')
  forge(log, 2, (entries) => entries.with(0, utf8('forged')), false)
  expect(await faultOf(log)).toMatchObject({ kind: 'entry', from: 512, to: 513 })
})

describe('a checkpoint', () => {
  test('of another key or log is a fault', async () => {
    const stranger = signingKey(key.name, new Uint8Array(32).fill(2))
    const root = rootOf(EMPTY_EDGE)
    for (const note of [
      signCheckpoint({ origin: key.name, size: 0, root, extensions: [] }, [signerOf(stranger)]),
      signCheckpoint({ origin: 'example.org/other', size: 0, root, extensions: [] }, [signerOf(key)]),
      'text',
    ]) {
      expect(await check(new Map([['checkpoint', utf8(note)]]))).toMatchObject({
        ok: false,
        fault: { kind: 'checkpoint' },
        checkpoint: null,
      })
    }
  })

  test('kept from before must be one of this log', async () => {
    expect(await faultOf(log, { earlier: ['text'] })).toMatchObject({ kind: 'earlier-checkpoint' })
  })
})

test('a fault of the reader is passed on', async () => {
  const failing = (path: string): Promise<Uint8Array | null> =>
    path === 'checkpoint' ? Promise.resolve(log.get(path)!) : Promise.reject(new Error('disk'))
  await expect(verifyLog(failing, vkey)).rejects.toThrow('disk')
  await expect(verifyLog(failing, 'no key')).rejects.toThrow(expect.objectContaining({ code: 'invalid-value' }))
})
