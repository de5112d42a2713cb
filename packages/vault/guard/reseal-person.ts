import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import { damagedKey } from '../seal/bound-key.ts'
import { seal, unseal } from '../seal/envelope.ts'
import { listAgedKeys } from '../store/aged-keys.ts'
import { type Queryable, transaction } from '../store/database.ts'
import { appendBatch } from '../store/ledger.ts'
import { lockRecords, putRecord, type SealedRecord } from '../store/records.ts'
import { lockFacts, saveFacts } from '../store/subjects.ts'
import { batchOf, makeEntry, NO_POLICY } from './entry.ts'
import { issuePermit } from './issue-permit.ts'
import { Person } from './people.ts'
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
  for (const record of due) await putRecord(tx, subject, resealed(vault, person, record))
  await saveFacts(tx, subject, locked.facts)
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

/** The same value under the next generation's key, opened once more before it takes the old one's place. */
function resealed(vault: Vault, person: Person, record: SealedRecord): SealedRecord {
  const { compartment, generation, version, sealed } = record
  if (sealed === null) throw new DoverieError('internal')
  const { subject } = person
  const plain = unseal(
    person.key(compartment, generation),
    { subject, compartment, generation, part: 'record', version },
    sealed,
  )
  const next = { subject, compartment, generation: generation + 1, part: 'record', version: version + 1 }
  const key = person.key(compartment, generation + 1)
  const bytes = seal(key, next, plain, vault.random(12))
  if (!unseal(key, next, bytes).equals(plain)) throw damagedKey('place')
  return { compartment, generation: generation + 1, version: version + 1, sealed: bytes }
}
