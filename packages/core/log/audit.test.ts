import { describe, expect, test } from 'vitest'
import { canonical, hex } from '../base/index.ts'
import { type AuditedEntry, auditEntries } from './audit.ts'
import { commitment } from './entry.ts'
import { buildLog } from './testing/build-log.ts'

const MINUTE = 60_000
const given: readonly AuditedEntry[] = Array.from({ length: 600 }, (_, place) => ({
  place,
  salt: hex(new Uint8Array(32).fill(place % 256)),
  body: canonical({ act: 'open', at: place * 1000, n: place }),
}))
const publicHalf = ({ salt, body }: AuditedEntry): Uint8Array =>
  commitment(Uint8Array.from(Buffer.from(salt, 'hex')), body)
const log = buildLog(given.map(publicHalf))

async function faults(entries: readonly AuditedEntry[], of = log): Promise<readonly string[]> {
  const found = await auditEntries(entries, (path) => Promise.resolve(of.get(path) ?? null), {
    size: 600,
    tolerance: 10 * MINUTE,
  })
  return found.map(({ kind, place }) => `${kind} ${place}`)
}

const at = (place: number): AuditedEntry => given[place] ?? { place, salt: '', body: '' }

describe('what an auditor is given', () => {
  test('passes whole, or as any stretch of places', async () => {
    expect(await faults(given)).toEqual([])
    expect(await faults(given.slice(200, 300))).toEqual([])
    expect(await faults([])).toEqual([])
  })

  test.each<readonly [string, readonly AuditedEntry[], readonly string[]]>([
    ['an entry withheld', [...given.slice(0, 300), ...given.slice(301)], ['gap 300']],
    ['an entry given twice', [...given.slice(0, 9), at(8), ...given.slice(9)], ['gap 8']],
    ['a changed word', [at(0), { ...at(1), body: at(1).body.replace('open', 'shut') }, at(2)], ['entry 1']],
    ['a changed salt', [{ ...at(5), salt: at(6).salt }], ['entry 5']],
    ['no salt at all', [{ ...at(5), salt: 'xyz' }], ['entry 5']],
    ['two bodies exchanged', [at(0), { ...at(2), place: 1 }, { ...at(1), place: 2 }], ['entry 1', 'entry 2']],
    ['an entry that the tree does not have', [at(599), { ...at(3), place: 600 }], ['beyond 600']],
  ])('shows %s', async (_, entries, expected) => {
    expect((await faults(entries)).filter((fault) => !fault.startsWith('back-dated'))).toEqual(expected)
  })

  test('shows an entry that was entered late under an earlier time, though the tree has it', async () => {
    const late = { ...at(599), body: canonical({ act: 'open', at: 598_000 - 11 * MINUTE, n: 599 }) }
    const entries = [...given.slice(0, 599), late]
    expect(await faults(entries, buildLog(entries.map(publicHalf)))).toEqual(['back-dated 599'])
  })
})
