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
  it('opens a copy of both databases’ folder by every attack until the epoch has ended, and by none after it', async () => {
    const steps: string[] = []
    const onStep = (step: string): void => void steps.push(step)
    const proof = await proveDestruction({ folder, policyDir: join(POLICIES, 'netrack'), people: 6, onStep })
    expect(proof.attacks.map(({ of, name }) => `${of} ${name}`)).toEqual([
      ...['root', 'secrets', 'keys', 'values', 'letters', 'tags', 'codes', 'history'].map((name) => `person ${name}`),
      ...['keys', 'values', 'tags'].map((name) => `compartment ${name}`),
    ])
    for (const { name, before, after } of proof.attacks) expect([name, before > 0, after]).toEqual([name, true, 0])
    expect(proof.kept.tried).toBeGreaterThan(8)
    expect(proof.kept.opened).toBe(proof.kept.tried)
    expect(proof.scanned.found).toBe(0)
    expect(proof.scanned.files).toBeGreaterThan(1_000)
    expect(proof.holds).toBe(true)
    expect(steps.length).toBe(7)
  }, 300_000)
})
