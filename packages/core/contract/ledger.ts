import Type from 'typebox'
import { json, type None, type Operation } from './operation.ts'
import { anyObject, schemaOf } from './schema.ts'

const TEXT = { status: 200, type: 'text/plain; charset=utf-8', schema: null } as const
const tags = ['ledger']
const auth = ['none'] as const

export const readCheckpoint: Operation<None, None, None, string> = {
  id: 'checkpoint',
  method: 'GET',
  path: '/log/checkpoint',
  summary: "The ledger's newest signed checkpoint (C2SP tlog-checkpoint).",
  tags,
  auth,
  open: true,
  params: null,
  query: null,
  body: null,
  success: TEXT,
}

export const readKey: Operation<None, None, None, string> = {
  id: 'ledgerKey',
  method: 'GET',
  path: '/log/key',
  summary: "The ledger's verifier key (C2SP signed-note).",
  tags,
  auth,
  open: true,
  params: null,
  query: null,
  body: null,
  success: TEXT,
}

export const readMinimum: Operation<None, None, None, string> = {
  id: 'ledgerMinimum',
  method: 'GET',
  path: '/log/minimum',
  summary: 'The first entry that the log still has (c2sp.org/tlog-tiles, "Pruning"); 404 where nothing was pruned.',
  tags,
  auth,
  open: true,
  params: null,
  query: null,
  body: null,
  success: TEXT,
}

export const readLedgerPolicy: Operation<None, None, None, string> = {
  id: 'ledgerPolicy',
  method: 'GET',
  path: '/log/policy',
  summary: "The ledger's keys, its witnesses, and how many of them a checkpoint needs to count (C2SP tlog-policy).",
  tags,
  auth,
  open: true,
  params: null,
  query: null,
  body: null,
  success: TEXT,
}

export const readReceiptKeys: Operation<
  None,
  None,
  None,
  { readonly keys: readonly Readonly<Record<string, unknown>>[] }
> = {
  id: 'receiptKeys',
  method: 'GET',
  path: '/log/jwks.json',
  summary: 'The keys that consent receipts are signed with (RFC 7517).',
  tags,
  auth,
  open: true,
  params: null,
  query: null,
  body: null,
  success: json(
    schemaOf<{ readonly keys: readonly Readonly<Record<string, unknown>>[] }>()(
      Type.Object({ keys: Type.Array(anyObject('A JWK.')) }),
    ),
  ),
}

export const readTile: Operation<{ readonly '*': string }, None, None, Uint8Array> = {
  id: 'tile',
  method: 'GET',
  path: '/log/tile/*',
  summary: 'A tile of the tree, or a bundle of its entries (C2SP tlog-tiles). It never changes.',
  tags,
  auth,
  open: true,
  params: schemaOf<{ readonly '*': string }>()(Type.Object({ '*': Type.String({ maxLength: 100 }) })),
  query: null,
  body: null,
  success: { status: 200, type: 'application/octet-stream', schema: null },
}
