import Type from 'typebox'
import { json, type None, type Operation } from './operation.ts'
import { anyObject, integerOrNull, schemaOf, textOrNull } from './schema.ts'

/** How the server is. `failing` comes with status 503: something needs a person, be it a policy in force. */
export interface Health {
  readonly status: 'ok' | 'failing'
  /** The policy in force; null while everything is refused. */
  readonly policy: string | null
  /** `stopped`: the tree is not in a state its writer knows, and nothing is integrated any more. */
  readonly ledger: 'running' | 'stopped'
  /**
   * `none`: a checkpoint counts as soon as it is signed. `behind`: too few witnesses have answered for a minute, and what came
   * since does not count yet; the server goes on.
   */
  readonly witnesses: 'none' | 'current' | 'behind'
  /** Entries that wait for their place in the ledger. Beyond `LEDGER_BACKLOG` reads are turned away (`ledger-backlog`). */
  readonly waiting: number
  readonly storage: 'answering' | 'silent'
  /** The mailbox from which letters are taken: `none` is set; `unreached`: not for a quarter of an hour. The server goes on. */
  readonly mailbox: 'none' | 'reached' | 'unreached'
  /** When the mailbox was last looked through, milliseconds. */
  readonly mailFetchedAt: number | null
}

export const healthz: Operation<None, None, None, Health> = {
  id: 'healthz',
  method: 'GET',
  path: '/healthz',
  summary: 'Whether the server is ready and well.',
  tags: ['server'],
  auth: ['none'],
  params: null,
  query: null,
  body: null,
  success: json(
    schemaOf<Health>()(
      Type.Object({
        status: Type.Unsafe<Health['status']>({ type: 'string', enum: ['ok', 'failing'] }),
        policy: textOrNull(200),
        ledger: Type.Unsafe<Health['ledger']>({ type: 'string', enum: ['running', 'stopped'] }),
        witnesses: Type.Unsafe<Health['witnesses']>({ type: 'string', enum: ['none', 'current', 'behind'] }),
        waiting: Type.Integer(),
        storage: Type.Unsafe<Health['storage']>({ type: 'string', enum: ['answering', 'silent'] }),
        mailbox: Type.Unsafe<Health['mailbox']>({ type: 'string', enum: ['none', 'reached', 'unreached'] }),
        mailFetchedAt: integerOrNull(),
      }),
    ),
  ),
}

export const showOpenApi: Operation<None, None, None, Readonly<Record<string, unknown>>> = {
  id: 'openapi',
  method: 'GET',
  path: '/openapi.json',
  summary: 'This interface as OpenAPI 3.1.',
  tags: ['server'],
  auth: ['none'],
  params: null,
  query: null,
  body: null,
  success: json(schemaOf<Readonly<Record<string, unknown>>>()(anyObject('OpenAPI 3.1'))),
}
