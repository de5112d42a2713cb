import { DoverieError, type Facts, type Instant, isDoverieError, type Uuid } from '@doverie/core/base'
import { applyEvent, type PersonEvent } from '@doverie/core/consent'
import { damagedKey } from '../seal/bound-key.ts'
import { seal, unseal } from '../seal/envelope.ts'
import { listAgedKeys } from '../store/aged-keys.ts'
import { type Queryable, transaction } from '../store/database.ts'
import { appendBatch } from '../store/ledger.ts'
import { lockRecords, putRecord, type SealedRecord } from '../store/records.ts'
import { insertEvents, lockFacts, saveFacts } from '../store/subjects.ts'
import { batchOf, makeEntry, NO_POLICY } from './entry.ts'
import { issuePermit } from './issue-permit.ts'
import { Person } from './people.ts'
import { RefKey } from './ref-key.ts'
import type { Vault } from './vault.ts'

/**
 * Puts what is held of a person under fresh keys, compartment by compartment where the key is older than `before`: one
 * transaction under their lock, with an entry in their history. The new keys are durable first; a crash leaves them unused, and the
 * next attempt takes them. Nothing is shown to anybody. Who reads meanwhile is decided anew. False where nothing was to be done.
 *
 * The former keys stay until the sweep drops them, so that data restored from a copy of before opens for that long.
 */
export async function resealPerson(vault: Vault, subject: Uuid, before: Instant): Promise<boolean> {
  const at = vault.now()
  const person = await vault.people.reload(subject, at)
  if (person.facts?.state !== 'live') return false
  try {
    return await transaction(vault.data, (tx) => resealWithin(vault, tx, person, before, at))
  } finally {
    vault.people.forget(subject)
  }
}

async function resealWithin(
  vault: Vault,
  tx: Queryable,
  known: Person,
  before: Instant,
  at: Instant,
): Promise<boolean> {
  const { subject } = known
  const locked = await lockFacts(tx, subject)
  if (locked?.facts.state !== 'live') return false
  const id = vault.newId()
  const permit = issuePermit({ subject, fields: [], compartments: locked.facts.held, decision: id })
  const aged = new Set(
    (await listAgedKeys(vault.keys, subject, before)).map((key) => `${key.compartment} ${key.generation}`),
  )
  const due = (await lockRecords(tx, permit)).filter(
    ({ sealed, compartment, generation }) => sealed !== null && aged.has(`${compartment} ${generation}`),
  )
  const cell = known.keys[0]?.cellId
  if (due.length === 0 || cell === undefined) return false
  await vault.ring.extend(subject, cell, new Map(due.map((record) => [record.compartment, record.generation + 1])), at)
  const keys = (await vault.ring.load([subject], at)).get(subject) ?? []
  const person = new Person(subject, locked.version, locked.facts, known.kRef, keys)
  const noted: Record<string, readonly string[]> = {}
  for (const record of due) {
    const next = resealed(vault, person, record)
    await putRecord(tx, subject, next.record)
    noted[record.compartment] = next.fields
  }
  await saveFacts(tx, subject, await noteFields(vault, tx, subject, locked.facts, noted, at))
  const compartments = due.map(({ compartment }) => compartment)
  const decision = {
    effect: 'permit' as const,
    clauses: [],
    causes: [],
    policy: vault.policy()?.id ?? NO_POLICY,
    until: null,
  }
  const content = { act: 'resealed', operation: 'store' as const, caller: null, compartments, decision }
  await appendBatch(tx, batchOf(vault.newId(), [makeEntry(content, id, person.kRef, vault.random(32), at)]), at)
  return true
}

/** Notes which fields compartments hold, where that was not known: of data from before it was noted as they were written. */
async function noteFields(
  vault: Vault,
  tx: Queryable,
  subject: Uuid,
  facts: Facts,
  found: Readonly<Record<string, readonly string[]>>,
  at: Instant,
): Promise<Facts> {
  const unknown = Object.entries(found).filter(([compartment]) => facts.fields?.[compartment] === undefined)
  if (unknown.length === 0) return facts
  const event: PersonEvent = { kind: 'fields-noted', fields: Object.fromEntries(unknown), at }
  await insertEvents(tx, subject, [{ id: vault.newId(), event }])
  return applyEvent(facts, event)
}

/**
 * Takes fields out of what is sealed of a person, as a replay does of data that came out of a copy of before they were destroyed: under the
 * person's lock, the compartments sealed anew under their next keys. What cannot be opened any more nobody reads: it stays.
 */
export async function resealWithout(
  vault: Vault,
  tx: Queryable,
  { subject, facts, version }: { readonly subject: Uuid; readonly facts: Facts; readonly version: number },
  gone: ReadonlyMap<string, readonly string[]>,
  at: Instant,
): Promise<void> {
  const permit = issuePermit({ subject, fields: [], compartments: [...gone.keys()], decision: vault.newId() })
  const due = (await lockRecords(tx, permit)).filter(({ sealed }) => sealed !== null)
  const cell = (await vault.ring.load([subject], at)).get(subject)?.[0]?.cellId
  if (due.length === 0 || cell === undefined) return
  await vault.ring.extend(subject, cell, new Map(due.map((record) => [record.compartment, record.generation + 1])), at)
  const keys = (await vault.ring.load([subject], at)).get(subject) ?? []
  const person = new Person(subject, version, facts, new RefKey(vault.random(32)), keys)
  for (const record of due) {
    try {
      await putRecord(tx, subject, resealed(vault, person, record, gone.get(record.compartment)).record)
    } catch (error) {
      if (!isDoverieError(error, 'key-missing')) throw error
    }
  }
}

/** The same value, but for fields that are to go, under the next generation's key, opened once more before it takes the old one's place. */
export function resealed(
  vault: Pick<Vault, 'random'>,
  person: Person,
  record: SealedRecord,
  gone: readonly string[] = [],
): { readonly record: SealedRecord; readonly fields: readonly string[] } {
  const { compartment, generation, version, sealed } = record
  if (sealed === null) throw new DoverieError('internal')
  const { subject } = person
  const held = unseal(
    person.key(compartment, generation),
    { subject, compartment, generation, part: 'record', version },
    sealed,
  )
  const values = Object.entries(JSON.parse(held.toString('utf8')) as object).filter(([field]) => !gone.includes(field))
  const plain = gone.length === 0 ? held : Buffer.from(JSON.stringify(Object.fromEntries(values)))
  const next = { subject, compartment, generation: generation + 1, part: 'record', version: version + 1 }
  const key = person.key(compartment, generation + 1)
  const bytes = seal(key, next, plain, vault.random(12))
  if (!unseal(key, next, bytes).equals(plain)) throw damagedKey('place')
  return {
    record: { compartment, generation: generation + 1, version: version + 1, sealed: bytes },
    fields: values.map(([field]) => field).sort(),
  }
}
