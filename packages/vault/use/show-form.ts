import { hash } from 'node:crypto'
import { DoverieError, type Instant } from '@doverie/core/base'
import { contractText, type FormContract, formContract, type Policy } from '@doverie/core/policy'
import { mac, sameMac } from '../guard/mac.ts'
import type { Vault } from '../guard/vault.ts'
import { keepDocument } from '../store/documents.ts'

/** How long a shown form may be answered. */
const TERM = 24 * 3_600_000

/** A form as it is shown: everything in `contract` is meant for the person; `snapshot` comes back with the answer. */
export interface ShownForm {
  readonly contract: FormContract
  /** Signed: hash of the contract's canonical text, and the moment it was shown. */
  readonly snapshot: string
}

/**
 * Shows a form of the policy in force and keeps its text by hash, so that later evidence can say what was shown. Throws
 * `policy-absent`, `unknown-form`, `campaign-ended` (with the clause).
 */
export async function showForm(vault: Vault, form: string): Promise<ShownForm> {
  const at = vault.now()
  const { contract, text, digest } = contractOf(vault, form, at)
  await keepDocument(vault.data, digest, text, at)
  return { contract, snapshot: sign(vault, digest, at) }
}

/** What a valid snapshot says. */
export interface Snapshot {
  readonly contract: FormContract
  /** SHA-256 of the contract's canonical text. */
  readonly digest: Buffer
}

/**
 * The contract that was shown under a snapshot. Throws `snapshot-invalid` where this server did not sign it, `snapshot-outdated`
 * where it is too old or the form has changed since: then the person has not seen what they would be agreeing to.
 */
export function openSnapshot(vault: Vault, form: string, snapshot: string): Snapshot {
  const bytes = Buffer.from(snapshot, 'base64url')
  if (bytes.length !== 72 || bytes.toString('base64url') !== snapshot) throw invalid()
  if (!sameMac(bytes.subarray(40), mac(vault, 'snapshot', bytes.subarray(0, 40)))) throw invalid()
  const at = vault.now()
  const { contract, digest } = contractOf(vault, form, at)
  const age = at - Number(bytes.readBigUInt64BE(32))
  if (!digest.equals(bytes.subarray(0, 32)) || age > TERM) {
    throw new DoverieError('snapshot-outdated', undefined, { field: 'snapshot' })
  }
  return { contract, digest }
}

/** Contracts of the policy in force, made once each: making one walks the whole bundle. */
const made = new WeakMap<Policy, Map<string, Snapshot & { readonly text: string }>>()

function contractOf(vault: Vault, form: string, at: Instant): Snapshot & { readonly text: string } {
  const policy = vault.policy()
  if (policy === null) throw new DoverieError('policy-absent')
  const known = made.get(policy) ?? new Map<string, Snapshot & { readonly text: string }>()
  made.set(policy, known)
  const ready = known.get(form)
  if (ready !== undefined && (ready.contract.campaign === null || at < ready.contract.campaign.ends)) return ready
  const contract = formContract(policy, form, at)
  if (!contract.ok) {
    const { code, message, clause } = contract.error
    throw new DoverieError(code, message, { field: 'form', ...(clause === undefined ? {} : { clause }) })
  }
  const text = contractText(contract.value)
  const fresh = { contract: contract.value, text, digest: hash('sha256', text, 'buffer') }
  known.set(form, fresh)
  return fresh
}

function sign(vault: Vault, digest: Buffer, at: Instant): string {
  const signed = Buffer.alloc(40)
  digest.copy(signed)
  signed.writeBigUInt64BE(BigInt(at), 32)
  return Buffer.concat([signed, mac(vault, 'snapshot', signed)]).toString('base64url')
}

function invalid(): DoverieError {
  return new DoverieError('snapshot-invalid', undefined, { field: 'snapshot' })
}
