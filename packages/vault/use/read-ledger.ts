import {
  type Checkpoint,
  commitment,
  encodeBundle,
  formatTrustPolicy,
  formatVerifierKey,
  MINIMUM,
  type LogReport,
  parseTilePath,
  TILE_WIDTH,
  tileWidth,
  verifyLog,
  type VerifyLogOptions,
} from '@doverie/core/log'
import { isDoverieError, utf8 } from '@doverie/core/base'
import { entriesOf } from '../guard/entry.ts'
import type { FramedEntry } from '../guard/pack.ts'
import type { Vault } from '../guard/vault.ts'
import { sha256 } from '../seal/sha256.ts'
import type { Queryable } from '../store/database.ts'
import { loadHead } from '../store/journal.ts'
import { loadFinal } from '../store/ledger-final.ts'
import { loadMinimum, whileUnpacked } from '../store/ledger-packs.ts'
import { type LedgerBatch, loadLeaves, loadPending, loadPlacedBetween, loadState, loadTiles } from '../store/ledger.ts'
import { HistoryCheck, type HistoryFault, historyFault } from './check-history.ts'
import { ledgerKeys } from './ledger-keys.ts'
import { finalTree, signedTree } from './published-tree.ts'

/** The newest checkpoint that counts, a signed note, with cosignatures where witnesses are asked for; null before the first. */
export async function readCheckpoint(vault: Vault): Promise<string | null> {
  return (await finalTree(vault))?.checkpoint ?? null
}

/** The policy of trust under which this ledger publishes (c2sp.org/tlog-policy): its own keys, its witnesses, their quorum. */
export function ledgerPolicy(vault: Vault): Uint8Array {
  const logs = ledgerKeys(vault).verifiers.map((key) => ({ key, url: null }))
  return formatTrustPolicy({ ...vault.trust, logs })
}

/** The ledger's verifier key (C2SP signed-note vkey): the Ed25519 one, which every verifier knows. */
export function ledgerKey(vault: Vault): string {
  return formatVerifierKey(ledgerKeys(vault).verifiers[0])
}

/**
 * A public tile or entry bundle by its path under the log's prefix (C2SP tlog-tiles), or null where the published tree has no
 * such tile. Every width up to the published one is served: a narrower tile is a prefix of a wider one.
 */
export async function readTile(vault: Vault, path: string): Promise<Uint8Array | null> {
  const tile = parsedTile(path)
  const state = await loadState(vault.data, vault.origin)
  if (tile === null || state === null) return null
  const { level, index, width } = tile
  if (width > tileWidth(level, index, state.size)) return null
  if (level === 'entries') {
    // Every width of a bundle that is gone.
    if (index * TILE_WIDTH < (await loadMinimum(vault.data))) return null
    const leaves = await loadLeaves(vault.data, index * TILE_WIDTH, index * TILE_WIDTH + width)
    return encodeBundle(Array.from({ length: width }, (_, i) => leaves.subarray(i * 32, (i + 1) * 32)))
  }
  const [stored] = await loadTiles(vault.data, [{ level, n: index }])
  return stored === undefined ? null : stored.hashes.subarray(0, width * 32)
}

function parsedTile(path: string): ReturnType<typeof parseTilePath> | null {
  try {
    return parseTilePath(path)
  } catch (error) {
    if (isDoverieError(error)) return null
    throw error
  }
}

export type LedgerReport = LogReport | HistoryFault

const STRETCH = 4_096
const PRUNING = '{"act":"prune-ledger",'
const WAITING_BATCHES = 1_000

/**
 * Re-hashes the whole ledger of this database: signature, every private body against its public entry, every tile, the root,
 * and the index by which people find their own entries against the bodies. The tree must continue the one the key store has
 * seen last, the one that witnesses cosigned last, and each of the `earlier` checkpoints that somebody kept. The report names the first entry or tile that is not as it was.
 */
export function verifyLedger(
  vault: Vault,
  onProgress: (done: number, size: number) => void = () => undefined,
  earlier: readonly string[] = [],
): Promise<LedgerReport> {
  return whileUnpacked(vault.data, () => verify(vault, onProgress, earlier))
}

async function verify(
  vault: Vault,
  onProgress: (done: number, size: number) => void,
  earlier: readonly string[],
): Promise<LedgerReport> {
  const seen = await loadHead(vault.keys, vault.origin)
  const history = await HistoryCheck.begin(vault)
  const final = await loadFinal(vault.data, vault.origin)
  const kept = final === null ? earlier : [...earlier, final.checkpoint]
  const stated = new StatedMinimum()
  const report = await rehash(vault, { onProgress, earlier: kept }, async (entries) => {
    stated.take(entries.values())
    await history.take(entries)
  })
  if (report.ok && report.since > 0 && !(await stated.says(vault, report.since))) {
    const fault = { kind: 'missing', path: MINIMUM, from: 0, to: report.since, expected: null, found: null } as const
    return { ok: false, fault, checkpoint: checkpointOf(report) }
  }
  const { unlisted } = history
  if (unlisted !== null && (report.ok || unlisted < report.fault.from)) {
    return historyFault(unlisted, report.ok ? checkpointOf(report) : report.checkpoint)
  }
  if (!report.ok) return report
  // Every entry is as this tree has it; whether the tree goes on from the one seen last is asked apart, so that each is named.
  const goesOn = seen === null || seen.checkpoint === (await signedTree(vault))?.checkpoint
  const continued = goesOn ? report : await rehash(vault, { earlier: [seen.checkpoint] })
  const surplus = continued.ok ? await history.surplus(report.size) : null
  return surplus === null ? continued : historyFault(surplus, checkpointOf(report))
}

function checkpointOf({ origin, size, root }: Extract<LogReport, { ok: true }>): Checkpoint {
  return { origin, size, root, extensions: [] }
}

function rehash(
  vault: Vault,
  options: Pick<VerifyLogOptions, 'onProgress' | 'earlier'>,
  onEntries: (entries: ReadonlyMap<number, FramedEntry>) => Promise<void> = () => Promise.resolve(),
): Promise<LogReport> {
  const ahead = new ReadAhead(vault)
  return verifyLog((path) => readOwn(vault, path), ledgerKey(vault), {
    ...options,
    sha256,
    since: Number.MAX_SAFE_INTEGER,
    entries: async (from, to) => {
      const held = await ahead.take(from, to)
      await onEntries(held)
      return Array.from({ length: to - from }, (_, i) => {
        const entry = held.get(from + i)
        return entry === undefined ? null : commitment(entry.salt, entry.body, sha256)
      })
    },
  })
}

/**
 * INVARIANT: nothing is missing that no entry says was pruned. A row alone could say so, too; an entry is in the public tree for
 * ever, and lies after what it let go.
 */
class StatedMinimum {
  #minimum = 0

  take(entries: Iterable<FramedEntry>): void {
    for (const { body } of entries) {
      if (!body.startsWith(PRUNING)) continue
      const { detail } = JSON.parse(body) as { readonly detail?: { readonly minimum?: number } }
      this.#minimum = Math.max(this.#minimum, detail?.minimum ?? 0)
    }
  }

  /** Also where that entry still waits for its place. */
  async says(vault: Vault, minimum: number): Promise<boolean> {
    if (this.#minimum === minimum) return true
    for (const batch of await loadPending(vault.data, WAITING_BATCHES)) this.take(framesOf(batch))
    return this.#minimum === minimum
  }
}

/** Entries read in order, in longer stretches than they are asked for: some thousand lie in one pack. */
class ReadAhead {
  readonly #vault: Vault
  #held: ReadonlyMap<number, FramedEntry> = new Map()
  #end = 0

  constructor(vault: Vault) {
    this.#vault = vault
  }

  async take(from: number, to: number): Promise<ReadonlyMap<number, FramedEntry>> {
    if (from < this.#end - STRETCH || to > this.#end) {
      this.#end = Math.max(to, from + STRETCH)
      this.#held = await entriesBetween(this.#vault.data, from, this.#end)
    }
    const found = new Map<number, FramedEntry>()
    for (let place = from; place < to; place++) {
      const entry = this.#held.get(place)
      if (entry !== undefined) found.set(place, entry)
    }
    return found
  }
}

/** As `readPublic`, but up to the newest tree that was signed, whether it counts by now or not. */
async function readOwn(vault: Vault, path: string): Promise<Uint8Array | null> {
  if (path !== 'checkpoint') return readPublic(vault, path)
  const signed = await signedTree(vault)
  return signed === null ? null : utf8(signed.checkpoint)
}

/** The private entries at the places from `from` up to, not including, `to`, in their order; lost ones are absent. */
export async function entriesBetween(
  db: Queryable,
  from: number,
  to: number,
): Promise<ReadonlyMap<number, FramedEntry>> {
  const found = new Map<number, FramedEntry>()
  for (const { firstIndex, batch } of await loadPlacedBetween(db, from, to)) {
    for (const [i, entry] of framesOf(batch).entries()) {
      const place = firstIndex + i
      if (place >= from && place < to) found.set(place, entry)
    }
  }
  return found
}

/** A batch whose frames do not fill it has lost its bodies: all of them count as missing. */
function framesOf(batch: LedgerBatch): readonly FramedEntry[] {
  try {
    return entriesOf(batch)
  } catch (error) {
    if (isDoverieError(error, 'ledger-inconsistent')) return []
    throw error
  }
}

/** A resource of the public log by its path under the log's prefix, as anybody is shown it; null where there is none. */
export async function readPublic(vault: Vault, path: string): Promise<Uint8Array | null> {
  if (path === MINIMUM) {
    const minimum = await loadMinimum(vault.data)
    return minimum === 0 ? null : utf8(`${minimum}\n`)
  }
  if (path !== 'checkpoint') return readTile(vault, path)
  const checkpoint = await readCheckpoint(vault)
  return checkpoint === null ? null : utf8(checkpoint)
}
