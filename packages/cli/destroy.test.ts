import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { proveDestruction } from './prove-destruction.ts'

const POLICIES = fileURLToPath(new URL('../../policies/', import.meta.url))

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doverie-proof-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('doverie destroy --prove', () => {
  it('opens a base backup, the product’s own and a copy of the folder by every attack until the epoch has ended, and by none after it', async () => {
    const steps: string[] = []
    const onStep = (step: string): void => void steps.push(step)
    const proof = await proveDestruction({ folder, policyDir: join(POLICIES, 'netrack'), people: 6, onStep })
    for (const copy of ['base', 'backup', 'folder']) {
      const own = proof.attacks.filter((one) => one.copy === copy)
      expect(own.map(({ of, name }) => `${of} ${name}`)).toEqual([
        ...['root', 'secrets', 'keys', 'values', 'letters', 'tags', 'codes', 'history', 'answers'].map(
          (name) => `person ${name}`,
        ),
        ...['keys', 'values', 'tags', 'answers'].map((name) => `compartment ${name}`),
      ])
      for (const { name, before, after } of own) {
        // Letters and codes are in no backup of the product's own.
        const left = copy === 'backup' && ['letters', 'codes'].includes(name)
        expect([copy, name, before > 0, after]).toEqual([copy, name, !left, 0])
      }
    }
    expect(proof.kept).toHaveLength(3)
    for (const { tried, opened } of proof.kept) {
      expect(tried).toBeGreaterThan(8)
      expect(opened).toBe(tried)
    }
    expect(proof.letters.map(({ kept }) => kept)).toEqual([1, 1, 1])
    expect(proof.scanned.found).toBe(0)
    expect(proof.scanned.files).toBeGreaterThan(1_000)
    expect(proof.holds).toBe(true)
    expect(steps.length).toBe(8)
  }, 300_000)
})
