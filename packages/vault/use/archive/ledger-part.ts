import { type ArchivedPrefix, base64, type ProvedEntry, type Canonical, canonical, fromHex } from '@doverie/core/base'
import {
  EMPTY_ROOT,
  edgeFromTiles,
  edgeTiles,
  planConsistency,
  isWitnessed,
  openCheckpoint,
  planInclusion,
  policyKeys,
  type ProofPlan,
  proofFromTiles,
  rootOf,
} from '@doverie/core/log'
import type { Vault } from '../../guard/vault.ts'
import { NODE_VERIFIERS } from '../../seal/note-crypto.ts'
import { sha256 } from '../../seal/sha256.ts'
import type { ArchivePeriod } from '../../store/archive.ts'
import type { Queryable } from '../../store/database.ts'
import { type KeptCheckpoint, listKeptBefore, listKeptFrom } from '../../store/ledger-final.ts'
import { loadTiles } from '../../store/ledger.ts'
import { findPeriod } from '../../store/simulation.ts'
import { ledgerKeys } from '../ledger-keys.ts'
import type { FoundEntry } from './cite-entries.ts'

/**
 * The ledger as it was when a period began and when it ended, each with the proof that the tree of `size` continues it: at the checkpoint that
 * was signed last before the period, and the first one that holds all of it, where these were kept and still count.
 */
export async function grownIn(
  vault: Vault,
  tx: Queryable,
  { begin, end }: ArchivePeriod,
  size: number,
): Promise<{ readonly begin: ArchivedPrefix; readonly end: ArchivedPrefix }> {
  const places = await findPeriod(tx, begin, end)
  const before = Math.min(places?.first ?? (await findPeriod(tx, 0, begin))?.end ?? 0, size)
  const after = Math.min(places?.end ?? before, size)
  const first = await listKeptBefore(tx, vault.origin, begin, before)
  const last = await listKeptFrom(tx, vault.origin, after, size)
  return {
    begin: await prefixOf(tx, first.find(counts(vault)) ?? { size: before, checkpoint: null }, size),
    end: await prefixOf(tx, last.find(counts(vault)) ?? { size: after, checkpoint: null }, size),
  }
}

/** Whether a checkpoint that was kept has the signatures that are asked for today. */
function counts(vault: Vault): (kept: KeptCheckpoint) => boolean {
  const keys = [...ledgerKeys(vault).verifiers, ...policyKeys(vault.trust)]
  return ({ checkpoint }) => {
    try {
      const { verified } = openCheckpoint(checkpoint, vault.origin, keys, NODE_VERIFIERS)
      return vault.trust.quorum === 'none' || isWitnessed(vault.trust, verified)
    } catch {
      // By a key that is none of today's: an archive proves nothing by it, and goes without it.
      return false
    }
  }
}

/** The tree as it was at a smaller size, with the proof that the present one continues it. */
async function prefixOf(
  tx: Queryable,
  { size: from, checkpoint }: { readonly size: number; readonly checkpoint: string | null },
  size: number,
): Promise<ArchivedPrefix> {
  if (from === 0) return { size: 0, root: base64(EMPTY_ROOT), proof: [], checkpoint: null }
  const plan = planConsistency(from, size)
  const [stored, edge] = [new Tiles(tx), edgeTiles(from)]
  await stored.fetch([{ tiles: edge }, plan])
  const root = rootOf(
    edgeFromTiles(from, ({ level, index }) => stored.get(level, index) ?? undefined),
    sha256,
  )
  return { size: from, root: base64(root), proof: stored.proof(plan).map(base64), checkpoint }
}

const TOGETHER = 128

/** Lines of the entries named by registers, in the order of their places, each with its way to the root. */
export async function* provedLines(
  tx: Queryable,
  entries: readonly FoundEntry[],
  size: number,
): AsyncGenerator<string> {
  const tiles = new Tiles(tx)
  yield '['
  for (let at = 0; at < entries.length; at += TOGETHER) {
    const some = entries.slice(at, at + TOGETHER).map((entry) => ({ entry, plan: planInclusion(entry.place, size) }))
    await tiles.fetch(some.map(({ plan }) => plan))
    for (const [i, { entry, plan }] of some.entries()) {
      const { place, leaf } = entry
      const proved: ProvedEntry = {
        place,
        leaf: base64(fromHex(leaf) ?? new Uint8Array()),
        proof: tiles.proof(plan).map(base64),
      }
      yield `${at + i === 0 ? '' : ','}\n${canonical(proved as unknown as Canonical)}`
    }
  }
  yield '\n]\n'
}

/** Tiles held for as long as neighbours need them. */
class Tiles {
  readonly #tx: Queryable
  #held: ReadonlyMap<string, Uint8Array> = new Map()

  constructor(tx: Queryable) {
    this.#tx = tx
  }

  async fetch(plans: readonly Pick<ProofPlan, 'tiles'>[]): Promise<void> {
    const wanted = new Map(
      plans
        .flatMap(({ tiles }) => tiles)
        .map(({ level, index }) => [`${level}/${index}`, { level: Number(level), n: index }]),
    )
    const kept = [...this.#held].filter(([name]) => wanted.has(name))
    const missing = [...wanted].filter(([name]) => !this.#held.has(name)).map(([, tile]) => tile)
    const loaded = await loadTiles(this.#tx, missing)
    this.#held = new Map([...kept, ...loaded.map(({ level, n, hashes }) => [`${level}/${n}`, hashes] as const)])
  }

  get(level: number | string, index: number): Uint8Array | null {
    return this.#held.get(`${level}/${index}`) ?? null
  }

  proof(plan: ProofPlan): readonly Uint8Array[] {
    return proofFromTiles(plan, ({ level, index }) => this.get(level, index), sha256)
  }
}
