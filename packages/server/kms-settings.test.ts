import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDoverieError } from '@doverie/core/base'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TransitPeer, transitPeer } from '../vault/testing/transit-peer.ts'
import { createRootKeys } from './keys-folder.ts'
import { openKms, usesRootKeyFile } from './kms-settings.ts'
import { temporaryFolder } from './testing/folder.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let peer: TransitPeer
beforeAll(async () => {
  folder = await temporaryFolder()
  await createRootKeys(folder.path)
  peer = await transitPeer('mounts/transit', 'doverie')
})
afterAll(async () => {
  peer.close()
  await folder.remove()
})

type Env = Readonly<Record<string, string | undefined>>
const kinds = (env: Env): readonly string[] => openKms(folder.path, env).map(({ kind }) => kind)

/** The setting that a fault names; no fault repeats what was given. */
function named(env: Env): unknown {
  try {
    openKms(folder.path, env)
  } catch (error) {
    if (!isDoverieError(error, 'invalid-request') && !isDoverieError(error, 'kms-refused')) throw error
    for (const value of Object.values(env)) expect(error.message).not.toContain(value)
    return error.details.field ?? error.code
  }
  return 'nothing was thrown'
}

describe('the settings of the key management service', () => {
  it('without any take the root key file', () => {
    expect(kinds({})).toEqual(['file'])
    expect(kinds({ KMS_URL: '' })).toEqual(['file'])
    expect(usesRootKeyFile({})).toEqual({ own: true, previous: false })
  })

  it('name a service, and while moving the former one', () => {
    const transit = { KMS_URL: `transit:${peer.address}/mounts/transit/doverie` }
    expect(kinds(transit)).toEqual(['transit'])
    expect(usesRootKeyFile(transit)).toEqual({ own: false, previous: false })
    const moving = { ...transit, KMS_PREVIOUS_URL: 'file' }
    expect(kinds(moving)).toEqual(['transit', 'file'])
    expect(usesRootKeyFile(moving)).toEqual({ own: false, previous: true })
    expect(kinds({ KMS_URL: 'aws:eu-central-1/doverie', KMS_PREVIOUS_URL: moving.KMS_URL })).toEqual(['aws', 'transit'])
  })

  it.each<[string, Env, string]>([
    ['an unknown service', { KMS_URL: 'gcp:somewhere/key' }, 'KMS_URL'],
    ['no key', { KMS_URL: 'transit:https://bao.example:8200/transit' }, 'KMS_URL'],
    ['a token in the address', { KMS_URL: 'transit:https://user:secret@bao.example/transit/key' }, 'KMS_URL'],
    ['no region', { KMS_URL: 'aws:doverie' }, 'KMS_URL'],
    ['a wrong former service', { KMS_PREVIOUS_URL: 'nonsense' }, 'KMS_PREVIOUS_URL'],
    ['days beyond what AWS takes', { KMS_URL: 'aws:eu-central-1/a', KMS_DELETION_DAYS: '31' }, 'KMS_DELETION_DAYS'],
    ['a time that is none', { KMS_URL: 'aws:eu-central-1/a', KMS_TIMEOUT_MS: 'soon' }, 'KMS_TIMEOUT_MS'],
    ['plain HTTP to elsewhere', { KMS_URL: 'transit:http://bao.example/transit/key' }, 'kms-refused'],
    [
      'certificates that are not there',
      { KMS_URL: 'transit:https://b.example/t/k', KMS_CA_FILE: '/none/ca.pem' },
      'kms-refused',
    ],
  ])('refuse %s, naming the setting and repeating nothing', (_, env, field) => {
    expect(named(env)).toBe(field)
  })

  it('refuse two services of one kind', () => {
    expect(() => openKms(folder.path, { KMS_PREVIOUS_URL: 'file' })).toThrow(
      expect.objectContaining({ code: 'invalid-request' }),
    )
  })

  it('read the token at each call, so that whoever renews it may write the file anew', async () => {
    const file = join(folder.path, 'token')
    const env = { KMS_URL: `transit:${peer.address}/mounts/transit/doverie`, KMS_TOKEN_FILE: file }
    const [kms] = openKms(folder.path, env)
    await expect(kms?.newest()).rejects.toMatchObject({ code: 'kms-refused' })
    await writeFile(file, 's.old\n')
    await expect(kms?.newest()).rejects.toMatchObject({ code: 'kms-refused' })
    await writeFile(file, `${peer.token}\n`)
    expect(await kms?.newest()).toBeNull()
  })
})
