import { isDoverieError } from '@doverie/core/base'
import {
  type AddCheckpoint,
  formatNote,
  judgeAddCheckpoint,
  formatSignatureLines,
  type NoteSignature,
  openCheckpoint,
  parseAddCheckpoint,
  parseCheckpoint,
  parseNote,
  signatures,
  type TrustPolicy,
  type VerifierKey,
  type WitnessVerdict,
} from '@doverie/core/log'
import { NODE_VERIFIERS, sha256 } from '@doverie/vault'
import type { WitnessKeys } from './key.ts'
import { type Cosigned, originHash, type WitnessState } from './state.ts'

/** An answer of the witness protocol. */
export interface WitnessAnswer {
  readonly status: number
  readonly type: string
  readonly body: string
}

/** A request whose checks take longer than others go on: it begins again so often, then gives up with 409. */
const ATTEMPTS = 8
const TEXT = 'text/plain; charset=utf-8'

const REASONS: Readonly<Record<400 | 403 | 404 | 422, string>> = {
  400: 'The request is malformed, or its old size is above that of the checkpoint.',
  403: 'No trusted key of this log signed the checkpoint, or its signature does not verify.',
  404: 'This witness does not know such a log.',
  422: 'The checkpoint is not consistent with the last one that was cosigned.',
}

/** A witness for other operators' logs (c2sp.org/tlog-witness). */
export class Witness {
  readonly #keys: WitnessKeys
  readonly #logs: ReadonlyMap<string, readonly VerifierKey[]>
  readonly #state: WitnessState
  readonly #now: () => number

  /** `logs`: whose checkpoints are cosigned; several keys of one name belong to one log. */
  constructor(keys: WitnessKeys, { logs }: TrustPolicy, state: WitnessState, now: () => number) {
    this.#keys = keys
    this.#state = state
    this.#now = now
    const byOrigin = new Map<string, VerifierKey[]>()
    for (const { key } of logs) byOrigin.set(key.name, [...(byOrigin.get(key.name) ?? []), key])
    this.#logs = byOrigin
  }

  /** `add-checkpoint`. What is cosigned is on the disk before the answer leaves. */
  async addCheckpoint(body: Uint8Array): Promise<WitnessAnswer> {
    let request: AddCheckpoint & { readonly origin: string }
    try {
      request = parseAddCheckpoint(body)
    } catch (error) {
      if (isDoverieError(error)) return refusal(400)
      throw error
    }
    const keys = this.#logs.get(request.origin) ?? null
    let size = 0
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const last = keys === null ? null : await this.#state.last(request.origin)
      // Of its own disk it needs no signature: the log's keys may be others by now.
      const tree = last === null ? null : parseCheckpoint(parseNote(last.note).text)
      const verdict = judgeAddCheckpoint(request, keys, tree, NODE_VERIFIERS, sha256)
      if (verdict.status === 422 && tree !== null) await this.#keepFork(request, keys, tree)
      if (verdict.status !== 200) return verdict.status === 409 ? conflict(verdict.size) : refusal(verdict.status)
      const cosigned = await this.#cosign(request, verdict, last)
      if (cosigned !== null) return { status: 200, type: TEXT, body: formatSignatureLines(cosigned) }
      size = verdict.checkpoint.size
    }
    return conflict(size)
  }

  /** The checkpoint cosigned last of the log with this hash; null where there is none. */
  async lastCheckpoint(hash: string): Promise<string | null> {
    const origin = [...this.#logs.keys()].find((one) => originHash(one) === hash)
    return origin === undefined ? null : ((await this.#state.last(origin))?.note ?? null)
  }

  /** Null where somebody else went on from the same turn: then it is to be judged anew. */
  async #cosign(
    { origin, checkpoint }: { readonly origin: string; readonly checkpoint: string },
    { checkpoint: opened }: Extract<WitnessVerdict, { status: 200 }>,
    last: Cosigned | null,
  ): Promise<readonly NoteSignature[] | null> {
    const { text, signatures: lines } = parseNote(checkpoint)
    const time = Math.floor(this.#now() / 1000)
    const own = signatures(
      text,
      this.#keys.map(({ signer }) => signer),
      time,
    )
    // Only what was verified is passed on to monitors.
    const ofLog = lines.filter((line) =>
      opened.verified.some(({ name, keyId }) => name === line.name && keyId === line.keyId),
    )
    const note = formatNote({ text, signatures: [...ofLog, ...own] })
    return (await this.#state.advance(origin, last?.turn ?? 0, note)) ? own : null
  }

  /** Two trees of one size, both signed by the log: whoever sees both knows that it lies. */
  async #keepFork(
    { origin, checkpoint }: { readonly origin: string; readonly checkpoint: string },
    keys: readonly VerifierKey[] | null,
    last: { readonly size: number; readonly root: Uint8Array },
  ): Promise<void> {
    const { size, root } = openCheckpoint(checkpoint, origin, keys ?? [], NODE_VERIFIERS)
    if (size === last.size && !Buffer.from(root).equals(last.root)) await this.#state.keepEvidence(origin, checkpoint)
  }
}

function refusal(status: 400 | 403 | 404 | 422): WitnessAnswer {
  return { status, type: TEXT, body: `${REASONS[status]}\n` }
}

function conflict(size: number): WitnessAnswer {
  return { status: 409, type: 'text/x.tlog.size', body: `${size}\n` }
}
