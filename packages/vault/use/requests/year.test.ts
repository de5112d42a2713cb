import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createDatabases, type TestDatabases } from '../../../server/testing/databases.ts'
import { openYear, simulateYear, type YearVaults } from '../../testing/year/simulate.ts'

let databases: TestDatabases
let year: YearVaults
beforeAll(async () => {
  databases = await createDatabases(inject('adminUrl'))
  year = await openYear(databases)
})
afterAll(async () => {
  await year.close()
  await databases.drop()
})

/** A part of what `node scripts/run.mjs year` runs whole, by the same days and the same people. */
describe('a year of letters of every kind, on a clock that is run ahead', () => {
  it('misses no term in silence, and every end has its evidence', async () => {
    const { report } = await simulateYear(year, { requests: 30, seed: 2026 })
    expect(report.broken).toEqual([])
    expect(report.letters).toBeGreaterThanOrEqual(30)
    // A week without anybody, and three without the officer, cost terms; none of that is hidden.
    expect(report.late).toBeGreaterThan(0)
    const states = new Set(report.requests.map(({ state }) => state))
    for (const state of ['answered', 'refused'] as const) expect(states).toContain(state)
  }, 300_000)
})
