import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A line between a vault and its database that a test can cut. */
export interface CutLine {
  /** The database's url through this line. */
  readonly url: string
  /** From now on every COMMIT reaches the database, its acknowledgement does not come back, and the connection breaks. */
  readonly cutAtCommit: () => void
  readonly mend: () => void
  /** How many acknowledgements were kept back. */
  readonly kept: () => number
  readonly close: () => void
}

/** `url` names the database by its socket folder (`?host=…&port=…`) or by host and port. */
export async function cutLine(url: string): Promise<CutLine> {
  const target = new URL(url)
  const folder = target.searchParams.get('host')
  const port = target.searchParams.get('port') ?? target.port
  const sockets = new Set<Socket>()
  let cutting = false
  let kept = 0
  const server = createServer((client) => {
    const upstream = folder === null ? connect(Number(port), target.hostname) : connect(`${folder}/.s.PGSQL.${port}`)
    let cut = false
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    client.on('data', (bytes) => {
      if (cutting && bytes.includes('COMMIT')) cut = true
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      // Rows come through; the command tag of a COMMIT that took place (after its type and length) does not.
      const tag = cut ? bytes.indexOf('COMMIT\0') : -1
      if (tag < 0) {
        client.write(bytes)
        return
      }
      kept += 1
      client.write(bytes.subarray(0, tag - 5), () => {
        client.destroy()
        upstream.destroy()
      })
    })
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const through = new URL(url)
  through.hostname = '127.0.0.1'
  through.port = String((server.address() as AddressInfo).port)
  through.searchParams.delete('host')
  through.searchParams.delete('port')
  return {
    url: through.href,
    cutAtCommit: () => {
      cutting = true
    },
    mend: () => {
      cutting = false
    },
    kept: () => kept,
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
