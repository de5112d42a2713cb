import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { canonical } from '@doverie/core/base'
import {
  commitment,
  formatOpening,
  formatProofFile,
  formatTrustPolicy,
  NO_WITNESSES,
  parseVerifierKey,
  planInclusion,
  proofFromTiles,
  refOf,
  tilePath,
} from '@doverie/core/log'
import type { Command } from 'commander'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { buildLog, vkey } from '../core/log/testing/build-log.ts'
import { auditCommand } from './ledger-audit.ts'
import { receiptCommand } from './ledger-receipt.ts'

const SECRET = Buffer.alloc(32, 3)
const entries = Array.from({ length: 300 }, (_, place) => {
  const id = `entry-${place}`
  const body = canonical({ act: 'open', at: place * 1000, effect: 'permit', id, ref: refOf(SECRET, id) })
  return { place, salt: Buffer.alloc(32, place % 256).toString('hex'), body }
})
const log = buildLog(entries.map(({ salt, body }) => commitment(Buffer.from(salt, 'hex'), body)))

let folder: string
const path = (name: string): string => join(folder, name)
function write(name: string, content: string | Uint8Array): string {
  mkdirSync(dirname(path(name)), { recursive: true })
  writeFileSync(path(name), content)
  return path(name)
}

/** The receipt of an entry, with the words that it says. */
function receipt(place: number, body = entries[place]?.body ?? ''): string {
  const hashes = proofFromTiles(planInclusion(place, 300), (tile) => log.get(tilePath(tile)))
  const extra = formatOpening({ salt: Buffer.from(entries[place]?.salt ?? '', 'hex'), body })
  const checkpoint = Buffer.from(log.get('checkpoint') ?? '').toString('utf8')
  return formatProofFile({ extra, index: place, hashes, checkpoint })
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'doverie-receipt-'))
  for (const [name, bytes] of log) write(`log/${name}`, bytes)
  write('log/key', `${vkey}\n`)
  write('policy', formatTrustPolicy({ ...NO_WITNESSES, logs: [{ key: parseVerifierKey(vkey), url: null }] }))
  write('secret', `${SECRET.toString('hex')}\n`)
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

let printed = ''
beforeEach(() => {
  printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
})

const run = (command: Command, ...args: readonly string[]): Promise<unknown> =>
  command.parseAsync(args, { from: 'user' })

describe('doverie ledger receipt', () => {
  it('verifies a receipt without any network, and prints what it says', async () => {
    const file = write('own.tlog-proof', receipt(270))
    await run(receiptCommand(), file, '--policy', path('policy'), '--secret', path('secret'))
    expect(printed).toContain('entry 270 stands in the signed tree of 300')
    expect(printed).toContain('"id":"entry-270"')
  })

  it('refuses one that says something else, or is about somebody else', async () => {
    const forged = write('forged.tlog-proof', receipt(270, entries[271]?.body))
    await expect(run(receiptCommand(), forged, '--policy', path('policy'))).rejects.toThrow('does not lead')
    const foreign = write('foreign', `${'ab'.repeat(32)}\n`)
    const own = write('own.tlog-proof', receipt(270))
    await expect(run(receiptCommand(), own, '--policy', path('policy'), '--secret', foreign)).rejects.toThrow(
      'not about',
    )
    expect(printed).toBe('')
  })
})

describe('doverie ledger audit', () => {
  const page = (name: string, given: readonly object[]): string =>
    write(name, JSON.stringify({ entries: given, next: null }))

  it('holds pages in any order against the public log and a kept checkpoint', async () => {
    const pages = [page('2.json', entries.slice(150)), page('1.json', entries.slice(0, 150))]
    await run(auditCommand(), ...pages, '--log', path('log'), '--kept', path('log/checkpoint'))
    expect(printed).toContain('entries 0 to 299 are those of the tree of 300, 1 kept continued')
  })

  it('names what was withheld and what was changed', async () => {
    const changed = { ...entries[7], body: entries[8]?.body }
    const file = page('bad.json', [...entries.slice(0, 7), changed, ...entries.slice(8, 20), ...entries.slice(21)])
    await expect(run(auditCommand(), file, '--log', path('log'))).rejects.toThrow('2 faults')
    expect(printed).toMatch(/^entry 7: entry: commits to .*\nentry 20: gap: entries 20 to 20 were not given\n$/)
  })

  it.each(['{}', '[]', '{"entries":[{"place":1}]}', 'no'])('refuses a file that is no page: %s', async (text) => {
    await expect(run(auditCommand(), write('none.json', text), '--log', path('log'))).rejects.toThrow()
  })
})
