import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BackupSource, openBackupSource, openVault } from '@doverie/vault'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { backUpPlace, emptyPlace, type TestPlace } from '../testing/backups.ts'
import { temporaryFolder } from '../testing/folder.ts'
import { queryOnce } from '../testing/query.ts'
import { backUp } from './back-up.ts'
import { assertApart, listBackups, MANIFEST_FILE } from './places.ts'
import { PROGRESS_FILE } from './progress-file.ts'
import { verifyBackup } from './restore.ts'

let place: TestPlace
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let recipients: readonly string[]
let to: string
let runs = 0
beforeAll(async () => {
  place = await emptyPlace(inject('adminUrl'))
  folder = await temporaryFolder()
  recipients = [await identityToRecipient(await generateX25519Identity())]
  await (await openVault({ ...place, now: () => Date.now() })).close()
  await queryOnce(
    place.dataUrl,
    `INSERT INTO record SELECT gen_random_uuid(), 'contact', 1, 1, sha256(i::text::bytea) || sha256(('x' || i)::bytea) FROM generate_series(1, 2000) AS i`,
  )
  await queryOnce(
    place.dataUrl,
    `INSERT INTO ledger_batch SELECT gen_random_uuid(), now(), 1, sha256(i::text::bytea), '', i FROM generate_series(0, 999) AS i`,
  )
})
afterAll(async () => {
  await place.drop()
  await folder.remove()
})
beforeEach(() => {
  runs += 1
  to = join(folder.path, `run-${runs}`)
})

const codeOf = (code: string) => ({ name: 'DoverieError', code })

/** A backup whose source breaks off in the middle of its part of this number. */
async function breakOff(part: number): Promise<void> {
  const source = await openBackupSource(place, 'data')
  let copied = 0
  const broken: BackupSource = {
    ...source,
    copy: (of) => {
      copied += 1
      const { chunks, rows } = source.copy(of)
      return copied < part ? { chunks, rows } : { chunks: cutOff(chunks), rows }
    },
  }
  try {
    await expect(
      backUp({ source: broken, to, recipients, partBytes: 16 * 1024, now: () => Date.now() }),
    ).rejects.toThrow('broken off')
  } finally {
    await source.close()
  }
}

async function* cutOff(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    yield chunk.subarray(0, 5)
    throw new Error('broken off')
  }
}

async function onlyFolder(): Promise<string> {
  const [one, ...others] = await listBackups(to)
  expect(others).toEqual([])
  return one?.path ?? ''
}

describe('a backup that was interrupted', () => {
  it.each([1, 2, 5, 20])(
    'in its file %i is no backup, and the next attempt keeps the files that were done',
    async (part) => {
      await breakOff(part)
      expect(await listBackups(to)).toMatchObject([{ finished: false }])
      await expect(verifyBackup(await onlyFolder())).rejects.toMatchObject(codeOf('backup-damaged'))
      const report = await backUpPlace(place, 'data', { to, recipients })
      expect(report.kept).toBe(part - 1)
      expect(report.folder).toBe(await onlyFolder())
      expect((await verifyBackup(report.folder)).manifest.tables.find(({ name }) => name === 'record')?.rows).toBe(2000)
      expect((await readdir(report.folder)).sort()).toEqual(
        [MANIFEST_FILE, ...report.manifest.parts.map(({ file }) => file)].sort(),
      )
    },
  )

  it('copies anew what has changed since, and only that', async () => {
    await breakOff(25)
    const changed = 'UPDATE record SET version = 2 WHERE subject_id = (SELECT min(subject_id::text)::uuid FROM record)'
    await queryOnce(place.dataUrl, changed)
    const { kept, folder: made } = await backUpPlace(place, 'data', { to, recipients })
    expect(kept).toBe(23)
    await verifyBackup(made)
  })

  const damages: readonly (readonly [string, (dir: string) => Promise<unknown>, number])[] = [
    ['a torn last line of its progress', (dir) => appendFile(join(dir, PROGRESS_FILE), '\n{"file":"recor'), 9],
    ['a file cut off', (dir) => truncate(join(dir, 'record-0002.age'), 300), 8],
    ['a file changed', (dir) => writeFile(join(dir, 'record-0003.age'), 'other'), 8],
    ['a draft of a manifest', (dir) => writeFile(join(dir, '.draft-1'), 'half'), 9],
  ]
  it.each(damages)('and left %s is gone on with all the same', async (_, damage, kept) => {
    await breakOff(10)
    await damage(await onlyFolder())
    const report = await backUpPlace(place, 'data', { to, recipients })
    expect(report.kept).toBe(kept)
    await verifyBackup(report.folder)
    expect(await readdir(report.folder)).not.toContain('.draft-1')
  })

  it('is not gone on with for other recipients', async () => {
    await breakOff(10)
    const others = [await identityToRecipient(await generateX25519Identity())]
    expect((await backUpPlace(place, 'data', { to, recipients: others })).kept).toBe(0)
    expect(await listBackups(to)).toHaveLength(2)
  })

  it('by kill -9 at any moment ends, when it is called again, as a whole one', async () => {
    const program = fileURLToPath(new URL('../testing/backup-process.ts', import.meta.url))
    for (const after of [0, 3, 11, 30]) {
      const child = spawn(process.execPath, [program, place.dataUrl, place.keystoreUrl, to, ...recipients], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        if (text.split('\n').some((line) => Number(line) >= after)) child.kill('SIGKILL')
      })
      await once(child, 'exit')
    }
    const { kept, folder: made } = await backUpPlace(place, 'data', { to, recipients })
    expect(kept).toBeGreaterThanOrEqual(30)
    await verifyBackup(made)
    expect(await onlyFolder()).toBe(made)
  })
})

describe('the copy of the key store', () => {
  it('takes the place of the former one, which stays until the new one is whole', async () => {
    const first = await backUpPlace(place, 'keys', { to, recipients })
    const begun = join(to, 'doverie-keystore-20260101T000000Z-00000000')
    await mkdir(begun)
    await writeFile(join(begun, PROGRESS_FILE), '{"format":1}\n')
    await verifyBackup(first.folder)
    const second = await backUpPlace(place, 'keys', { to, recipients, now: () => Date.now() + 5_000 })
    expect(await listBackups(to)).toMatchObject([{ path: second.folder, finished: true }])
  })
})

describe('a place for a backup', () => {
  it('is apart from the root key, from the data and from backups of the other kind', async () => {
    const at = (...names: readonly string[]): string => join(to, ...names)
    await mkdir(at('data', 'postgres'), { recursive: true })
    await mkdir(at('keys'))
    const { folder: data } = await backUpPlace(place, 'data', { to: at('of-data'), recipients })
    await backUpPlace(place, 'keys', { to: at('of-keys'), recipients })
    const installation = { dataDir: at('data'), keysDir: at('keys') }
    const refused: readonly (readonly ['data' | 'keys', string])[] = [
      ['data', at('data')],
      ['data', at('data', 'backups')],
      ['data', at('keys', 'backups')],
      ['data', to],
      ['data', at('of-keys')],
      ['keys', at('of-data')],
      ['keys', join(data, 'inside')],
      ['data', join(data, 'in', 'side')],
    ]
    for (const [kind, where] of refused) {
      await expect(assertApart(where, kind, installation)).rejects.toMatchObject(codeOf('invalid-request'))
    }
    for (const [kind, where] of [
      ['data', at('of-data')] as const,
      ['keys', at('of-keys')] as const,
      ['data', at('new', 'one')] as const,
    ]) {
      await assertApart(where, kind, installation)
    }
  })
})

describe('recipients', () => {
  it('are age recipients; an identity given by mistake is not repeated', async () => {
    const identity = await generateX25519Identity()
    for (const wrong of [[], [''], ['age1nonsense'], [identity]]) {
      const fault: unknown = await backUpPlace(place, 'data', { to, recipients: wrong }).catch(
        (error: unknown) => error,
      )
      expect(fault).toMatchObject(codeOf('invalid-request'))
      expect(String((fault as Error).stack)).not.toContain(identity)
    }
    expect(await listBackups(to)).toEqual([])
  })

  it('are those of files in the age format, which tools of others open', async () => {
    const { manifest, folder: made } = await backUpPlace(place, 'data', { to, recipients })
    const head = (await readFile(join(made, manifest.parts[0]?.file ?? ''))).subarray(0, 21).toString('latin1')
    expect(head).toBe('age-encryption.org/v1')
  })
})
