import { DoverieError, type Instant } from '@doverie/core/base'
import { commitment, formatProofFile } from '@doverie/core/log'
import type { SubjectCaller } from '../guard/caller.ts'
import { unframe } from '../guard/entry.ts'
import type { Vault } from '../guard/vault.ts'
import { sha256 } from '../seal/sha256.ts'
import { findPlaces, type LedgerBatch, loadPlaced } from '../store/ledger.ts'
import { inclusionIn, treeWith } from './published-tree.ts'

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
  caller: SubjectCaller,
  range: { readonly from?: Instant | undefined; readonly to?: Instant | undefined } = {},
): Promise<readonly HistoryEntry[]> {
  const places = await ownPlaces(vault, caller, range)
  const found: HistoryEntry[] = []
  // In pieces: a long history must not stand in memory with all its batches.
  for (let i = 0; i < places.length; i += 500) {
    const some = places.slice(i, i + 500)
    const batches = await loadPlaced(vault.data, some)
    const firsts = [...batches.keys()].sort((a, b) => a - b)
    for (const place of some) {
      const first = firsts.findLast((one) => one <= place)
      const batch = first === undefined ? undefined : batches.get(first)
      if (first === undefined || batch === undefined) throw new DoverieError('ledger-inconsistent')
      found.push(entryAt(batch, place, place - first))
    }
  }
  return found
}

async function ownPlaces(
  vault: Vault,
  caller: SubjectCaller,
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
 * The proof that one of the person's own entries stands in the public tree, as a `.tlog-proof` file: with the witnesses'
 * cosignatures where the entry is in a tree that counts, with the ledger's signatures alone while it waits for that. Throws
 * `not-found` for a place that is not theirs: whose it is, is not told.
 */
export async function proveEntry(vault: Vault, caller: SubjectCaller, place: number): Promise<string> {
  const places = await ownPlaces(vault, caller, {})
  const tree = places.includes(place) ? await treeWith(vault, place) : null
  if (tree === null) throw new DoverieError('not-found')
  const hashes = await inclusionIn(vault, place, tree)
  return formatProofFile({ extra: null, index: place, hashes, checkpoint: tree.checkpoint })
}
