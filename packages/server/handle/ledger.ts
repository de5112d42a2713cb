import { DoverieError } from '@doverie/core/base'
import * as contract from '@doverie/core/contract'
import { ledgerKey, readCheckpoint, readTile } from '@doverie/vault'
import { type Route, route } from '../route.ts'

export const ledgerRoutes: readonly Route[] = [
  route(contract.readCheckpoint, async ({ vault }, { reply }) => {
    const checkpoint = await readCheckpoint(vault)
    if (checkpoint === null) throw new DoverieError('not-found')
    void reply.header('cache-control', 'no-cache')
    return checkpoint
  }),
  route(contract.readKey, ({ vault }) => Promise.resolve(`${ledgerKey(vault)}\n`)),
  route(contract.readTile, async ({ vault }, { params, reply }) => {
    const tile = await readTile(vault, `tile/${params['*']}`)
    if (tile === null) throw new DoverieError('not-found')
    // A tile of one width never changes (C2SP tlog-tiles), so whoever holds it may keep it.
    void reply.header('cache-control', 'public, max-age=31536000, immutable')
    return Buffer.from(tile.buffer, tile.byteOffset, tile.byteLength)
  }),
]
