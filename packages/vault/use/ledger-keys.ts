import { KEY_TYPES, type Signer, type VerifierKey } from '@doverie/core/log'
import type { Vault } from '../guard/vault.ts'
import { noteSigner, siblingSeed } from '../seal/note-crypto.ts'

/** The keys that sign checkpoints, under the origin's name: Ed25519, and beside it ML-DSA-44 (c2sp.org/tlog-checkpoint). */
export interface LedgerKeys {
  readonly signers: readonly Signer[]
  /** In the order of the signers: the first is the one that every verifier knows. */
  readonly verifiers: readonly [VerifierKey, ...VerifierKey[]]
}

const held = new WeakMap<Vault, LedgerKeys>()

export function ledgerKeys(vault: Vault): LedgerKeys {
  const known = held.get(vault) ?? keysFor(vault.secrets.ledgerSeed, vault.origin)
  held.set(vault, known)
  return known
}

/** The keys of a seed under the name of a ledger. */
export function keysFor(seed: Uint8Array, origin: string): LedgerKeys {
  const first = noteSigner(origin, seed, KEY_TYPES.ed25519)
  const second = noteSigner(origin, siblingSeed(seed, 'doverie/ledger/ml-dsa-44/v1'), KEY_TYPES.mlDsa44)
  return { signers: [first.signer, second.signer], verifiers: [first.verifier, second.verifier] }
}
