import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openInstallation } from '@doverie/server/installation'
import { openOffline } from '@doverie/server/offline'
import { collectForm, issueCredential, showForm, type Vault } from '@doverie/vault'
import pg from 'pg'
import { benchPerson } from './people.ts'

export interface Seeded {
  /** Subject ids by the number of the person. */
  readonly subjects: readonly string[]
  readonly token: string
}

export interface BenchInstallation {
  readonly dataUrl: string
  readonly keystoreUrl: string
  readonly keysDir: string
  readonly close: () => Promise<void>
}

const WORKERS = 16
const DPO = { kind: 'staff', name: 'dpo', staff: '00000000-0000-4000-8000-000000000001', pseudonym: 'bench' } as const

/** The bench's own embedded PostgreSQL, with fsync on as any other. */
export function openBench(folder: string): Promise<BenchInstallation> {
  const log = { info: () => undefined, warn: (line: string) => void process.stderr.write(`${line}\n`) }
  const lost = (reason: string): void => {
    throw new Error(reason)
  }
  return openInstallation({ dataDir: join(folder, 'data'), keysDir: join(folder, 'keys'), env: {}, log, onLost: lost })
}

/**
 * Collects `count` people through the form of the policy, as the site would, and puts the same values into a plain table for
 * the bare twin. Done once per folder and count; later runs reuse it.
 */
export async function seed(at: BenchInstallation, folder: string, count: number, policyDir: string): Promise<Seeded> {
  const file = join(folder, `seeded-${count}.json`)
  if (existsSync(file)) return JSON.parse(await readFile(file, 'utf8')) as Seeded
  const vault = await openOffline(at, policyDir, 'bench.example/log')
  try {
    const seeded = { subjects: await collectAll(vault, count), token: await credential(vault) }
    await fillBare(at.dataUrl, seeded.subjects)
    await writeFile(file, JSON.stringify(seeded))
    return seeded
  } finally {
    await vault.close()
  }
}

async function collectAll(vault: Vault, count: number): Promise<string[]> {
  const { snapshot } = await showForm(vault, 'registration')
  const evidence = { address: '127.0.0.1', agent: 'bench', language: 'ru' }
  const subjects: string[] = []
  let next = 0
  const begun = Date.now()
  const worker = async (): Promise<void> => {
    for (let number = next++; number < count; number = next++) {
      const { surname, givenName, patronymic, email, phone } = benchPerson(number)
      const values = { surname, 'given-name': givenName, patronymic, email, phone }
      const form = { form: 'registration', snapshot, entity: 'start', values, consents: [], age: 'adult', evidence }
      const { subject } = await collectForm(vault, null, form)
      if (subject === undefined) throw new Error('a registration was refused')
      subjects[number] = subject
      if (number % 5_000 === 0) process.stderr.write(`  ${number} of ${count} people collected\n`)
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, worker))
  process.stderr.write(`  ${count} people collected, ${Math.round((count * 1000) / (Date.now() - begun))}/s\n`)
  return subjects
}

async function credential(vault: Vault): Promise<string> {
  const scope = { actor: 'billing', entities: ['start'], purposes: ['identification'] }
  const issued = await issueCredential(vault, DPO, { ...scope, peoplePerHour: 1_000_000, expiresInDays: 3650 })
  return issued.token
}

/** The bare twin's table: the same row in plaintext, with its primary key and nothing else. */
async function fillBare(dataUrl: string, subjects: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: dataUrl })
  await client.connect()
  await client.query(`DROP TABLE IF EXISTS bare_person;
    CREATE TABLE bare_person (id uuid PRIMARY KEY, surname text, given_name text, patronymic text, email text, phone text)`)
  for (let from = 0; from < subjects.length; from += 1_000) {
    const ids = subjects.slice(from, from + 1_000)
    const people = ids.map((_, i) => benchPerson(from + i))
    await client.query(
      'INSERT INTO bare_person SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])',
      [
        ids,
        people.map((person) => person.surname),
        people.map((person) => person.givenName),
        people.map((person) => person.patronymic),
        people.map((person) => person.email),
        people.map((person) => person.phone),
      ],
    )
  }
  await client.query('VACUUM ANALYZE')
  await client.end()
}
