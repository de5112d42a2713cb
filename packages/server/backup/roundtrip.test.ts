import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { openVault } from '@doverie/vault'
import { BACKUP_TABLES, LEFT_OUT } from '../../vault/store/backup-tables.ts'
import { MIGRATION_LEVELS, takeSteps } from '../../vault/store/migrate.ts'
import { backUpPlace, empty, emptyPlace, namesUnder, rowsOf, type TestPlace } from '../testing/backups.ts'
import { temporaryFolder } from '../testing/folder.ts'
import { restoreInto, verifyBackup } from './restore.ts'
import { identitiesOf } from './sealed-file.ts'

type Column = { readonly name: string; readonly type: string; readonly nullable: boolean }

let source: TestPlace
let target: TestPlace
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let identity: string
let recipients: readonly string[]
beforeAll(async () => {
  source = await emptyPlace(inject('adminUrl'))
  target = await emptyPlace(inject('adminUrl'))
  folder = await temporaryFolder()
  identity = await generateX25519Identity()
  recipients = [await identityToRecipient(identity)]
  await (await openVault({ ...source, now: () => Date.now() })).close()
})
afterAll(async () => {
  await source.drop()
  await target.drop()
  await folder.remove()
})

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }).map((one) => one.replaceAll('\0', '')),
  fc.constantFrom('', '\\N', '\\', '\t\n\r', '"{}', 'Ёлкина', '😀', ' '.repeat(100)),
)
const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant('large' as const)).map((one) => Buffer.from(one))
const VALUES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  uuid: fc.uuid(),
  text,
  bytea: bytes,
  jsonb: fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value).replaceAll('\\u0000', '')),
  int4: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  int8: fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: 0n, max: 50n })).map(String),
  bool: fc.boolean(),
  timestamptz: fc.oneof(
    fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }),
    fc.constantFrom('infinity', '-infinity'),
  ),
  date: fc
    .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
    .map((at) => at.toISOString().slice(0, 10)),
  _text: fc.array(text, { maxLength: 3 }),
  _uuid: fc.array(fc.uuid(), { maxLength: 3 }),
}

/** Rows of a table as its columns allow them, whatever they mean. */
function rowsFor(columns: readonly Column[]): fc.Arbitrary<readonly (readonly unknown[])[]> {
  const row = columns.map(({ name, type, nullable }) => {
    // Of a table with one row at most.
    const value = name === 'single' ? fc.constant(true) : VALUES[type]
    if (value === undefined) throw new Error(`no values for ${type}`)
    return nullable ? fc.option(value) : value
  })
  return fc.array(fc.tuple(...row), { maxLength: 12 })
}

async function columnsOf(client: Client, table: string): Promise<readonly Column[]> {
  const { rows } = await client.query<{ name: string; type: string; nullable: string }>(
    `SELECT column_name AS name, udt_name AS type, is_nullable AS nullable FROM information_schema.columns
     WHERE table_name = $1 AND table_schema = 'public' ORDER BY ordinal_position`,
    [table],
  )
  return rows.map(({ name, type, nullable }) => ({ name, type, nullable: nullable === 'YES' }))
}

async function put(
  client: Client,
  table: string,
  columns: readonly Column[],
  rows: readonly (readonly unknown[])[],
): Promise<void> {
  for (const row of rows) {
    const places = columns.map(({ type }, i) => `$${i + 1}::${type === '_text' ? 'text[]' : type}`)
    await client.query(`INSERT INTO "${table}" VALUES (${places.join(', ')}) ON CONFLICT DO NOTHING`, [...row])
  }
}

describe('a backup', () => {
  it.each(['data', 'keys'] as const)(
    'of any rows of the %s database restores to the same rows',
    async (kind) => {
      const url = kind === 'data' ? source.dataUrl : source.keystoreUrl
      const client = new Client({ connectionString: url })
      await client.connect()
      // Not the ledger's own state, nor the secrets: a backup is signed with what they say.
      const tables = BACKUP_TABLES[kind]
        .map(({ name }) => name)
        .filter((name) => !['ledger_state', 'secret', 'epoch', 'head'].includes(name))
      const columns = new Map<string, readonly Column[]>()
      for (const table of tables) columns.set(table, await columnsOf(client, table))
      const content = fc.record(Object.fromEntries([...columns].map(([table, of]) => [table, rowsFor(of)])))
      try {
        await fc.assert(
          fc.asyncProperty(content, fc.integer({ min: 1, max: 20 }), async (rows, kilobytes) => {
            await client.query(`TRUNCATE ${tables.map((name) => `"${name}"`).join(', ')}`)
            const cells = rows['cell'] ?? []
            for (const table of tables) {
              const of = columns.get(table) ?? []
              // What refers to a cell or an epoch refers to one that is there.
              const referring = (rows[table] ?? []).flatMap((row, i) => {
                const cell = cells[i % cells.length]?.[0]
                const values = row.map((value, j) => {
                  if (table === 'cell') return value
                  return of[j]?.name === 'cell_id' ? cell : of[j]?.name === 'epoch' && table !== 'tag' ? 1 : value
                })
                return values.includes(undefined) ? [] : [values]
              })
              await put(client, table, of, referring)
            }
            const report = await backUpPlace(source, kind, {
              to: folder.path + `/${kind}`,
              recipients,
              partBytes: kilobytes * 1024,
            })
            await empty(target)
            if (kind === 'data') await copyKeyStore()
            await restoreInto(target, await verifyBackup(report.folder), identitiesOf(identity))
            const restored = kind === 'data' ? target.dataUrl : target.keystoreUrl
            expect(await rowsOf(restored, LEFT_OUT[kind])).toEqual(await rowsOf(url, LEFT_OUT[kind]))
          }),
          { numRuns: 8, interruptAfterTimeLimit: 100_000 },
        )
      } finally {
        await client.end()
      }
    },
    150_000,
  )

  it('shows nothing of a row in its names, its manifest or its files', async () => {
    const word = randomBytes(12)
    const client = new Client({ connectionString: source.dataUrl })
    await client.connect()
    await client.query(`INSERT INTO record VALUES (gen_random_uuid(), 'contact', 1, 1, $1)`, [word])
    await client.query(`INSERT INTO staff VALUES (gen_random_uuid(), $1, 'dpo', now())`, [word.toString('hex')])
    await client.end()
    const { folder: made } = await backUpPlace(source, 'data', { to: `${folder.path}/silent`, recipients })
    for (const path of await namesUnder(made)) {
      const content = await readFile(path, 'latin1')
      for (const form of [word.toString('latin1'), word.toString('hex'), word.toString('base64')]) {
        expect(path.includes(form) || content.includes(form)).toBe(false)
      }
    }
  })
})

/** The key store's secrets as they stand, without a backup's detour. */
async function copyKeyStore(): Promise<void> {
  const [from, to] = [
    new Client({ connectionString: source.keystoreUrl }),
    new Client({ connectionString: target.keystoreUrl }),
  ]
  await Promise.all([from.connect(), to.connect()])
  await takeSteps(to, 'keys', 0, MIGRATION_LEVELS.keys)
  const epochs = await from.query<{ line: string }>('SELECT row_to_json(e)::text AS line FROM epoch e')
  for (const { line } of epochs.rows) {
    await to.query('INSERT INTO epoch SELECT * FROM json_populate_record(NULL::epoch, $1)', [line])
  }
  const { rows } = await from.query<{ name: string; epoch: number; wrapped: Buffer }>('SELECT * FROM secret')
  for (const { name, epoch, wrapped } of rows) {
    await to.query('INSERT INTO secret VALUES ($1, $2, $3)', [name, epoch, wrapped])
  }
  await Promise.all([from.end(), to.end()])
}
