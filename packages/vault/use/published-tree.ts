import { DoverieError } from '@doverie/core/base'
import {
  isWitnessed,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  planConsistency,
  planInclusion,
  policyKeys,
  type ProofPlan,
  proofFromTiles,
  verifyConsistency,
} from '@doverie/core/log'
import type { Vault } from '../guard/vault.ts'
import { NODE_VERIFIERS } from '../seal/note-crypto.ts'
import { sha256 } from '../seal/sha256.ts'
import { loadFinal, saveFinal, takeLease } from '../store/ledger-final.ts'
import { loadState, loadTiles } from '../store/ledger.ts'
import { ledgerKeys } from './ledger-keys.ts'

/** A tree that the ledger signed, and the note that says so. */
export interface SignedTree {
  readonly size: number
  /** A signed note, with cosignatures where they were needed. */
  readonly checkpoint: string
}

/** The newest tree that the ledger signed; null before the first. */
export async function signedTree(vault: Vault): Promise<SignedTree | null> {
  return loadState(vault.data, vault.origin)
}

/**
 * The newest tree that counts: where the policy of trust asks for witnesses, the one that enough of them cosigned. What came
 * after it is signed by the ledger alone, and nobody is asked to believe that yet. Null before the first.
 */
export async function finalTree(vault: Vault): Promise<SignedTree | null> {
  return vault.trust.quorum === 'none' ? signedTree(vault) : loadFinal(vault.data, vault.origin)
}

/** The smallest tree that can show an entry: the final one, or the newest signed one where the entry is later. */
export async function treeWith(vault: Vault, place: number): Promise<SignedTree | null> {
  const final = await finalTree(vault)
  const tree = final !== null && place < final.size ? final : await signedTree(vault)
  return tree !== null && place < tree.size ? tree : null
}

/** The proof that the entry at a place stands in a tree of this ledger. Throws `ledger-inconsistent` where tiles are missing. */
export async function inclusionIn(vault: Vault, place: number, { size }: SignedTree): Promise<readonly Uint8Array[]> {
  return hashesOf(vault, planInclusion(place, size))
}

/** The proof that a smaller tree of this ledger is part of a greater one; empty from the empty tree. */
export async function consistencyOf(vault: Vault, from: number, to: number): Promise<readonly Uint8Array[]> {
  return from === 0 ? [] : hashesOf(vault, planConsistency(from, to))
}

async function hashesOf(vault: Vault, plan: ProofPlan): Promise<readonly Uint8Array[]> {
  const wanted = plan.tiles.map(({ level, index }) => ({ level: Number(level), n: index }))
  const tiles = new Map((await loadTiles(vault.data, wanted)).map((tile) => [`${tile.level}/${tile.n}`, tile.hashes]))
  return proofFromTiles(plan, ({ level, index }) => tiles.get(`${level}/${index}`) ?? null, sha256)
}

/**
 * The tree that the witnesses are to be asked about by this process; null where nothing is new since the last that counts, or
 * another process asks them.
 */
export async function treeToWitness(vault: Vault, holder: string, term: number): Promise<SignedTree | null> {
  const at = vault.now()
  const [signed, final] = await Promise.all([signedTree(vault), loadFinal(vault.data, vault.origin)])
  if (signed === null || (final !== null && final.size >= signed.size)) return null
  return (await takeLease(vault.data, vault.origin, holder, at, at + term)) ? signed : null
}

/** Takes a cosigned checkpoint for final where its witnesses make the quorum. False where they do not: nothing has changed. */
export async function finalise(vault: Vault, checkpoint: string): Promise<boolean> {
  const keys = [...ledgerKeys(vault).verifiers, ...policyKeys(vault.trust)]
  const { size, verified } = openCheckpoint(checkpoint, vault.origin, keys, NODE_VERIFIERS)
  if (!isWitnessed(vault.trust, verified)) return false
  await saveFinal(vault.data, vault.origin, { size, checkpoint, at: vault.now() })
  return true
}

/** Whether a tree counts as soon as it is signed, whether what is signed counts by now, or has waited for more than `patience`. */
export async function witnessing(vault: Vault, patience: number): Promise<'none' | 'current' | 'behind'> {
  if (vault.trust.quorum === 'none') return 'none'
  const [signed, final] = await Promise.all([signedTree(vault), loadFinal(vault.data, vault.origin)])
  if (signed === null || (final !== null && final.size >= signed.size)) return 'current'
  return final !== null && vault.now() - final.at < patience ? 'current' : 'behind'
}

/**
 * Holds a checkpoint that somebody else kept against this ledger. INVARIANT: the ledger never forks silently. One that our own
 * key signed and that this tree does not continue is proof that the data were rolled back or the tree forked, whatever our own
 * databases say: everything is refused from here on, and `ledger-inconsistent` is thrown. Of what our key did not sign nothing
 * follows.
 */
export async function confront(vault: Vault, kept: string): Promise<void> {
  const { verifiers } = ledgerKeys(vault)
  // Throws `invalid-value` for what we did not sign: of that the caller makes nothing.
  const { size, root } = openCheckpoint(kept, vault.origin, verifiers, NODE_VERIFIERS)
  const signed = await signedTree(vault)
  if (signed !== null && size <= signed.size) {
    const own = parseCheckpoint(parseNote(signed.checkpoint).text)
    const proof = await consistencyOf(vault, size, signed.size)
    if (size === 0 || verifyConsistency(size, own.size, proof, root, own.root, sha256)) return
  }
  vault.suspend()
  throw new DoverieError(
    'ledger-inconsistent',
    `Somebody keeps a checkpoint of ${size} entries that this ledger signed and does not continue: its data were rolled back, or it has forked.`,
  )
}
