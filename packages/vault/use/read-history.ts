import { DoverieError, type Instant, isDoverieError } from '@doverie/core/base'
import { commitment, formatOpening, formatProofFile } from '@doverie/core/log'
import { type EntryToTell, type EntryWords, entryWords, type Policy } from '@doverie/core/policy'
import type { PersonCaller, SubjectCaller } from '../guard/caller.ts'
import { unframe } from '../guard/entry.ts'
import type { Vault } from '../guard/vault.ts'
import { sha256 } from '../seal/sha256.ts'
import { findPlaces, type LedgerBatch, loadPlaced } from '../store/ledger.ts'
import { policyNamed } from './adopt-policy.ts'
import { inclusionIn, treeWith } from './published-tree.ts'
import { admitPersonSide } from './admit-person-side.ts'

const DAY = 86_400_000

/** One entry of a person's history, with all that is needed to check it against the public tree. */
export interface HistoryEntry {
  readonly place: number
  /** The commitment, hex: SHA-256 of domain, salt and `body` exactly as given. */
  readonly leaf: string
  readonly salt: string
  readonly body: string
}

/**
 * The person's own history: who did what with their data, why, under which clause. Entries show up once they have a place in
 * the tree, within about a second.
 */
export async function readHistory(
  vault: Vault,
  caller: PersonCaller,
  range: { readonly from?: Instant | undefined; readonly to?: Instant | undefined } = {},
): Promise<readonly HistoryEntry[]> {
  await admitPersonSide(vault, caller, 'read-history')
  const places = await ownPlaces(vault, caller, range)
  const found: HistoryEntry[] = []
  // In pieces: a long history must not stand in memory with all its batches.
  for (let i = 0; i < places.length; i += 500) found.push(...(await entriesAt(vault, places.slice(i, i + 500))))
  return found
}

async function entriesAt(vault: Vault, places: readonly number[]): Promise<readonly HistoryEntry[]> {
  const batches = await loadPlaced(vault.data, places)
  const firsts = [...batches.keys()].sort((a, b) => a - b)
  return places.map((place) => {
    const first = firsts.findLast((one) => one <= place)
    const batch = first === undefined ? undefined : batches.get(first)
    if (first === undefined || batch === undefined) throw new DoverieError('ledger-inconsistent')
    return entryAt(batch, place, place - first)
  })
}

async function ownPlaces(
  vault: Vault,
  caller: PersonCaller,
  range: { readonly from?: Instant | undefined; readonly to?: Instant | undefined },
): Promise<readonly number[]> {
  const now = vault.now()
  const person = await vault.people.get(caller.subject, now)
  if (person.facts === null) throw new DoverieError('not-found')
  const from = Math.max(range.from ?? 0, person.facts.collectedAt)
  const buckets: Buffer[] = []
  for (let day = Math.floor(from / DAY); day <= Math.floor(Math.min(range.to ?? now, now) / DAY); day++) {
    buckets.push(person.kRef.bucket(day * DAY))
  }
  return findPlaces(vault.data, buckets)
}

function entryAt(batch: LedgerBatch, place: number, offset: number): HistoryEntry {
  const entry = unframe(batch.bodies, batch.entries)[offset]
  if (entry === undefined) throw new DoverieError('ledger-inconsistent')
  const leaf = commitment(entry.salt, entry.body, sha256)
  return { place, leaf: Buffer.from(leaf).toString('hex'), salt: entry.salt.toString('hex'), body: entry.body }
}

/**
 * The receipt of one of the person's own entries: the proof that it stands in the public tree, as a `.tlog-proof` file whose
 * `extra` opens it, so that it needs nothing else to be checked by, offline, also when the person is destroyed. With the witnesses'
 * cosignatures where the entry is in a tree that counts, with the ledger's signatures alone while it waits for that. Throws
 * `not-found` for a place that is not theirs: whose it is, is not told.
 */
export async function proveEntry(vault: Vault, caller: PersonCaller, place: number): Promise<string> {
  await admitPersonSide(vault, caller, 'read-history')
  const places = await ownPlaces(vault, caller, {})
  const tree = places.includes(place) ? await treeWith(vault, place) : null
  if (tree === null) throw new DoverieError('not-found')
  const [entry] = await entriesAt(vault, [place])
  if (entry === undefined) throw new DoverieError('ledger-inconsistent')
  const hashes = await inclusionIn(vault, place, tree)
  const extra = formatOpening({ salt: Buffer.from(entry.salt, 'hex'), body: entry.body })
  return formatProofFile({ extra, index: place, hashes, checkpoint: tree.checkpoint })
}

/** The receipt of an entry made lately, by its id; null while it has no place yet. */
export async function proveNewEntry(vault: Vault, caller: SubjectCaller, id: string): Promise<string | null> {
  const lately = await readHistory(vault, caller, { from: vault.now() - DAY })
  const found = lately.findLast(({ body }) => (JSON.parse(body) as { readonly id: string }).id === id)
  return found === undefined ? null : proveEntry(vault, caller, found.place)
}

/**
 * The secret by which the person's entries are known as theirs (`ref`), 64 hex digits. The person keeps it apart from their
 * receipts: whoever has it and the entries can tell which are theirs, for as long as either lasts. Throws `not-found` for nobody.
 */
export async function discloseLedgerSecret(vault: Vault, caller: SubjectCaller): Promise<string> {
  const person = await vault.people.get(caller.subject, vault.now())
  if (person.facts === null) throw new DoverieError('not-found')
  return person.kRef.disclose()
}

/** A history with each entry in plain words, by the version of the policy that judged it; null where that is not kept here. */
export async function tellHistory(
  vault: Vault,
  entries: readonly HistoryEntry[],
): Promise<readonly (HistoryEntry & { readonly words: EntryWords | null })[]> {
  const policies = new Map<string, Policy | null>()
  const told: (HistoryEntry & { readonly words: EntryWords | null })[] = []
  for (const entry of entries) {
    const said = JSON.parse(entry.body) as EntryToTell & { readonly policy: string }
    if (!policies.has(said.policy)) policies.set(said.policy, await keptPolicy(vault, said.policy))
    const policy = policies.get(said.policy) ?? null
    told.push({ ...entry, words: policy === null ? null : entryWords(policy, said) })
  }
  return told
}

async function keptPolicy(vault: Vault, version: string): Promise<Policy | null> {
  try {
    return await policyNamed(vault, version)
  } catch (error) {
    if (isDoverieError(error, 'not-found') || isDoverieError(error, 'policy-invalid')) return null
    throw error
  }
}
