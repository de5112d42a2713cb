import { DoverieError, fromHex } from '@doverie/core/base'
import { commitment, leafHash, parseOpening, parseProofFile, refOf, verifyInclusion } from '@doverie/core/log'
import { type Trust, type VerifiedCheckpoint, verifyCheckpoint } from './checkpoint.ts'

/** What an entry says, as far as every entry says it; the rest by its name. */
export interface EntryBody {
  readonly id: string
  readonly act: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly actor: {
    readonly kind: string
    readonly name: string
    readonly id?: string
    /** The role that a member of staff stood in for. */
    readonly deputyOf?: string
  }
  readonly effect: 'permit' | 'refuse'
  readonly clauses: readonly string[]
  readonly policy: string
  readonly ref: string
  readonly purpose?: string
  readonly entity?: string
  readonly fields?: readonly string[]
  readonly compartments?: readonly string[]
  readonly reasons?: readonly string[]
  readonly ticket?: string
  readonly detail?: Readonly<Record<string, unknown>>
}

/** An entry that stands in the ledger. */
export interface VerifiedReceipt {
  readonly place: number
  readonly body: EntryBody
  readonly checkpoint: VerifiedCheckpoint
  /** Whether it is an entry about whose secret was given; null where none was. An act of destruction is tied to nobody. */
  readonly own: boolean | null
}

export interface ReceiptTrust extends Trust {
  /** The secret of the person's ledger entries, 64 hex digits: what only they and their operator have. */
  readonly secret?: string
}

/**
 * Verifies a receipt offline (a `.tlog-proof` file whose `extra` opens the entry): what it says is what the public entry commits
 * to, the entry stands at its place in the tree, and the ledger signed that tree. Throws `invalid-value` where any of it does
 * not hold.
 */
export async function verifyReceipt(file: Uint8Array | string, trust: ReceiptTrust): Promise<VerifiedReceipt> {
  const proof = parseProofFile(file)
  const checkpoint = await verifyCheckpoint(proof.checkpoint, trust)
  if (proof.extra === null) throw broken('The file does not open its entry.')
  const { salt, body } = parseOpening(proof.extra)
  const leaf = leafHash(commitment(salt, body))
  if (!verifyInclusion(proof.index, checkpoint.size, leaf, proof.hashes, checkpoint.root)) {
    throw broken('The proof does not lead from this entry to the checkpoint.')
  }
  const said = entryBody(body)
  return { place: proof.index, body: said, checkpoint, own: ownOf(said, trust.secret) }
}

/** Whether an entry is about the holder of a secret. Throws `invalid-value` on text that is no secret. */
function ownOf(body: EntryBody, secret: string | undefined): boolean | null {
  if (secret === undefined) return null
  const bytes = fromHex(secret.trim())
  if (bytes === null) throw new DoverieError('invalid-value', 'A ledger secret is 64 hex digits.', { field: 'secret' })
  return refOf(bytes, body.id) === body.ref
}

/** What a body says. Throws `invalid-value` where it is none of an entry. */
function entryBody(text: string): EntryBody {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw broken('The entry is not JSON.')
  }
  const { id, act, ref, at } = (body ?? {}) as Readonly<Record<string, unknown>>
  const whole = [id, act, ref].every((text) => typeof text === 'string') && typeof at === 'number'
  if (!whole) throw broken('The entry does not say what every entry says.')
  return body as EntryBody
}

function broken(message: string): DoverieError {
  return new DoverieError('invalid-value', message, { field: 'proof' })
}
