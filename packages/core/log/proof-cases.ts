import { fromBase64 } from '../base/index.ts'
import { verifyConsistency, verifyInclusion, verifySubtreeConsistency, verifySubtreeInclusion } from './proof.ts'

/** What came of one test case of proofs. */
export interface ProofCaseResult {
  readonly name: string
  readonly passed: boolean
}

type Verifier = (of: CaseReader) => boolean

const VERIFIERS: Readonly<Record<string, Verifier>> = {
  inclusion: (c) =>
    verifyInclusion(c.count('leafIdx'), c.count('treeSize'), c.hash('leafHash'), c.proof(), c.hash('root')),
  consistency: (c) =>
    verifyConsistency(c.count('size1'), c.count('size2'), c.proof(), c.hash('root1'), c.hash('root2')),
  subtreeinclusion: (c) =>
    verifySubtreeInclusion(
      c.count('leafIdx'),
      c.count('start'),
      c.count('end'),
      c.hash('leafHash'),
      c.proof(),
      c.hash('root'),
    ),
  subtreeconsistency: (c) =>
    verifySubtreeConsistency(
      c.count('start'),
      c.count('end'),
      c.count('size'),
      c.proof(),
      c.hash('root1'),
      c.hash('root2'),
    ),
}

/**
 * Runs one case of transparency-dev/merkle's test data against the verifiers of this folder: the kind is the first part of
 * `name`, hashes are base64, `wantErr` says whether the proof must be refused. A case that is none (of an unknown kind, or
 * without `wantErr`) does not pass; hashes that cannot be read make a wrong proof, which is what such cases test.
 */
export function runProofCase(value: unknown): ProofCaseResult {
  const c = new CaseReader(value)
  const { name, wantErr } = c
  const kind = name.split('/', 1)[0] ?? ''
  const verify = Object.hasOwn(VERIFIERS, kind) ? VERIFIERS[kind] : undefined
  return { name, passed: verify !== undefined && wantErr !== null && (verify(c) && !c.unreadable) === !wantErr }
}

/** Reads the members of a case; one of another type reads as what no proof verifies with. */
class CaseReader {
  readonly #members: Readonly<Record<string, unknown>>
  /** True once a hash was asked for that is none: two of those would be equal. */
  unreadable = false

  constructor(value: unknown) {
    this.#members = typeof value === 'object' && value !== null ? { ...value } : {}
  }

  get name(): string {
    const { name } = this.#members
    return typeof name === 'string' ? name : ''
  }

  get wantErr(): boolean | null {
    const { wantErr } = this.#members
    return typeof wantErr === 'boolean' ? wantErr : null
  }

  count(member: string): number {
    const value = this.#members[member]
    return typeof value === 'number' ? value : Number.NaN
  }

  hash(member: string): Uint8Array {
    return this.#bytes(this.#members[member])
  }

  proof(): readonly Uint8Array[] {
    const { proof } = this.#members
    return Array.isArray(proof) ? proof.map((item: unknown) => this.#bytes(item)) : []
  }

  #bytes(value: unknown): Uint8Array {
    const bytes = typeof value === 'string' ? fromBase64(value) : null
    this.unreadable ||= bytes === null
    return bytes ?? new Uint8Array(0)
  }
}
