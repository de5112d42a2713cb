import type { Canonical } from '@doverie/core/base'
import { append, EMPTY_EDGE, leafHash, rootOf, signCheckpoint } from '@doverie/core/log'
import { batchOf, entriesOf, makeEntry, NO_POLICY } from '../guard/entry.ts'
import { RefKey } from '../guard/ref-key.ts'
import { generationOf, originOf, type Standing } from '../guard/standing.ts'
import type { Vault } from '../guard/vault.ts'
import { sha256 } from '../seal/sha256.ts'
import type { Queryable } from '../store/database.ts'
import { insertHistory } from '../store/ledger-history.ts'
import { appendBatch, insertLine, type LedgerLine, placeBatches, putTiles } from '../store/ledger.ts'
import { edgeOf } from './integrate-ledger.ts'
import { keysFor } from './ledger-keys.ts'

/** The act of the entry with which a ledger begins that follows another. */
const OPENING = 'open-ledger'

/** A ledger that was opened in place of another. */
export interface OpenedLedger {
  readonly origin: string
  readonly former: string
  /** The newest known size of the former one, and how many of its entries are kept. */
  readonly size: number
  readonly kept: number
  /** Of the first checkpoint under the new name. */
  readonly head: { readonly size: number; readonly checkpoint: string }
}

/**
 * INVARIANT: the ledger never forks silently. Where entries are lost that were published, or may be, the old name is never signed
 * under again. A ledger of the next name goes on from what is kept of the tree, in the transaction of the replay; its first entry
 * commits to the newest known checkpoint of the old one. So who kept a checkpoint within what is kept can prove that the tree goes
 * on from theirs, and who kept a later one holds the proof of what is gone.
 */
export async function openLedger(vault: Vault, tx: Queryable, standing: Standing): Promise<OpenedLedger> {
  const { line, head, origin: former } = standing
  const kept = line?.size ?? 0
  // What was published last under the name that ends here: the key store has seen it, unless it is the older one.
  const unseen = line !== null && line.origin === former && line.size > (head?.size ?? 0)
  const last = head === null || unseen ? line : head
  const origin = originOf(vault.baseOrigin, (generationOf(vault.baseOrigin, former) ?? 1) + 1)
  const at = vault.now()
  const detail: { readonly [key: string]: Canonical } = {
    origin,
    follows: former,
    checkpoint: last?.checkpoint ?? null,
    size: last?.size ?? 0,
    kept,
  }
  const decision = { effect: 'permit' as const, clauses: [], causes: [], policy: NO_POLICY, until: null }
  const content = { act: OPENING, operation: null, caller: null, decision, detail }
  const entry = makeEntry(content, vault.newId(), new RefKey(vault.random(32)), vault.random(32), at)
  const batch = batchOf(vault.newId(), [entry])
  await appendBatch(tx, batch, at)
  await placeBatches(tx, [{ batch: batch.id, firstIndex: kept }])
  const [framed] = entriesOf(batch)
  if (framed !== undefined) await insertHistory(tx, framed.bucket, kept)
  const grown = append(line === null ? EMPTY_EDGE : await edgeOf(tx, line), [leafHash(batch.leaves, sha256)], sha256)
  await putTiles(
    tx,
    grown.tiles.map(({ tile, bytes }) => ({ level: Number(tile.level), n: tile.index, hashes: bytes })),
  )
  const root = rootOf(grown.edge, sha256)
  const { size } = grown.edge
  const { signers } = keysFor(vault.secrets.ledgerSeed, origin)
  const time = Math.floor(at / 1000)
  const checkpoint = signCheckpoint({ origin, size, root, extensions: [] }, signers, time)
  const opened: LedgerLine = {
    origin,
    size,
    root,
    checkpoint,
    since: kept,
    follows: last?.checkpoint ?? null,
    previous: null,
  }
  await insertLine(tx, opened, line?.origin ?? former, at)
  return { origin, former, size: last?.size ?? 0, kept, head: { size, checkpoint } }
}
