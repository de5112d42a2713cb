import { describe, expect, it } from 'vitest'
import { assertSafeStorage } from './safe-storage.ts'

function serverWith(settings: Readonly<Record<string, string>>): Parameters<typeof assertSafeStorage>[0] {
  return {
    query: (text) => {
      const name = text.replace('SHOW ', '')
      return Promise.resolve({ rows: name in settings ? [{ [name]: settings[name] }] : [] })
    },
  }
}

describe('the check of a database server', () => {
  it('accepts one that keeps what it acknowledges', async () => {
    await assertSafeStorage(serverWith({ fsync: 'on', full_page_writes: 'on' }))
  })

  it.each([
    ['fsync', { fsync: 'off', full_page_writes: 'on' }],
    ['full_page_writes', { fsync: 'on', full_page_writes: 'off' }],
    ['fsync', {}],
  ])('refuses one without %s', async (setting, settings) => {
    const check = assertSafeStorage(serverWith(settings))
    await expect(check).rejects.toMatchObject({ code: 'unsafe-storage', details: { setting } })
  })
})
