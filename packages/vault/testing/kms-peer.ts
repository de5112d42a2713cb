import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface PeerAnswer {
  readonly status: number
  readonly body: unknown
}

/** An HTTP server in this process that plays a key management service, and can be told to fail. */
export interface KmsPeer {
  readonly address: string
  /** How often it was asked. */
  readonly asked: () => number
  /** From now on it answers nothing in time; `up` ends that. */
  readonly down: () => void
  readonly up: () => void
  /** The next answers are these, whatever is asked. */
  readonly next: (...answers: readonly PeerAnswer[]) => void
  readonly close: () => void
}

export async function startPeer(
  answer: (request: IncomingMessage, body: string) => PeerAnswer,
  type = 'application/json',
): Promise<KmsPeer> {
  let asked = 0
  let silent = false
  const queue: PeerAnswer[] = []
  const server: Server = createServer((request, response) => {
    void (async () => {
      asked += 1
      const pieces: Buffer[] = []
      for await (const piece of request) pieces.push(piece as Buffer)
      if (silent) return
      const { status, body } = queue.shift() ?? answer(request, Buffer.concat(pieces).toString('utf8'))
      response.writeHead(status, { 'content-type': type }).end(body === undefined ? '' : JSON.stringify(body))
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    down: () => {
      silent = true
    },
    up: () => {
      silent = false
      server.closeAllConnections()
    },
    next: (...answers) => void queue.push(...answers),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
