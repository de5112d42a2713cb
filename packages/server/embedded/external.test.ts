import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createDatabases, type TestDatabases } from '../testing/databases.ts'
import { queryOnce } from '../testing/query.ts'
import { externalUrls, inspectExternal } from './external.ts'

describe('databases that somebody else runs', () => {
  let databases: TestDatabases

  beforeAll(async () => {
    databases = await createDatabases(inject('adminUrl'))
  })
  afterAll(() => databases.drop())

  it('are not used unless named', () => {
    expect(externalUrls({})).toBeUndefined()
    expect(externalUrls({ DATABASE_URL: '', KEYSTORE_URL: '' })).toBeUndefined()
  })

  it.each([
    ['one without the other', { DATABASE_URL: 'postgresql://a@h/data' }],
    ['the other without the one', { KEYSTORE_URL: 'postgresql://a@h/keys' }],
    ['the same database twice', { DATABASE_URL: 'postgresql://a@h/x', KEYSTORE_URL: 'postgresql://b@h:5432/x' }],
    ['something that is no url', { DATABASE_URL: 'h secret', KEYSTORE_URL: 'postgresql://b@h/x' }],
  ])('rejects %s', (_, env) => {
    expect(() => externalUrls(env)).toThrow(expect.objectContaining({ code: 'invalid-request' }) as Error)
    expect(() => externalUrls(env)).not.toThrow(/secret/)
  })

  it('are new while both are empty', async () => {
    const urls = externalUrls({ DATABASE_URL: databases.dataUrl, KEYSTORE_URL: databases.keystoreUrl })
    expect(urls).toEqual({ dataUrl: databases.dataUrl, keystoreUrl: databases.keystoreUrl })
    expect(await inspectExternal(databases)).toBe('new')
    await queryOnce(databases.keystoreUrl, 'CREATE TABLE something (id int)')
    expect(await inspectExternal(databases)).toBe('current')
  })

  it('are told apart by their variable when one cannot be reached, without its password', async () => {
    const keystoreUrl = databases.keystoreUrl.replace(/:[^:@]+@/, ':guess@')
    const check = inspectExternal({ ...databases, keystoreUrl })
    await expect(check).rejects.toThrow('the database of KEYSTORE_URL cannot be reached (28P01)')
    await expect(check).rejects.toMatchObject({ code: 'storage-unavailable' })
  })
})
