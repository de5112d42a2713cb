import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { formatVerifierKey, KEY_TYPES, openCheckpoint, parseVerifierKey, signCheckpoint } from '@doverie/core/log'
import { noteSigner } from '@doverie/vault'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildLog, type Log, vkey } from '../core/log/testing/build-log.ts'

/** Debian's `golang-go` and `golang-golang-x-mod-dev`. */
const THERE = existsSync('/usr/bin/go') && existsSync('/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog')
const CHECK = fileURLToPath(new URL('testing/go/check.go', import.meta.url))
const run = promisify(execFile)

let folder: string
let program: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'doverie-go-'))
  program = join(folder, 'check')
  if (!THERE) return
  const env = {
    PATH: process.env['PATH'],
    GO111MODULE: 'off',
    GOPATH: '/usr/share/gocode',
    GOCACHE: join(folder, 'cache'),
  }
  await run('/usr/bin/go', ['build', '-o', program, CHECK], { env })
}, 120_000)
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const entries = Array.from({ length: 700 }, (_, i) => Buffer.alloc(32, i % 256))

/** What Go says of a log; null where it does not hold. */
async function goSays(log: Log, key: string): Promise<string | null> {
  const dir = mkdtempSync(join(folder, 'log-'))
  for (const [path, bytes] of log) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), bytes)
  }
  return run(program, [dir, key]).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  )
}

describe.skipIf(!THERE)('the Go team’s own code (skipped: not run, without Debian’s golang-golang-x-mod-dev)', () => {
  it('verifies our checkpoint, tiles, every inclusion and every consistency, ML-DSA signatures beside notwithstanding', async () => {
    const log = buildLog(entries)
    const [ed, dsa] = [KEY_TYPES.ed25519, KEY_TYPES.mlDsa44].map((type) =>
      noteSigner('privacy.example/log', new Uint8Array(32).fill(type), type),
    )
    if (ed === undefined || dsa === undefined) return expect.fail()
    const own = parseVerifierKey(vkey)
    const { size, root } = openCheckpoint(log.get('checkpoint') ?? '', own.name, [own])
    const checkpoint = { origin: 'privacy.example/log', size, root, extensions: [] }
    log.set('checkpoint', Buffer.from(signCheckpoint(checkpoint, [ed.signer, dsa.signer], 1_800_000_000)))
    expect(await goSays(log, formatVerifierKey(ed.verifier))).toBe(
      'privacy.example/log: 700 entries included, 700 earlier trees continued',
    )
  })

  it.each(['checkpoint', 'tile/0/001', 'tile/0/002.p/188', 'tile/1/000.p/2', 'tile/entries/001'])(
    'finds a changed bit of %s',
    async (path) => {
      const log = buildLog(entries)
      expect(await goSays(log, vkey)).not.toBeNull()
      const bytes = Buffer.from(log.get(path) ?? '')
      bytes[40] = (bytes[40] ?? 0) ^ 1
      log.set(path, bytes)
      expect(await goSays(log, vkey)).toBeNull()
    },
  )
})
