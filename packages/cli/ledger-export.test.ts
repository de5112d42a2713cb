import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildLog, type Log, vkey } from '../core/log/testing/build-log.ts'
import { PROGRAM, runDoverie } from './testing/run-doverie.ts'

const ENTRIES = Array.from({ length: 256 * 20 + 40 }, (_, i) => Buffer.from(`entry ${i}`))
const at = (size: number): Log => buildLog(ENTRIES.slice(0, size))

let folder: string
let server: Server
let log: Log
let prefix = '/log/'
let slow = 0

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'doverie-export-'))
  log = at(300)
  prefix = '/log/'
  slow = 0
  server = createServer((request, answer) => {
    const path = request.url ?? ''
    const bytes = path.startsWith(prefix) ? log.get(path.slice(prefix.length)) : undefined
    const own = path === `${prefix}key` ? Buffer.from(`${vkey}\n`) : bytes
    setTimeout(() => {
      answer.statusCode = own === undefined ? 404 : 200
      answer.end(own)
    }, slow)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
})

const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const copy = (): string => join(folder, 'copy')
const exported = (): ReturnType<typeof runDoverie> => runDoverie('ledger', 'export', copy(), '--url', url())
const verified = (...more: readonly string[]): ReturnType<typeof runDoverie> =>
  runDoverie('ledger', 'verify', copy(), ...more)

/** Every file under the copy with its content. */
function files(): Log {
  const found: Log = new Map()
  for (const file of readdirSync(copy(), { recursive: true, encoding: 'utf8' })) {
    const path = join(copy(), file)
    if (statSync(path).isFile()) found.set(relative(copy(), path), readFileSync(path))
  }
  return found
}

function withKey(expected: Log): Log {
  return new Map([
    ...[...expected].map(([path, bytes]) => [path, Buffer.from(bytes)] as const),
    ['key', Buffer.from(`${vkey}\n`)],
  ])
}

/** Text with this in it. */
function saying(part: string): unknown {
  return expect.stringContaining(part)
}

describe('doverie ledger export', { timeout: 120_000 }, () => {
  it('writes the log as files, from under /log/ of a server or from a prefix of its own', async () => {
    expect(await exported()).toMatchObject({
      code: 0,
      out: `example.org/log: 300 entries in ${copy()}, 300 of them new\n`,
    })
    expect(files()).toEqual(withKey(at(300)))
    expect(await verified()).toMatchObject({ code: 0, out: saying('300 entries verified') })
    rmSync(copy(), { recursive: true })
    prefix = '/'
    expect(await exported()).toMatchObject({ code: 0 })
    expect(files()).toEqual(withKey(at(300)))
  })

  it('again writes what is new, and drops partial tiles that are full now', async () => {
    await exported()
    log = at(700)
    expect(await exported()).toMatchObject({ code: 0, out: saying('400 of them new') })
    expect(existsSync(join(copy(), 'tile/0/001.p'))).toBe(false)
    expect(existsSync(join(copy(), 'tile/entries/001.p'))).toBe(false)
    expect(await verified()).toMatchObject({ code: 0 })
    expect(await exported()).toMatchObject({ code: 0, out: saying(' 0 of them new') })
  })

  it('refuses a log that does not continue the copy, and leaves the copy as it was', async () => {
    await exported()
    const before = files()
    log = buildLog([Buffer.from('other'), ...ENTRIES.slice(1, 700)])
    const { code, err } = await exported()
    expect([code, err]).toEqual([1, expect.stringContaining('[ledger-inconsistent]')])
    expect(files().get('checkpoint')).toEqual(before.get('checkpoint'))
    expect(await verified()).toMatchObject({ code: 0 })
  })

  it('killed at any moment leaves the whole log of its last checkpoint, and goes on from there', async () => {
    await exported()
    log = at(ENTRIES.length)
    slow = 5
    for (const after of [250, 400, 600]) {
      const child = spawn(process.execPath, [PROGRAM, 'ledger', 'export', copy(), '--url', url()], { stdio: 'ignore' })
      const ended = new Promise((resolve) => child.once('close', resolve))
      await delay(after)
      child.kill('SIGKILL')
      await ended
      expect(await verified()).toMatchObject({ code: 0 })
    }
    slow = 0
    expect(await exported()).toMatchObject({ code: 0 })
    expect(await verified()).toMatchObject({
      code: 0,
      out: saying(`${ENTRIES.length} entries verified`),
    })
    for (const [path, bytes] of withKey(at(ENTRIES.length))) expect(files().get(path), path).toEqual(bytes)
  })

  it.each([
    ['an address where nothing answers', ['--url', 'http://127.0.0.1:9/'], 'storage-unavailable'],
    ['an address that is none', ['--url', 'http://'], 'invalid-request'],
    ['a key that is none', ['--key', 'no key'], 'invalid-value'],
  ])('rejects %s', async (_, args, code) => {
    const given = args.includes('--url') ? args : ['--url', url(), ...args]
    const ran = await runDoverie('ledger', 'export', copy(), ...given)
    expect([ran.code, ran.err]).toEqual([1, expect.stringContaining(`[${code}]`)])
    expect(existsSync(copy())).toBe(false)
  })
})

describe('doverie ledger verify, of a folder', { timeout: 120_000 }, () => {
  beforeEach(() => {
    for (const [path, bytes] of withKey(at(700))) {
      mkdirSync(dirname(join(copy(), path)), { recursive: true })
      writeFileSync(join(copy(), path), bytes)
    }
  })

  const flip = (path: string, byte: number): void => {
    const bytes = readFileSync(join(copy(), path))
    bytes[byte] = (bytes[byte] ?? 0) ^ 1
    writeFileSync(join(copy(), path), bytes)
  }

  it.each([
    ['a byte of an entry', 'tile/entries/001', 5, 'first difference: tile/0/001 entry 256: '],
    ['a byte of a leaf hash', 'tile/0/001', 40, 'first difference: tile/0/001 entry 257: '],
    ['a byte of a hash above', 'tile/1/000.p/2', 40, 'first difference: tile/1/000.p/2 entries 256 to 511: '],
    ['the length of an entry', 'tile/entries/000', 0, 'first difference: tile/entries/000 entries 0 to 255: '],
    ['the size in the checkpoint', 'checkpoint', 18, 'first difference: checkpoint: '],
  ])('names the first place where %s was changed', async (_, path, byte, line) => {
    flip(path, byte)
    const { code, out, err } = await verified()
    expect(code).toBe(1)
    expect(out).toContain(line)
    expect(err).toMatch(/^doverie: the ledger does not verify: .* \[ledger-inconsistent\]\n$/)
  })

  it('names a file that is gone', async () => {
    rmSync(join(copy(), 'tile/entries/001'))
    expect(await verified()).toMatchObject({
      code: 1,
      out: saying('tile/entries/001 entries 256 to 511'),
    })
  })

  it('holds it against checkpoints that somebody kept', async () => {
    const keep = (name: string, kept: Log): string => {
      writeFileSync(join(folder, name), kept.get('checkpoint') ?? '')
      return join(folder, name)
    }
    const good = [keep('a', at(1)), keep('b', at(256)), keep('c', at(699))]
    expect(await verified('--kept', ...good)).toMatchObject({
      code: 0,
      out: saying('continues 3 kept'),
    })
    const fork = keep('fork', buildLog([...ENTRIES.slice(0, 400), Buffer.from('x')]))
    const longer = keep('longer', at(701))
    for (const bad of [fork, longer]) {
      expect(await verified('--kept', ...good, bad)).toMatchObject({
        code: 1,
        out: saying('it was cut, rolled back or forked'),
      })
    }
  })

  it('rejects a folder that is not there, and one without a log', async () => {
    expect(await runDoverie('ledger', 'verify', join(folder, 'none'))).toMatchObject({
      code: 1,
      err: saying('[not-found]'),
    })
    expect(await runDoverie('ledger', 'verify', folder, '--key', vkey)).toMatchObject({
      code: 1,
      out: saying('first difference: checkpoint'),
    })
  })
})
