import { demandTicket } from './demands/demand-ticket.ts'
import { DoverieError, type Instant, isDoverieError } from '@doverie/core/base'
import { commitment, formatOpening, formatProofFile } from '@doverie/core/log'
import { type EntryToTell, type EntryWords, entryWords, type Policy } from '@doverie/core/policy'
import type { PersonCaller, SubjectCaller } from '../guard/caller.ts'
import { entriesOf } from '../guard/entry.ts'
import type { FramedEntry } from '../guard/pack.ts'
import type { Vault } from '../guard/vault.ts'
import { listSecretNumbers } from '../store/demands.ts'
import { listHiddenEntries } from '../store/disclosures.ts'
import { sha256 } from '../seal/sha256.ts'
import { findPlaces, type DayBucket } from '../store/ledger-history.ts'
import { loadPlaced } from '../store/ledger.ts'
import { policyNamed } from './adopt-policy.ts'
import { inclusionIn, treeWith } from './published-tree.ts'
import { admitPersonSide, decideOnOwn } from './admit-person-side.ts'

const DAY = 86_400_000
/** Entries looked for at once. */
const PIECE = 100

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
 * the tree, within about a second; what a norm forbids to tell (a demand of an authority) from its day on.
 */
export async function readHistory(
  vault: Vault,
  caller: PersonCaller,
  range: { readonly from?: Instant | undefined; readonly to?: Instant | undefined } = {},
): Promise<readonly HistoryEntry[]> {
  await admitPersonSide(vault, caller, 'read-history')
  const own = await ownBuckets(vault, caller, range)
  const places = await findPlaces(vault.data, own)
  const hidden = await hiddenFrom(vault, caller.subject)
  const found: HistoryEntry[] = []
  // In pieces: a long history must not stand in memory with all its batches.
  for (let i = 0; i < places.length; i += PIECE)
    found.push(...(await ownEntries(vault, places.slice(i, i + PIECE), own)).filter((entry) => isShown(entry, hidden)))
  return found
}

/** What a person must not be told of yet: entries of lines of the register, and all that was tried under a demand, refusals too. */
interface Hidden {
  readonly entries: ReadonlySet<string>
  readonly tickets: ReadonlySet<string>
}

async function hiddenFrom(vault: Vault, subject: string): Promise<Hidden> {
  const now = vault.now()
  const entries = await listHiddenEntries(vault.data, subject, now)
  return { entries, tickets: new Set((await listSecretNumbers(vault.data, now)).map(demandTicket)) }
}

function isShown({ body }: HistoryEntry, { entries, tickets }: Hidden): boolean {
  if (entries.size + tickets.size === 0) return true
  const { id, recipient, ticket } = JSON.parse(body) as Readonly<Record<string, string | undefined>>
  const asked = recipient !== undefined && ticket !== undefined && tickets.has(ticket)
  return !asked && !entries.has(id ?? '')
}

/** The entries at these places that lie in the given buckets, in order. */
async function ownEntries(
  vault: Vault,
  places: readonly number[],
  own: readonly DayBucket[],
): Promise<readonly HistoryEntry[]> {
  const batches = await loadPlaced(vault.data, places)
  const firsts = [...batches.keys()].sort((a, b) => a - b)
  const held = Map.groupBy(places, (place) => firsts.findLast((first) => first <= place))
  const buckets = new Set(own.map(({ bucket }) => bucket.toString('latin1')))
  const found: HistoryEntry[] = []
  for (const [first, those] of held) {
    const batch = first === undefined ? undefined : batches.get(first)
    if (first === undefined || batch === undefined) throw new DoverieError('ledger-inconsistent')
    // A batch is let go before the next is opened: put together, some thousand entries lie in one.
    const entries = entriesOf(batch)
    for (const place of those) {
      const entry = entries[place - first]
      if (entry === undefined) throw new DoverieError('ledger-inconsistent')
      if (buckets.has(entry.bucket.toString('latin1'))) found.push(entryAt(entry, place))
    }
  }
  return found
}

async function ownBuckets(
  vault: Vault,
  caller: PersonCaller,
  range: { readonly from?: Instant | undefined; readonly to?: Instant | undefined },
): Promise<readonly DayBucket[]> {
  const now = vault.now()
  const person = await vault.people.get(caller.subject, now)
  if (person.facts === null) throw new DoverieError('not-found')
  const from = Math.max(range.from ?? 0, person.facts.collectedAt)
  const buckets: DayBucket[] = []
  for (let day = Math.floor(from / DAY); day <= Math.floor(Math.min(range.to ?? now, now) / DAY); day++) {
    buckets.push({ bucket: person.kRef.bucket(day * DAY), day: day * DAY })
  }
  return buckets
}

function entryAt(entry: FramedEntry, place: number): HistoryEntry {
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
  const own = await ownBuckets(vault, caller, {})
  const listed = (await findPlaces(vault.data, own)).includes(place)
  const hidden = await hiddenFrom(vault, caller.subject)
  const [entry] = (listed ? await ownEntries(vault, [place], own) : []).filter((one) => isShown(one, hidden))
  const tree = entry === undefined ? null : await treeWith(vault, place)
  if (entry === undefined || tree === null) throw new DoverieError('not-found')
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
 * receipts: whoever has it and the entries can tell which are theirs, for as long as either lasts. That it was given out is entered
 * before it is: who took over a session must not take it unseen. Throws `not-found` for nobody, `forbidden` where the policy refuses.
 */
export async function discloseLedgerSecret(vault: Vault, caller: SubjectCaller): Promise<string> {
  const person = await vault.people.get(caller.subject, vault.now())
  if (person.facts === null) throw new DoverieError('not-found')
  await decideOnOwn(vault, caller, 'show-ledger-secret')
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
