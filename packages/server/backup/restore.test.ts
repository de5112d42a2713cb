import { createHash } from 'node:crypto'
import { cp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BackupSource, openBackupSource, openVault } from '@doverie/vault'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { openPool } from '../../vault/store/database.ts'
import { migrate, MIGRATION_LEVELS } from '../../vault/store/migrate.ts'
import { memoryKms } from '../../vault/testing/root-keys.ts'
import { backUpPlace, empty, emptyPlace, rowsOf, type TestPlace } from '../testing/backups.ts'
import { temporaryFolder } from '../testing/folder.ts'
import { queryOnce } from '../testing/query.ts'
import { backUp } from './back-up.ts'
import { type Manifest, manifestText, openManifest } from './manifest.ts'
import { MANIFEST_FILE } from './places.ts'
import { assertNewest, assertOpens, restoreInto, verifyBackup } from './restore.ts'
import { identitiesOf } from './sealed-file.ts'

let source: TestPlace
let target: TestPlace
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let identity: string
let data: string
let keys: string
let work: string
let runs = 0
beforeAll(async () => {
  source = await emptyPlace(inject('adminUrl'))
  target = await emptyPlace(inject('adminUrl'))
  folder = await temporaryFolder()
  identity = await generateX25519Identity()
  const recipients = [await identityToRecipient(identity)]
  await (await openVault({ ...source, now: () => Date.now() })).close()
  await queryOnce(
    source.dataUrl,
    `INSERT INTO record SELECT gen_random_uuid(), 'contact', 1, 1, sha256(i::text::bytea) FROM generate_series(1, 1000) AS i`,
  )
  data = (await backUpPlace(source, 'data', { to: join(folder.path, 'data'), recipients })).folder
  keys = (await backUpPlace(source, 'keys', { to: join(folder.path, 'keys'), recipients })).folder
})
afterAll(async () => {
  await source.drop()
  await target.drop()
  await folder.remove()
})
beforeEach(async () => {
  runs += 1
  work = join(folder.path, `work-${runs}`)
  await cp(data, work, { recursive: true })
})
afterEach(() => empty(target))

const codeOf = (code: string) => ({ name: 'DoverieError', code })

/** What the command does, over a place with its key store. */
async function restore(from: string, who = identity): Promise<void> {
  const found = await verifyBackup(from)
  const decrypter = identitiesOf(who)
  await assertOpens(found, decrypter)
  await restoreInto(target, found, decrypter)
}

async function isEmpty(url: string): Promise<boolean> {
  return Object.keys(await rowsOf(url, [])).length === 0
}

/** The manifest rewritten and signed by whom one likes. */
async function rewrite(change: (manifest: Manifest) => unknown, by: TestPlace = source): Promise<void> {
  const manifest = openManifest(await readFile(join(work, MANIFEST_FILE), 'utf8'), null)
  const signing = await openBackupSource(by, 'data')
  const changed = { ...manifest, ...(change(manifest) as object), ledgerKey: signing.ledgerKey }
  await writeFile(join(work, MANIFEST_FILE), signing.sign(manifestText(changed)))
  await signing.close()
}

async function flip(file: string, at: number): Promise<void> {
  const bytes = await readFile(join(work, file))
  bytes.writeUInt8((bytes.at(at) ?? 0) ^ 1, at < 0 ? bytes.length + at : at)
  await writeFile(join(work, file), bytes)
}

const FILE = 'record-0003.age'
const faults: readonly (readonly [string, () => Promise<unknown>, string])[] = [
  ['a flipped byte in a header', () => flip(FILE, 30), 'backup-damaged'],
  ['a flipped byte in the middle', () => flip(FILE, 2000), 'backup-damaged'],
  ['a flipped last byte', () => flip(FILE, -1), 'backup-damaged'],
  ['a file cut off', () => truncate(join(work, FILE), 1000), 'backup-damaged'],
  ['an empty file', () => truncate(join(work, FILE), 0), 'backup-damaged'],
  ['a file missing', () => rm(join(work, FILE)), 'backup-damaged'],
  [
    'two files that changed places',
    async () => {
      await rename(join(work, FILE), join(work, 'x'))
      await rename(join(work, 'record-0001.age'), join(work, FILE))
      await rename(join(work, 'x'), join(work, 'record-0001.age'))
    },
    'backup-damaged',
  ],
  ['a flipped byte of the manifest', () => flip(MANIFEST_FILE, 200), 'backup-damaged'],
  ['a manifest cut off', () => truncate(join(work, MANIFEST_FILE), 900), 'backup-damaged'],
  ['no manifest', () => rm(join(work, MANIFEST_FILE)), 'not-found'],
  [
    'another count of rows',
    () => rewrite(({ tables }) => ({ tables: tables.map((table) => ({ ...table, rows: table.rows + 1 })) })),
    'backup-damaged',
  ],
  [
    'a file that was left out',
    () => rewrite(({ parts }) => ({ parts: parts.filter(({ file }) => file !== FILE) })),
    'backup-damaged',
  ],
  [
    'a table of another name',
    () => rewrite(({ tables }) => ({ tables: tables.map((table) => ({ ...table, name: `${table.name}_` })) })),
    'backup-damaged',
  ],
  [
    'a file outside the folder',
    () => rewrite(({ parts }) => ({ parts: parts.map((part) => ({ ...part, file: `../${part.file}` })) })),
    'backup-damaged',
  ],
  ['rows of a later schema', () => rewrite(() => ({ level: MIGRATION_LEVELS.data + 1 })), 'data-newer'],
  [
    'a later format',
    async () => {
      const note = await readFile(join(work, MANIFEST_FILE), 'utf8')
      await writeFile(join(work, MANIFEST_FILE), note.replace('backup/v1', 'backup/v2'))
    },
    'data-newer',
  ],
]

describe('a restore', () => {
  it.each(faults)('of a backup with %s changes nothing', async (_, spoil, code) => {
    await restore(keys)
    await spoil()
    await expect(restore(work)).rejects.toMatchObject(codeOf(code))
    expect(await isEmpty(target.dataUrl)).toBe(true)
    await restore(data)
  })

  it('by an identity that is not meant, or with none in its file, changes nothing', async () => {
    const other = await generateX25519Identity()
    for (const who of [other, '', '# none', 'AGE-SECRET-KEY-1NONSENSE']) {
      const fault: unknown = await restore(keys, who).catch((error: unknown) => error)
      expect(fault).toMatchObject(codeOf('wrong-identity'))
      expect(String((fault as Error).stack)).not.toContain(other)
    }
    expect(await isEmpty(target.keystoreUrl)).toBe(true)
  })

  it('of a backup that somebody else has signed is refused by the key store', async () => {
    const forger = await emptyPlace(inject('adminUrl'))
    await (await openVault({ ...forger, now: () => Date.now() })).close()
    await rewrite(() => ({}), forger)
    await restore(keys)
    await verifyBackup(work)
    await expect(restore(work)).rejects.toMatchObject(codeOf('backup-damaged'))
    expect(await isEmpty(target.dataUrl)).toBe(true)
    await forger.drop()
  })

  it('of a file that changed after it was verified is taken back whole', async () => {
    await restore(keys)
    const found = await verifyBackup(work)
    const last = found.manifest.parts.findLast(({ rows }) => rows > 0)?.file ?? ''
    await flip(last, -1)
    await expect(restoreInto(target, found, identitiesOf(identity))).rejects.toMatchObject(codeOf('backup-damaged'))
    expect(await isEmpty(target.dataUrl)).toBe(true)
  })

  it('broken off by its connection leaves the place empty, to be filled again', async () => {
    await restore(keys)
    const found = await verifyBackup(work)
    const broken = restoreInto(target, found, identitiesOf(identity), ({ step, done }) => {
      if (step === 'restoring' && done === 20) {
        void queryOnce(
          inject('adminUrl'),
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'doverie restore' AND datname = $1`,
          [new URL(target.dataUrl).pathname.slice(1)],
        )
      }
    })
    // On a fast machine it may be done before it is broken off.
    const done = await broken.then(
      () => true,
      () => false,
    )
    expect(await isEmpty(target.dataUrl)).toBe(!done)
    if (!done) await restore(data)
  })

  it('never writes over anything, and puts the key store first', async () => {
    await expect(restore(data)).rejects.toMatchObject(codeOf('key-missing'))
    await restore(keys)
    await expect(restore(keys)).rejects.toMatchObject(codeOf('not-empty'))
    await restore(data)
    const before = await rowsOf(target.dataUrl, [])
    await expect(restore(data)).rejects.toMatchObject(codeOf('not-empty'))
    expect(await rowsOf(target.dataUrl, [])).toEqual(before)
    await empty(target)
    await queryOnce(target.keystoreUrl, 'CREATE TABLE somebodys (i int)')
    await expect(restore(keys)).rejects.toMatchObject(codeOf('not-empty'))
  })

  it('under another root key is refused', async () => {
    const found = await verifyBackup(keys)
    const kms = memoryKms({ current: 1, versions: [{ version: 1, key: Buffer.alloc(32, 9) }] })
    await expect(restoreInto({ ...target, kms }, found, identitiesOf(identity))).rejects.toMatchObject(
      codeOf('wrong-root-key'),
    )
    expect(await isEmpty(target.keystoreUrl)).toBe(true)
  })

  it('is refused to a server until the journal has been replayed', async () => {
    await restore(keys)
    await restore(data)
    await expect(openVault({ ...target, now: () => Date.now() })).rejects.toMatchObject(codeOf('restore-pending'))
  })

  it('leaves the indexes and references of the schema as a first start makes them', async () => {
    await restore(keys)
    await restore(data)
    const shape = `SELECT (SELECT json_agg(indexdef ORDER BY indexdef) FROM pg_indexes WHERE schemaname = 'public') AS indexes,
      (SELECT json_agg(pg_get_constraintdef(oid) ORDER BY 1) FROM pg_constraint WHERE connamespace = 'public'::regnamespace) AS constraints`
    for (const url of ['dataUrl', 'keystoreUrl'] as const) {
      const [[restored], [made]] = [await queryOnce(target[url], shape), await queryOnce(source[url], shape)]
      expect(new Set(restored?.['indexes'] as string[])).toEqual(new Set(made?.['indexes'] as string[]))
      expect(new Set(restored?.['constraints'] as string[])).toEqual(new Set(made?.['constraints'] as string[]))
    }
  })
})

describe('a backup of an older schema', () => {
  it('is brought up to date as it is restored', async () => {
    await restore(keys)
    const older = await emptyPlace(inject('adminUrl'))
    await (await openVault({ ...older, now: () => Date.now() })).close()
    await queryOnce(older.dataUrl, 'DROP SCHEMA public CASCADE; CREATE SCHEMA public')
    const pool = openPool(older.dataUrl, 1)
    await migrate(pool, 'data', 4)
    await pool.end()
    const made = await openBackupSource(older, 'data')
    const signing = await openBackupSource({ ...source }, 'keys')
    // As this installation would have made it before its upgrade.
    const as: BackupSource = { ...made, sign: (text) => signing.sign(text), ledgerKey: signing.ledgerKey }
    const recipients = [await identityToRecipient(identity)]
    const report = await backUp({ source: as, to: join(folder.path, 'older'), recipients, now: () => Date.now() })
    expect(report.manifest.level).toBe(4)
    await made.close()
    await signing.close()
    await restore(report.folder)
    const rows = await queryOnce(target.dataUrl, 'SELECT count(*)::int AS steps FROM migration')
    expect(rows).toEqual([{ steps: MIGRATION_LEVELS.data }])
    await older.drop()
  })
})

describe('of the key store', () => {
  it('only the newest copy that lies there is taken, and the older ones are named', async () => {
    const recipients = [await identityToRecipient(identity)]
    const to = join(folder.path, 'copies')
    const { folder: newer } = await backUpPlace(source, 'keys', { to, recipients })
    const older = join(to, 'doverie-keystore-20200101T000000Z-00000000')
    await cp(keys, older, { recursive: true })
    await expect(verifyBackup(older).then(assertNewest)).rejects.toMatchObject(codeOf('conflict'))
    expect(await assertNewest(await verifyBackup(newer))).toEqual([older])
  })

  it('a copy is not the same bytes twice, though its rows are', async () => {
    const recipients = [await identityToRecipient(identity)]
    const { folder: again } = await backUpPlace(source, 'keys', { to: join(folder.path, 'again'), recipients })
    const hashes = await Promise.all(
      [keys, again].map(async (dir) =>
        createHash('sha256')
          .update(await readFile(join(dir, 'secret-0001.age')))
          .digest('hex'),
      ),
    )
    expect(new Set(hashes).size).toBe(2)
  })
})
