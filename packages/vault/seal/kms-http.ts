import { request as plain } from 'node:http'
import { Agent, request as secure } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import { DoverieError } from '@doverie/core/base'

/** How a KMS is reached over HTTP. */
export interface KmsWire {
  /** Milliseconds for one exchange, connection included. */
  readonly timeout: number
  /** Certificates to trust in place of the system's, PEM. */
  readonly ca?: string | undefined
}

export interface KmsCall {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: object
  /** False for what must not happen twice (making a version). */
  readonly repeatable?: boolean
}

export interface KmsAnswer {
  readonly status: number
  readonly body: unknown
}

const TRIES = 3
/** The longest answer taken: a KMS says little. */
const LIMIT = 1_048_576

/** A caller that keeps its connections and tries again what may be tried again. Throws `kms-unavailable`. */
export function kmsCaller(wire: KmsWire): (call: KmsCall) => Promise<KmsAnswer> {
  const agent = new Agent({ keepAlive: true, ...(wire.ca === undefined ? {} : { ca: wire.ca }) })
  return async (call) => {
    for (let attempt = 1; ; attempt++) {
      const last = attempt === TRIES || call.repeatable === false
      try {
        const answer = await exchange(call, wire, agent)
        if (last || !isPassing(answer.status)) return answer
      } catch (error) {
        // What the network says may quote an address with a name in it; nothing of it goes on.
        if (last) throw error instanceof DoverieError ? error : new DoverieError('kms-unavailable')
      }
      await delay(100 * 2 ** attempt)
    }
  }
}

/** Sealed, standby without forwarding, overloaded: it may pass. */
function isPassing(status: number): boolean {
  return status === 429 || status >= 500
}

function exchange(call: KmsCall, wire: KmsWire, agent: Agent): Promise<KmsAnswer> {
  const { method, url, headers, body } = call
  const text = body === undefined ? '' : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const open = url.protocol === 'https:' ? secure : plain
    const request = open(url, {
      method,
      headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
      signal: AbortSignal.timeout(wire.timeout),
      ...(url.protocol === 'https:' ? { agent } : {}),
    })
    request.once('error', reject)
    request.once('response', (response) => {
      const pieces: Buffer[] = []
      let size = 0
      response.on('data', (piece: Buffer) => {
        size += piece.length
        if (size > LIMIT) request.destroy(new DoverieError('kms-unavailable'))
        else pieces.push(piece)
      })
      response.once('error', reject)
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(pieces).toString('utf8')) })
      })
    })
    request.end(text)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
