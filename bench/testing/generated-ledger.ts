import { uuidFrom, type Facts, type Instant, type Uuid } from '@doverie/core/base'
import { decide, type Act, type Policy } from '@doverie/core/policy'
import type { Vault } from '@doverie/vault'
import { batchOf, makeEntry } from '../../packages/vault/guard/entry.ts'
import { RefKey } from '../../packages/vault/guard/ref-key.ts'

const DAY = 86_400_000
const PER_BATCH = 100
const BATCHES_AT_ONCE = 50
const COMPARTMENTS = ['identity', 'contact', 'consent', 'payment', 'contract']

export interface Generated {
  readonly people: number
  readonly entries: number
  readonly days: number
}

interface Somebody {
  readonly subject: Uuid
  readonly kRef: RefKey
  readonly facts: Facts
}

/**
 * Puts people with real keys, and recorded decisions of the last days with real buckets, into an empty installation, in bulk:
 * what `simulatePolicy` reads is as the guard would have left it. The entries have places and no tree, so nothing verifies.
 */
export async function generateLedger(vault: Vault, policy: Policy, shape: Generated): Promise<void> {
  const now = vault.now()
  const people = await makePeople(vault, shape, now)
  const acts = actsOf(policy)
  const total = Math.ceil(shape.entries / PER_BATCH)
  let place = 0
  for (let from = 0; from < total; from += BATCHES_AT_ONCE) {
    const rows = Array.from({ length: Math.min(BATCHES_AT_ONCE, total - from) }, (_, i) => {
      const at = Math.floor(now - shape.days * DAY + ((from + i) * shape.days * DAY) / total)
      const entries = Array.from({ length: Math.min(PER_BATCH, shape.entries - (from + i) * PER_BATCH) }, (_, j) => {
        const number = (from + i) * PER_BATCH + j
        const somebody = people[(number * 7919 + Math.floor(number / acts.length)) % people.length]
        const ask = acts[number % acts.length]
        if (somebody === undefined || ask === undefined) throw new Error('nobody')
        return entryOf(vault, policy, somebody, { ...ask, now: at })
      })
      return { ...batchOf(vault.newId(), entries), at: new Date(at) }
    })
    const firsts = rows.map(({ entries }) => (place += entries) - entries)
    await vault.data.query(
      `INSERT INTO ledger_batch (batch_id, at, entries, leaves, bodies, first_index)
       SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::int[], $4::bytea[], $5::bytea[], $6::bigint[])`,
      [
        rows.map(({ id }) => id),
        rows.map(({ at }) => at),
        rows.map(({ entries }) => entries),
        rows.map(({ leaves }) => leaves),
        rows.map(({ bodies }) => bodies),
        firsts,
      ],
    )
    if (from % 1_000 === 0) process.stderr.write(`  ${place} of ${shape.entries} entries\n`)
  }
  await vault.data.query('INSERT INTO ledger_state VALUES ($1, $2, $3, $4, now())', [
    vault.origin,
    place,
    Buffer.alloc(32),
    '',
  ])
  // What waits for a place would wait for ever: no integrator goes on from here.
  await vault.data.query('DELETE FROM ledger_batch WHERE first_index IS NULL')
  await vault.data.query('ANALYZE')
}

function entryOf(vault: Vault, policy: Policy, { kRef, facts }: Somebody, act: Act): ReturnType<typeof makeEntry> {
  const { actor, operation, purpose, entity, fields, ticket } = act
  const caller =
    actor.kind === 'service'
      ? {
          kind: 'service' as const,
          name: actor.name,
          credential: CREDENTIAL,
          entities: [],
          purposes: [],
          peoplePerHour: 1,
        }
      : { kind: 'staff' as const, name: actor.name, staff: CREDENTIAL, pseudonym: `${actor.name}-1` }
  const decision = decide(policy, act, facts)
  const content = {
    act: 'open',
    operation,
    caller,
    purpose,
    entity,
    fields,
    decision,
    ticket: ticket ? 'T-1' : undefined,
  }
  return makeEntry(content, vault.newId(), kRef, vault.random(32), act.now)
}

const CREDENTIAL = '00000000-0000-4000-8000-000000000002'

/** What a working day asks: most of it permitted, some refused. */
function actsOf(policy: Policy): readonly Omit<Act, 'now'>[] {
  const ask = (words: string, fields: readonly string[], ticket = false): Omit<Act, 'now'> => {
    const [kind = '', name = '', operation = '', purpose = ''] = words.split(' ')
    const actor = { kind: kind as 'service' | 'staff', name }
    return { actor, operation: operation as Act['operation'], purpose, entity: 'start', fields, ticket }
  }
  if (!policy.purposes.has('identification')) throw new Error('this is made for the shipped policy')
  return [
    ask('service billing extract identification', ['surname', 'given-name', 'patronymic', 'email', 'phone']),
    ask('service billing extract payment', ['payment-last4']),
    ask('service newsletter use marketing', ['email']),
    ask('staff support extract identification', ['surname', 'phone'], true),
    ask('service delivery extract identification', ['email']),
  ]
}

async function makePeople(vault: Vault, shape: Generated, now: Instant): Promise<readonly Somebody[]> {
  const people: Somebody[] = []
  const since = now - (shape.days + 10) * DAY
  let next = 0
  const worker = async (): Promise<void> => {
    for (let number = next++; number < shape.people; number = next++) {
      const subject = uuidFrom(vault.random(16))
      const keys = await vault.ring.create(subject, COMPARTMENTS, now)
      const ref = keys.find(({ compartment }) => compartment === 'ref')
      if (ref === undefined) throw new Error('no K_ref')
      people.push({ subject, kRef: new RefKey(ref.unwrap(subject)), facts: factsOf(number, subject, since) })
    }
  }
  await Promise.all(Array.from({ length: 4 }, worker))
  for (let i = 0; i < people.length; i += 1_000) {
    const some = people.slice(i, i + 1_000)
    await vault.data.query(
      'INSERT INTO subject SELECT id, 1, facts, $3 FROM unnest($1::uuid[], $2::jsonb[]) AS s (id, facts)',
      [some.map(({ subject }) => subject), some.map(({ facts }) => JSON.stringify(facts)), new Date(since)],
    )
  }
  process.stderr.write(`  ${people.length} people\n`)
  return people
}

function factsOf(number: number, contract: Uuid, since: Instant): Facts {
  const consent = { purpose: 'marketing', entity: 'start', since, until: null }
  return {
    state: 'live',
    held: [...COMPARTMENTS].sort(),
    dying: [],
    collectedAt: since,
    confirmedAt: number % 4 === 0 ? null : since + DAY,
    proved: ['email'],
    blocked: null,
    contracts: [{ id: contract, entity: 'start', service: 'dedicated-server', since, endedAt: null }],
    consents: number % 2 === 0 ? [consent] : [],
    closed: {},
    opened: [],
  }
}
