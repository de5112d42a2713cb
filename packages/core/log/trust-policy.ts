import { DoverieError, fromUtf8, isDoverieError, utf8 } from '../base/index.ts'
import type { VerifiedSignature } from './note.ts'
import { formatVerifierKey, isLogKey, isWitnessKey, parseVerifierKey, type VerifierKey } from './note-key.ts'
import { parseCount } from './number.ts'

/** Whoever signs or cosigns, by their key; the address, where there is one, is for who talks to them. */
export interface TrustedParty {
  readonly key: VerifierKey
  readonly url: string | null
}

/** A group of witnesses or groups, of which at least `threshold` must have witnessed. */
export interface WitnessGroup {
  readonly threshold: number
  readonly members: readonly string[]
}

/**
 * Which checkpoints count (c2sp.org/tlog-policy): those that one of the logs signed and enough witnesses cosigned. Names of
 * witnesses and groups mean nothing outside of the policy: they are octets, each held as one character.
 */
export interface TrustPolicy {
  readonly logs: readonly TrustedParty[]
  readonly witnesses: ReadonlyMap<string, TrustedParty>
  readonly groups: ReadonlyMap<string, WitnessGroup>
  /** A witness, a group, or `none`. */
  readonly quorum: string
}

/** The policy that asks for no witness. */
export const NO_WITNESSES: TrustPolicy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: 'none' }

/** Bytes of the longest policy; a key of ML-DSA-44 takes 1,800. */
export const MAX_POLICY_SIZE: number = 512 * 1024

const NONE = 'none'
const ALLOWED = /^[\t\n\u0020-\u007e\u0080-\u00ff]*$/

/** Throws `invalid-value`, naming the line, on anything that is no policy. */
export function parseTrustPolicy(file: Uint8Array | string): TrustPolicy {
  const bytes = typeof file === 'string' ? utf8(file) : file
  if (bytes.length > MAX_POLICY_SIZE) throw faulty(0, 'The policy is too long.')
  // One character for each octet: names are opaque, and only keys and addresses are read as UTF-8.
  const text = octets(bytes)
  if (text !== '' && !text.endsWith('\n')) throw faulty(0, 'The last line does not end.')
  const reader = new PolicyReader()
  for (const [i, line] of text.slice(0, -1).split('\n').entries()) {
    const words = line.split(/[ \t]+/).filter((word) => word !== '')
    if (!ALLOWED.test(line)) throw faulty(i + 1, 'There is a control character.')
    if (words[0] === undefined || words[0].startsWith('#')) continue
    reader.take(words, i + 1)
  }
  return reader.policy()
}

/** The file of a policy; what is parsed from it is the same policy. */
export function formatTrustPolicy({ logs, witnesses, groups, quorum }: TrustPolicy): Uint8Array {
  const party = ({ key, url }: TrustedParty): string =>
    octets(utf8(`${formatVerifierKey(key)}${url === null ? '' : ` ${url}`}\n`))
  const lines = [
    ...logs.map((log) => `log ${party(log)}`),
    ...[...witnesses].map(([name, witness]) => `witness ${name} ${party(witness)}`),
    ...[...groups].map(([name, { threshold, members }]) => `group ${name} ${threshold} ${members.join(' ')}\n`),
    `quorum ${quorum}\n`,
  ]
  return bytesOf(lines.join(''))
}

/** All keys that a checkpoint may carry signatures of under this policy. */
export function policyKeys({ logs, witnesses }: TrustPolicy): readonly VerifierKey[] {
  return [...logs, ...witnesses.values()].map(({ key }) => key)
}

/** Whether those whose signatures were verified make the quorum. */
export function isWitnessed(policy: TrustPolicy, verified: readonly VerifiedSignature[]): boolean {
  const witnessed = (name: string): boolean => {
    const witness = policy.witnesses.get(name)
    if (witness !== undefined) {
      const { name: keyName, keyId } = witness.key
      return verified.some((one) => one.name === keyName && one.keyId === keyId)
    }
    const group = policy.groups.get(name)
    // A group names only what stands before it, so this ends.
    return group !== undefined && group.members.filter(witnessed).length >= group.threshold
  }
  return policy.quorum === NONE || witnessed(policy.quorum)
}

class PolicyReader {
  readonly #logs: TrustedParty[] = []
  readonly #witnesses = new Map<string, TrustedParty>()
  readonly #groups = new Map<string, WitnessGroup>()
  readonly #members = new Set<string>()
  #quorum: string | null = null

  take(words: readonly string[], line: number): void {
    const [kind, first = '', second = '', ...rest] = words
    const count = words.length
    if (kind === 'log' && (count === 2 || count === 3)) this.#log(first, words[2] ?? null, line)
    else if (kind === 'witness' && (count === 3 || count === 4)) this.#witness(first, second, words[3] ?? null, line)
    else if (kind === 'group' && count >= 4) this.#group(first, second, rest, line)
    else if (kind === 'quorum' && count === 2) this.#setQuorum(first, line)
    else throw faulty(line, 'The line is none of a policy.')
  }

  policy(): TrustPolicy {
    if (this.#quorum === null) throw faulty(0, 'There is no quorum.')
    return { logs: this.#logs, witnesses: this.#witnesses, groups: this.#groups, quorum: this.#quorum }
  }

  #log(vkey: string, url: string | null, line: number): void {
    const log = partyOf(vkey, url, line)
    if (!isLogKey(log.key)) throw faulty(line, 'The key is of no type that logs sign with.')
    assertNew(log, this.#logs, line)
    this.#logs.push(log)
  }

  #witness(name: string, vkey: string, url: string | null, line: number): void {
    this.#assertFree(name, line)
    const witness = partyOf(vkey, url, line)
    if (!isWitnessKey(witness.key)) throw faulty(line, 'The key is of no type that witnesses sign with.')
    assertNew(witness, [...this.#witnesses.values()], line)
    this.#witnesses.set(name, witness)
  }

  #group(name: string, limit: string, members: readonly string[], line: number): void {
    this.#assertFree(name, line)
    for (const member of members) {
      this.#assertDefined(member, line)
      if (this.#members.has(member)) throw faulty(line, 'A member stands in a group already.')
      this.#members.add(member)
    }
    const threshold = limit === 'all' ? members.length : limit === 'any' ? 1 : parseCount(limit)
    if (threshold === null || threshold < 1 || threshold > members.length) {
      throw faulty(line, 'The threshold is all, any, or a number from 1 to that of the members.')
    }
    this.#groups.set(name, { threshold, members })
  }

  #setQuorum(name: string, line: number): void {
    if (this.#quorum !== null) throw faulty(line, 'There is a second quorum.')
    if (name !== NONE) this.#assertDefined(name, line)
    this.#quorum = name
  }

  #assertFree(name: string, line: number): void {
    if (name === NONE || this.#witnesses.has(name) || this.#groups.has(name)) throw faulty(line, 'The name is taken.')
  }

  #assertDefined(name: string, line: number): void {
    if (!this.#witnesses.has(name) && !this.#groups.has(name)) throw faulty(line, 'A name is not defined before.')
  }
}

function partyOf(vkey: string, url: string | null, line: number): TrustedParty {
  try {
    return { key: parseVerifierKey(fromUtf8(bytesOf(vkey))), url: url === null ? null : fromUtf8(bytesOf(url)) }
  } catch (error) {
    if (isDoverieError(error) || error instanceof TypeError)
      throw faulty(line, 'The key is no verifier key, or the address cannot be read.')
    throw error
  }
}

/** Two keys are the same where their bytes are, whatever names they go by. */
function assertNew({ key }: TrustedParty, known: readonly TrustedParty[], line: number): void {
  const bytes = key.publicKey.join()
  if (known.some((one) => one.key.publicKey.join() === bytes)) throw faulty(line, 'The key stands here already.')
}

function octets(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0))
}

function faulty(line: number, message: string): DoverieError {
  const where = line === 0 ? 'policy' : `line ${line}`
  return new DoverieError('invalid-value', `This is no policy of trust: ${where}: ${message}`, { field: where })
}
