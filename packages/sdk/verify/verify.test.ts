import { canonical, hex, utf8 } from '@doverie/core/base'
import {
  append,
  commitment,
  EMPTY_EDGE,
  encodeBundle,
  formatOpening,
  formatProofFile,
  formatTrustPolicy,
  KEY_TYPES,
  leafHash,
  parseProofFile,
  planInclusion,
  proofFromTiles,
  type ReadResource,
  refOf,
  rootOf,
  signCheckpoint,
  type Signer,
  signerOf,
  signingKey,
  tilePath,
  verifierKey,
} from '@doverie/core/log'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { proveReceipt, verifyCheckpoint, verifyContinuation, verifyReceipt } from './index.ts'

const refused = expect.objectContaining({ code: 'invalid-value' }) as unknown as Error
const log = signingKey('example.org/log', new Uint8Array(32).fill(1))
const witness = signingKey('witness.example/w1', new Uint8Array(32).fill(2))
const cosigner = verifierKey(witness.name, witness.publicKey, KEY_TYPES.cosignature)
const byWitness: Signer = { ...signerOf(witness), keyId: cosigner.keyId, type: KEY_TYPES.cosignature }
const policy = {
  logs: [{ key: verifierKey(log.name, log.publicKey), url: null }],
  witnesses: new Map([['w', { key: cosigner, url: null }]]),
  groups: new Map(),
  quorum: 'w',
}
const trust = { policy: new TextDecoder().decode(formatTrustPolicy(policy)) }
const secret = new Uint8Array(32).fill(3)

/** The private entries of a ledger, every tenth of them about the holder of the secret. */
function openings(count: number, of = 'one'): readonly { readonly salt: Uint8Array; readonly body: string }[] {
  return Array.from({ length: count }, (_, i) => {
    const id = `${of}-${i}`
    const ref = i % 10 === 0 ? refOf(secret, id) : '00'.repeat(16)
    const body = canonical({
      act: 'open',
      actor: { kind: 'service', name: 'billing' },
      at: i,
      effect: 'permit',
      id,
      ref,
    })
    return { salt: new Uint8Array(32).fill(i % 251), body }
  })
}

interface Published {
  readonly note: string
  readonly read: ReadResource
  receipt(place: number): string
}

/** The ledger of these entries as any web server shows it. */
function publish(
  entries: ReturnType<typeof openings>,
  signers: readonly Signer[] = [signerOf(log), byWitness],
): Published {
  const leaves = entries.map(({ salt, body }) => commitment(salt, body))
  const { edge, tiles } = append(
    EMPTY_EDGE,
    leaves.map((leaf) => leafHash(leaf)),
  )
  const checkpoint = { origin: log.name, size: edge.size, root: rootOf(edge), extensions: [] }
  const note = signCheckpoint(checkpoint, signers, 1_800_000_000)
  const files = new Map<string, Uint8Array>([['checkpoint', utf8(note)]])
  for (const { tile, bytes } of tiles) files.set(tilePath(tile), bytes)
  for (let index = 0; index * 256 < leaves.length; index++) {
    const bundle = leaves.slice(index * 256, (index + 1) * 256)
    files.set(tilePath({ level: 'entries', index, width: bundle.length }), encodeBundle(bundle))
  }
  return {
    note,
    read: (path) => Promise.resolve(files.get(path) ?? null),
    receipt: (index) => {
      const hashes = proofFromTiles(planInclusion(index, edge.size), (tile) => files.get(tilePath(tile)))
      const opening = entries[index]
      return formatProofFile({ extra: opening ? formatOpening(opening) : null, index, hashes, checkpoint: note })
    },
  }
}

const entries = openings(300)
const published = publish(entries)

describe('a receipt', () => {
  it('is verified offline: what it says, its place, who signed, who cosigned, and whose it is', async () => {
    const mine = await verifyReceipt(published.receipt(270), { ...trust, secret: hex(secret) })
    expect(mine).toMatchObject({ place: 270, own: true, body: { id: 'one-270', act: 'open', at: 270 } })
    expect(mine.checkpoint).toMatchObject({ origin: log.name, size: 300, witnessed: true })
    expect(mine.checkpoint.verified.map(({ name, time }) => [name, time])).toEqual([
      [log.name, null],
      [witness.name, 1_800_000_000],
    ])
    expect((await verifyReceipt(published.receipt(271), { ...trust, secret: hex(secret) })).own).toBe(false)
    expect((await verifyReceipt(published.receipt(270), trust)).own).toBeNull()
  })

  it('tells where the witnesses are missing that the policy asks for', async () => {
    const alone = publish(entries, [signerOf(log)])
    expect((await verifyReceipt(alone.receipt(0), trust)).checkpoint.witnessed).toBe(false)
  })

  it('rejects other words, another place, another ledger, a proof without its entry', async () => {
    const file = parseProofFile(published.receipt(270))
    const other = parseProofFile(published.receipt(271))
    const stranger = { ...policy, logs: [{ key: verifierKey('example.org/other', log.publicKey), url: null }] }
    for (const forged of [
      { ...file, extra: other.extra },
      { ...file, index: 271 },
      { ...file, hashes: other.hashes },
      { ...file, extra: null },
    ]) {
      await expect(verifyReceipt(formatProofFile(forged), trust)).rejects.toThrow(refused)
    }
    await expect(verifyReceipt(published.receipt(270), { policy: stranger })).rejects.toThrow(refused)
    await expect(verifyReceipt(published.receipt(270), { ...trust, secret: 'aa' })).rejects.toThrow(refused)
  })

  it('rejects a file with any bit changed, or no longer counts the witness whose line became that of nobody known', async () => {
    const whole = utf8(published.receipt(123))
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 0, max: 7 }), async (seed, bit) => {
        const bytes = Uint8Array.from(whole)
        const at = seed % bytes.length
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
        const said = await verifyReceipt(bytes, trust).catch((error: unknown) => error)
        if (said instanceof Error) expect(said).toEqual(refused)
        else expect(said).toMatchObject({ checkpoint: { witnessed: false } })
      }),
    )
  })

  it('does not take a key of the policy for the log that is only a witness of it', async () => {
    const selfMade = publish(entries, [byWitness])
    await expect(verifyCheckpoint(selfMade.note, trust)).rejects.toThrow(refused)
  })
})

describe('a receipt without its proof', () => {
  const pending = (place: number, after: number): Parameters<typeof proveReceipt>[0] => {
    const { salt, body } = entries[place] ?? { salt: new Uint8Array(32), body: '{}' }
    return { after, salt: hex(salt), body }
  }

  it('is proved from the public log alone, from where its entry can stand on', async () => {
    const file = await proveReceipt(pending(299, 3), published.read, trust)
    expect(file).toBe(published.receipt(299))
    expect(await proveReceipt(pending(299, 256), published.read, trust)).toBe(file)
  })

  it('is not proved where the log never took its entry', async () => {
    expect(await proveReceipt({ ...pending(3, 0), body: '{"never":1}' }, published.read, trust)).toBeNull()
    expect(await proveReceipt(pending(299, 0), publish(entries.slice(0, 299)).read, trust)).toBeNull()
  })
})

describe('a checkpoint that was kept', () => {
  const newer = publish([...entries, ...openings(400, 'more')])

  it('is continued by the same log, grown or not', async () => {
    for (const kept of [published.note, newer.note, publish([]).note]) {
      const { continues, note } = await verifyContinuation(kept, newer.read, trust)
      expect(continues).toBe(true)
      expect(note).toBe(newer.note)
    }
  })

  it.each([
    ['cut', publish(entries.slice(0, 200))],
    ['changed before the kept size', publish([...entries.slice(0, 100), ...openings(400, 'fork')])],
    ['forked at the same size', publish([...entries.slice(0, 299), ...openings(1, 'fork')])],
    ['reordered', publish([...entries.slice(1), ...entries.slice(0, 1)])],
  ])('is not continued by a log that was %s', async (_, forged) => {
    expect((await verifyContinuation(published.note, forged.read, trust)).continues).toBe(false)
  })
})
