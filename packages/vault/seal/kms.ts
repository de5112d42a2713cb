import type { Instant } from '@doverie/core/base'

/** Where root keys are held: the local file, OpenBao's or Vault's transit engine, AWS KMS. Written beside what they wrapped. */
export const KMS_KINDS = ['file', 'transit', 'aws'] as const
export type KmsKind = (typeof KMS_KINDS)[number]

/**
 * Whoever holds the root key. It wraps cell keys and the vault's own secrets, 32 bytes each, and nothing else. Each of its
 * versions can be destroyed for itself: what only that version could open is gone with it. `root` names a version as this
 * holder does (a number, an ARN); `place` says what is wrapped, is no secret, and is authenticated with it.
 *
 * Every call may throw `kms-unavailable` (no answer in time: try again) and `kms-refused` (rights or settings: an operator
 * must act). None of them shows a key, a token or what the holder answered.
 */
export interface Kms {
  readonly kind: KmsKind
  /** The newest version there is, or null: a first start makes one with `add`. */
  newest(): Promise<string | null>
  /** Makes another version, durable when it resolves. After a crash there may be one that nobody uses: harmless. */
  add(): Promise<string>
  wrap(root: string, key: Uint8Array, place: string): Promise<Buffer>
  /** Throws `wrong-root-key` where this holder has no such version, `sealed-value-damaged` where what is given does not verify. */
  unwrap(root: string, wrapped: Uint8Array, place: string): Promise<Buffer>
  /**
   * Destroys a version, and with it whatever older ones this holder still has. From its resolving on the version opens nothing;
   * of one that is destroyed already it tells the same again. Nothing that lives may still be wrapped under it.
   */
  destroy(root: string): Promise<RootDestroyed>
}

export interface RootDestroyed {
  /** From when on the holder itself cannot bring the version back; null: from now on. AWS KMS waits 7 to 30 days. */
  readonly irrecoverableFrom: Instant | null
}
