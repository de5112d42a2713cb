import { type Database, DATABASES, query, tableBytes } from '../installation/tables.ts'
import type { Traveller } from '../journey/journey.ts'
import type { NeedleIndex } from '../disk/needle-index.ts'
import { grouped, type Proof, proof } from './proof.ts'

/** The kinds of identifiers that lie in a compartment. */
const TAGGED: Readonly<Record<string, readonly string[]>> = {
  contact: ['email', 'phone'],
  contract: ['contract-number'],
}

/** The database holds no key of what was destroyed, and no sealed bytes either. */
export async function proveKeysGone(data: string, travellers: readonly Traveller[]): Promise<Proof> {
  const people = travellers.flatMap(({ state, former }) => (state.destroyed ? [state.subject, ...former] : former))
  const parts = travellers.flatMap(({ state }) =>
    state.destroyed ? [] : [...state.lost].map((name) => `${state.subject} ${name}`),
  )
  const tagged = travellers.flatMap(({ state }) =>
    state.destroyed
      ? []
      : [...state.lost].flatMap((name) => (TAGGED[name] ?? []).map((kind) => `${state.subject} ${kind}`)),
  )
  const left = async (database: Database, text: string, some: readonly string[]): Promise<number> =>
    Number((await query(data, database, text, [people, some]))[0]?.['n'])
  const where = `subject_id = ANY($1::uuid[]) OR subject_id || ' ' || compartment = ANY($2::text[])`
  const keys = await left('doverie_keys', `SELECT count(*) AS n FROM key WHERE ${where}`, parts)
  const sealed = await left(
    'doverie',
    `SELECT count(*) AS n FROM record WHERE sealed IS NOT NULL AND (${where})`,
    parts,
  )
  const whose = `subject_id = ANY($1::uuid[]) OR subject_id || ' ' || kind = ANY($2::text[])`
  const tags = await left('doverie_keys', `SELECT count(*) AS n FROM tag WHERE ${whose}`, tagged)
  return proof(
    'their keys, sealed bytes and tags are gone',
    keys + sealed + tags === 0,
    `${people.length} people and ${parts.length} compartments: ${keys} keys, ${sealed} records, ${tags} tags left`,
  )
}

/** No row of any table holds a canary, looked at as the database gives it: pages on disk may be compressed. */
export async function proveTables(data: string, index: NeedleIndex, ignore: ReadonlySet<string>): Promise<Proof> {
  let bytes = 0
  const found = new Map<string, number>()
  for (const database of DATABASES) {
    for await (const part of tableBytes(data, database)) {
      bytes += part.bytes.length
      index.search(part.bytes, 0, part.bytes.length, ({ canary, encoding }) => {
        if (ignore.has(canary.text)) return
        const where = `${canary.field} as ${encoding} in ${database}.${part.table}`
        found.set(where, (found.get(where) ?? 0) + 1)
      })
    }
  }
  const where = [...found].map(([place, times]) => `${times} × ${place}`).slice(0, 5)
  const detail = `${grouped(bytes / 1e6)} MB of rows, decompressed${where.length === 0 ? '' : `; found ${where.join(', ')}`}`
  return proof('no canary in any row of either database', found.size === 0 && bytes > 0, detail)
}
