import { hash, randomUUID } from 'node:crypto'
import { DoverieError, isDoverieError } from '@doverie/core/base'
import { addCosignatures, formatAddCheckpoint, parseCheckpoint, parseNote, type TrustedParty } from '@doverie/core/log'
import {
  confront,
  consistencyOf,
  finalise,
  NODE_VERIFIERS,
  type SignedTree,
  treeToWitness,
  type Vault,
} from '@doverie/vault'
import type { Logger } from 'pino'

/** How long one witness may take, and how long its answer may be. */
const TIMEOUT_MS = 5_000
const MAX_ANSWER = 64 * 1024
/** Exchanges with one witness per round: the first may only tell the size that it has. */
const EXCHANGES = 3
/** A witness that fails is left alone for twice as long each time. */
const SHORTEST_REST_MS = 1_000
const LONGEST_REST_MS = 300_000
/** How long this process is the one that asks, beyond a round of its own. */
const LEASE_MS = 4 * EXCHANGES * TIMEOUT_MS

/** What is known of a witness here: lost at a restart, when it is asked anew. */
interface Standing {
  /** The size that it cosigned last, as far as we know. */
  size: number
  faults: number
  /** Not asked before. */
  restUntil: number
}

/**
 * Has the ledger's checkpoints cosigned by the witnesses of its policy of trust (c2sp.org/tlog-witness). A round takes the
 * newest signed checkpoint to all of them at once; with enough cosignatures it counts. Where too few answer nothing counts
 * that did not before, and the next round takes a newer one.
 */
export class WitnessRounds {
  readonly #vault: Vault
  readonly #logger: Logger
  readonly #self = randomUUID()
  readonly #standing = new Map<string, Standing>()

  constructor(vault: Vault, logger: Logger) {
    this.#vault = vault
    this.#logger = logger
  }

  /** One round. Throws `ledger-inconsistent` where a witness shows that this ledger is not the one it was. */
  async round(): Promise<void> {
    const tree = await treeToWitness(this.#vault, this.#self, LEASE_MS)
    if (tree === null) return
    const parties = [...this.#vault.trust.witnesses]
    const answers = await Promise.all(parties.map(([name, party]) => this.#ask(name, party, tree)))
    let checkpoint = tree.checkpoint
    for (const [i, answer] of answers.entries()) {
      const key = parties[i]?.[1].key
      if (answer === null || key === undefined) continue
      try {
        checkpoint = addCosignatures(checkpoint, answer, [key], NODE_VERIFIERS)
      } catch (error) {
        // What one witness answered must not keep the others' cosignatures from counting.
        if (!isDoverieError(error, 'invalid-value')) throw error
      }
    }
    await finalise(this.#vault, checkpoint)
  }

  /** The lines of a witness, verified; null where it gave none. */
  async #ask(name: string, { key, url }: TrustedParty, tree: SignedTree): Promise<string | null> {
    const standing = this.#standing.get(name) ?? { size: 0, faults: 0, restUntil: 0 }
    this.#standing.set(name, standing)
    if (url === null || Date.now() < standing.restUntil) return null
    try {
      const lines = await this.#exchange(url, tree, standing)
      // What does not verify is no cosignature, and the witness a faulty one.
      addCosignatures(tree.checkpoint, lines, [key], NODE_VERIFIERS)
      standing.size = tree.size
      standing.faults = 0
      return lines
    } catch (error) {
      if (isDoverieError(error, 'ledger-inconsistent')) throw error
      standing.faults += 1
      const rest = Math.min(LONGEST_REST_MS, SHORTEST_REST_MS * 2 ** (standing.faults - 1))
      standing.restUntil = Date.now() + rest * (0.5 + Math.random() / 2)
      const reason = error instanceof Refused ? error.message : 'no answer'
      this.#logger.warn({ job: 'witness', witness: key.name, reason }, 'a witness did not cosign')
      return null
    }
  }

  async #exchange(url: string, tree: SignedTree, standing: Standing): Promise<string> {
    for (let exchange = 0; exchange < EXCHANGES; exchange++) {
      const old = Math.min(standing.size, tree.size)
      const proof = await consistencyOf(this.#vault, old, tree.size)
      const body = formatAddCheckpoint({ old, proof, checkpoint: tree.checkpoint })
      const { status, text } = await send(`${prefixOf(url)}add-checkpoint`, { method: 'POST', body })
      if (status === 200) return text
      if (status === 422) await this.#confront(url)
      if (status !== 409) throw new Refused(`answered ${status}`)
      const size = /^(?:0|[1-9][0-9]{0,15})\n$/.test(text) ? Number(text) : null
      if (size === null) throw new Refused('answered 409 without a size')
      if (size > tree.size) {
        await this.#confront(url)
        // Not shown: perhaps another process of ours was faster. The next round has a greater tree, too.
        throw new Refused('has seen a greater tree')
      }
      standing.size = size
    }
    throw new Refused('is ahead of every answer')
  }

  /** Looks at what the witness keeps of this ledger: only a checkpoint that our own key signed can speak against us. */
  async #confront(url: string): Promise<void> {
    const { origin } = this.#vault
    const { status, text } = await send(`${prefixOf(url)}${hash('sha256', origin, 'hex')}/checkpoint`, {})
    if (status !== 200) return
    try {
      if (parseCheckpoint(parseNote(text).text).origin !== origin) return
      await confront(this.#vault, text)
    } catch (error) {
      if (!isDoverieError(error, 'invalid-value')) throw error
    }
  }
}

/** A witness that answered and did not cosign; the message is ours. */
class Refused extends Error {}

function prefixOf(url: string): string {
  return url.endsWith('/') ? url : `${url}/`
}

async function send(
  url: string,
  { method = 'GET', body }: { readonly method?: string; readonly body?: string },
): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(url, {
    method,
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body === undefined ? {} : { body, headers: { 'content-type': 'text/plain; charset=utf-8' } }),
  })
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of answer.body ?? []) {
    length += part.length
    if (length > MAX_ANSWER) throw new DoverieError('body-too-large')
    parts.push(part)
  }
  return { status: answer.status, text: Buffer.concat(parts).toString('utf8') }
}
