import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { DoverieError } from '@doverie/core/base'
import * as contract from '@doverie/core/contract'
import {
  auditLedger,
  ledgerKey,
  ledgerPolicy,
  readCheckpoint,
  readPublic,
  readTile,
  receiptSigner,
} from '@doverie/vault'
import { type Route, route, staffOf } from '../route.ts'

const compress = promisify(gzip)

export const ledgerRoutes: readonly Route[] = [
  route(contract.readCheckpoint, async ({ vault }, { reply }) => {
    const checkpoint = await readCheckpoint(vault)
    if (checkpoint === null) throw new DoverieError('not-found')
    // It changes with every step of the integrator: a shared cache may hold it for a moment only.
    void reply.header('cache-control', 'public, max-age=1')
    return checkpoint
  }),
  route(contract.readKey, ({ vault }) => Promise.resolve(`${ledgerKey(vault)}\n`)),
  route(contract.readMinimum, async ({ vault }) => {
    const minimum = await readPublic(vault, 'minimum')
    if (minimum === null) throw new DoverieError('not-found')
    return Buffer.from(minimum).toString('utf8')
  }),
  route(contract.readLedgerPolicy, ({ vault }) => Promise.resolve(Buffer.from(ledgerPolicy(vault)).toString('utf8'))),
  route(contract.readReceiptKeys, async ({ vault }) => ({ keys: [{ ...(await receiptSigner(vault)).jwk }] })),
  route(contract.auditLedger, async ({ vault }, call) => {
    const { from, to, after } = call.query
    const request = { from: Number(from), to: Number(to), after: after === undefined ? after : Number(after) }
    return auditLedger(vault, staffOf(call), request)
  }),
  route(contract.readTile, async ({ vault }, { params, request, reply }) => {
    const path = `tile/${params['*']}`
    const tile = await readTile(vault, path)
    if (tile === null) throw new DoverieError('not-found')
    // A tile of one width never changes (C2SP tlog-tiles), so whoever holds it may keep it.
    void reply.header('cache-control', 'public, max-age=31536000, immutable')
    if (!path.startsWith('tile/entries/')) return bufferOf(tile)
    // Bundles are compressed at the HTTP layer; hashes alone would not become shorter.
    void reply.header('vary', 'accept-encoding')
    if (!takesGzip(request.headers['accept-encoding'])) return bufferOf(tile)
    void reply.header('content-encoding', 'gzip')
    return compress(tile, { level: 1 })
  }),
]

/** Whether an `Accept-Encoding` header takes gzip (RFC 9110, 12.5.3); nothing is compressed for who does not say. */
function takesGzip(header: string | string[] | undefined): boolean {
  const codings = new Map<string, number>()
  for (const item of String(header ?? '')
    .toLowerCase()
    .split(',')) {
    const [coding = '', ...parameters] = item.split(';').map((part) => part.trim())
    const quality = parameters.find((parameter) => parameter.startsWith('q='))
    codings.set(coding, quality === undefined ? 1 : Number(quality.slice(2)))
  }
  return (codings.get('gzip') ?? codings.get('*') ?? 0) > 0
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
