import { createSecretKey } from 'node:crypto'
import { isDoverieError } from '@doverie/core/base'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { createDatabases } from '../../server/testing/databases.ts'
import { unwrapPersonKey } from '../seal/bound-key.ts'
import { wrapKey } from '../seal/wrap.ts'
import { loadCellKeys } from '../store/cells.ts'
import { loadKeys, loadSecrets } from '../store/key-store.ts'
import { openPool } from '../store/database.ts'
import { migrate } from '../store/migrate.ts'
import { netrackBundle, TEST_ORIGIN, TEST_ROOT_KEY } from '../testing/netrack-bundle.ts'
import { memoryKms } from '../testing/root-keys.ts'
import { loadPolicy } from '../use/adopt-policy.ts'
import { openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { seeOwn, someone } from '../testing/people.ts'
import { readHistory } from '../use/read-history.ts'
import { integrateLedger } from '../use/integrate-ledger.ts'
import { asSubject } from '../testing/callers.ts'
import { openVault, type Vault } from './vault.ts'

let test: TestVault
let vault: Vault
beforeEach(async () => {
  test = await openTestVault()
  ;({ vault } = test)
})
afterEach(() => test.close())

/** What a person sees of their e-mail, or the fault with what it names. */
async function outcome(by: Vault, subject: string): Promise<unknown> {
  try {
    return (await seeOwn(by, subject, ['email']))?.['email']
  } catch (error) {
    if (!isDoverieError(error)) throw error
    return [error.code, error.details['what']]
  }
}

const sql = (text: string, ...values: readonly unknown[]): Promise<unknown> => vault.keys.query(text, [...values])

/** Exchanges the wrapped bytes of one compartment between two people. */
const swap = (compartment: string, a: string, b: string): Promise<unknown> =>
  sql(
    `UPDATE key k SET wrapped = o.wrapped FROM key o
     WHERE k.compartment = $1 AND o.compartment = $1 AND (k.subject_id, o.subject_id) IN (($2, $3), ($3, $2))`,
    compartment,
    a,
    b,
  )

describe('a damaged key store', () => {
  it('with keys of two people exchanged names it, and opens neither; the others go on', async () => {
    const [anna, boris, clara] = [await someone(vault), await someone(vault), await someone(vault)]
    await swap('contact', anna.subject, boris.subject)
    const fresh = await test.second()
    for (const { subject } of [anna, boris]) {
      expect(await outcome(fresh, subject)).toEqual(['sealed-value-damaged', 'person'])
    }
    expect(await outcome(fresh, clara.subject)).toBe(clara.email)
  })

  it('with the secrets of two people’s histories exchanged shows nobody the other’s history', async () => {
    const [anna, boris] = [await someone(vault), await someone(vault)]
    await integrateLedger(vault)
    await swap('ref', anna.subject, boris.subject)
    const fresh = await test.second()
    const read = readHistory(fresh, asSubject(anna.subject))
    await expect(read).rejects.toMatchObject({ code: 'sealed-value-damaged', details: { what: 'person' } })
  })

  it('with keys of two compartments exchanged names it', async () => {
    const anna = await someone(vault)
    await sql(
      `UPDATE key k SET wrapped = o.wrapped FROM key o WHERE k.subject_id = $1 AND o.subject_id = $1
       AND (k.compartment, o.compartment) IN (('contact', 'identity'), ('identity', 'contact'))`,
      anna.subject,
    )
    expect(await outcome(await test.second(), anna.subject)).toEqual(['sealed-value-damaged', 'compartment'])
  })

  it('with a key put back under a later generation names it', async () => {
    const anna = await someone(vault)
    await sql(`UPDATE key SET generation = 2 WHERE subject_id = $1 AND compartment = 'contact'`, anna.subject)
    await vault.data.query(`UPDATE record SET generation = 2 WHERE subject_id = $1 AND compartment = 'contact'`, [
      anna.subject,
    ])
    expect(await outcome(await test.second(), anna.subject)).toEqual(['sealed-value-damaged', 'generation'])
  })

  it('with a flipped bit in a key or in a cell’s key names which', async () => {
    const anna = await someone(vault)
    await sql(
      `UPDATE key SET wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1) WHERE subject_id = $1 AND compartment = 'contact'`,
      anna.subject,
    )
    expect(await outcome(await test.second(), anna.subject)).toEqual(['sealed-value-damaged', 'wrapping'])
    await sql('UPDATE cell_key SET wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1)')
    expect(await outcome(await test.second(), anna.subject)).toEqual(['sealed-value-damaged', 'cell-key'])
  })

  it('with a cell’s key taken from another cell names it', async () => {
    const anna = await someone(vault)
    await sql('UPDATE cell SET people = 512')
    const boris = await someone(vault)
    await sql('UPDATE cell_key k SET wrapped = o.wrapped FROM cell_key o WHERE o.cell_id <> k.cell_id')
    const fresh = await test.second()
    for (const { subject } of [anna, boris]) {
      expect(await outcome(fresh, subject)).toEqual(['sealed-value-damaged', 'cell-key'])
    }
  })

  it('without a cell’s key is key-missing for its people', async () => {
    const anna = await someone(vault)
    await sql('DELETE FROM cell_key')
    expect(await outcome(await test.second(), anna.subject)).toEqual(['key-missing', undefined])
  })

  it('with one secret damaged is not taken for a wrong root key', async () => {
    await sql(`UPDATE secret SET wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1) WHERE name = 'mac'`)
    await expect(test.second()).rejects.toMatchObject({ code: 'sealed-value-damaged' })
  })
})

describe('a key store that a former version wrote', () => {
  it('is opened, brought to this version, and everybody in it opens', async () => {
    const people = [await someone(vault), await someone(vault)]
    const databases = await createDatabases(inject('adminUrl'))
    try {
      await writeAsFormerVersion(vault, databases.keystoreUrl)
      const { dataUrl } = test.urls
      const { keystoreUrl } = databases
      const fresh = await openVault({ dataUrl, keystoreUrl, kms: memoryKms(), origin: TEST_ORIGIN, now: test.now })
      try {
        await loadPolicy(fresh, netrackBundle())
        for (const { subject, email } of people) expect(await outcome(fresh, subject)).toBe(email)
        expect(await fresh.roots.epochs()).toMatchObject([{ epoch: 1, kms: 'file', root: '1', state: 'current' }])
        const { subject, email } = await someone(fresh)
        expect(await outcome(fresh, subject)).toBe(email)
      } finally {
        await fresh.close()
      }
    } finally {
      await databases.drop()
    }
  })
})

/** The last step of the key store's schema before wrapped keys knew their place. */
const FORMER = 4

/** Writes a vault's keys as the former version did: its schema, and its wrapping. */
async function writeAsFormerVersion(by: Vault, keystoreUrl: string): Promise<void> {
  const root = createSecretKey(TEST_ROOT_KEY)
  const pool = openPool(keystoreUrl, 1)
  await migrate(pool, 'keys', FORMER)
  const { rows: holders } = await by.keys.query<{ subject_id: string }>('SELECT DISTINCT subject_id FROM key')
  const keys = await loadKeys(
    by.keys,
    holders.map(({ subject_id }) => subject_id),
  )
  const ids = keys.map(({ cell_id, cell_version }) => ({ cell_id, version: cell_version }))
  for (const row of await loadCellKeys(by.keys, [...new Map(ids.map((id) => [id.cell_id, id])).values()])) {
    const cell = await by.cells.open(row, test.now())
    await pool.query('INSERT INTO cell VALUES ($1, $2, $3, $4, 2)', [
      row.cell_id,
      1,
      row.version,
      wrapKey(root, cell.export()),
    ])
    for (const { subject_id, compartment, generation, key_id, cell_id, wrapped } of keys) {
      if (cell_id !== row.cell_id) continue
      const key = unwrapPersonKey(cell, wrapped, { subject: subject_id, compartment, generation })
      const values = [subject_id, compartment, generation, key_id, cell_id, wrapKey(cell, key)]
      await pool.query('INSERT INTO key VALUES ($1, $2, $3, $4, $5, $6, now())', values)
    }
  }
  for (const [name, { epoch, wrapped }] of await loadSecrets(by.keys)) {
    const bytes = await by.roots.unwrap(epoch, wrapped, `secret|${name}`)
    await pool.query('INSERT INTO secret VALUES ($1, 1, $2)', [name, wrapKey(root, bytes)])
  }
  await pool.end()
}
