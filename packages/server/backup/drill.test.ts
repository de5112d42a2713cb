import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { integrateLedger } from '@doverie/vault'
import { expect, it } from 'vitest'
import { fileKms } from '../../vault/seal/kms-file.ts'
import { netrackBundle, TEST_ORIGIN } from '../../vault/testing/netrack-bundle.ts'
import { openTestVault } from '../../vault/testing/open-test-vault.ts'
import { someone } from '../../vault/testing/people.ts'
import { createRootKeys, rootKeyFile } from '../keys-folder.ts'
import { backUpPlace } from '../testing/backups.ts'
import { temporaryFolder } from '../testing/folder.ts'
import { drillRestore } from './drill.ts'
import { createIdentity } from './identity-file.ts'

it('a drill restores both backups in a scratch place, finds whom the key store cannot open, opens everybody else, and leaves nothing, stopped midway or not', async () => {
  const folder = await temporaryFolder()
  const [keysDir, scratch] = [join(folder.path, 'keys'), join(folder.path, 'scratch')]
  await createRootKeys(keysDir)
  const kms = fileKms(rootKeyFile(keysDir))
  const test = await openTestVault(netrackBundle(), kms)
  try {
    const [keyless] = [await someone(test.vault), await someone(test.vault), await someone(test.vault)]
    while ((await integrateLedger(test.vault)).more);
    await test.vault.keys.query('DELETE FROM key WHERE subject_id = $1', [keyless.subject])
    const place = { ...test.urls, kms, origin: TEST_ORIGIN }
    const made = async (kind: 'data' | 'keys'): Promise<{ readonly backup: string; readonly identity: string }> => {
      const identity = join(folder.path, `${kind}.key`)
      const recipients = [await createIdentity(identity)]
      return {
        backup: (await backUpPlace(place, kind, { to: join(folder.path, `${kind}-backups`), recipients })).folder,
        identity,
      }
    }
    const [data, keystore] = [await made('data'), await made('keys')]
    const env = { LEDGER_ORIGIN: TEST_ORIGIN }
    const drill = await drillRestore({
      data,
      keystore,
      keysDir,
      env,
      folder: scratch,
      sample: 10,
      onStep: () => undefined,
    })
    expect(drill).toMatchObject({ ledger: { ok: true }, sampled: { live: 3, keyless: 1, people: 2, refused: 0 } })
    expect(drill.sampled.opened).toBeGreaterThan(2)
    expect(drill.sampled.faults.size).toBe(0)
    expect(drill.holds).toBe(false)
    expect(await readdir(scratch)).toEqual([])
    const stop = new AbortController()
    const onStep = (step: string): void => {
      if (step === 'restoring the data') stop.abort(new Error('enough'))
    }
    const stopped = drillRestore({
      data,
      keystore,
      keysDir,
      env,
      folder: scratch,
      sample: 0,
      onStep,
      signal: stop.signal,
    })
    await expect(stopped).rejects.toThrow('enough')
    expect(await readdir(scratch)).toEqual([])
  } finally {
    await test.close()
    await folder.remove()
  }
}, 180_000)
