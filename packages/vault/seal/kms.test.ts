import { isDoverieError } from '@doverie/core/base'
import { describe, expect, it } from 'vitest'
import { localKms } from './kms.ts'

const key = (byte: number): Buffer => Buffer.alloc(32, byte)

describe('the local holder of the root key', () => {
  it('opens under the version that wrapped, and under no other', async () => {
    const versions = [
      { version: 1, key: key(1) },
      { version: 2, key: key(2) },
    ]
    const first = localKms({ current: 1, versions })
    const second = localKms({ current: 2, versions })
    const old = await first.wrap(key(9))
    expect(old.rootVersion).toBe(1)
    expect((await second.unwrap(1, old.wrapped)).equals(key(9))).toBe(true)
    expect((await second.wrap(key(9))).rootVersion).toBe(2)
    for (const version of [2, 3]) {
      await expect(second.unwrap(version, old.wrapped)).rejects.toMatchObject({ code: 'wrong-root-key' })
    }
  })

  it('refuses to begin with a missing key or one of another length', () => {
    for (const versions of [[], [{ version: 1, key: Buffer.alloc(16, 1) }], [{ version: 2, key: key(1) }]]) {
      expect(() => localKms({ current: 1, versions })).toThrow(expect.objectContaining({ code: 'wrong-root-key' }))
    }
  })

  it('names a key by a fingerprint that differs from key to key and does not contain it', () => {
    const prints = [1, 2, 3].map((byte) => localKms({ current: 1, versions: [{ version: 1, key: key(byte) }] }))
    const texts = prints.map((kms) => kms.fingerprint(1))
    expect(new Set(texts).size).toBe(3)
    expect(texts[0]).toMatch(/^[0-9a-f]{16}$/)
    expect(key(1).toString('hex')).not.toContain(texts[0])
  })

  it('shows no key in the fault of a wrapping that does not open', async () => {
    const kms = localKms({ current: 1, versions: [{ version: 1, key: key(0x41) }] })
    const fault: unknown = await kms.unwrap(1, Buffer.alloc(40, 0x42)).catch((error: unknown) => error)
    expect(isDoverieError(fault, 'wrong-root-key')).toBe(true)
    const shown = `${JSON.stringify(fault)} ${(fault as Error).message} ${(fault as Error).stack}`
    for (const secret of ['4141414141', 'AAAAAAAAAA', 'QUFBQUFB']) expect(shown).not.toContain(secret)
  })
})
