import type { Readable } from 'node:stream'
import type { Operation } from '@doverie/core/contract'
import type { Caller, PersonCaller, StaffCaller, SubjectCaller } from '@doverie/vault'
import { DoverieError } from '@doverie/core/base'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Refusal } from './answer.ts'
import type { ServerContext } from './context.ts'

/** One request, its parts checked against the contract. */
export interface Call<Params, Query, Body> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  /** Who calls, of a kind that the operation's `auth` names; null where it allows nobody in particular. */
  readonly caller: Caller | null
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** What answers a call; bytes may be read from somewhere as they are sent. */
export type Handler<Params, Query, Body, Answer> = (
  context: ServerContext,
  call: Call<Params, Query, Body>,
) => Promise<Answer | Refusal | (Answer extends Uint8Array ? Readable : never)>

/** An operation of the contract and what answers it. */
export interface Route {
  readonly operation: Operation<unknown, unknown, unknown, unknown>
  readonly handler: Handler<never, never, never, unknown>
}

/** Ties a handler to its operation; the types of both must agree. */
export function route<Params, Query, Body, Answer>(
  operation: Operation<Params, Query, Body, Answer>,
  handler: Handler<Params, Query, Body, Answer>,
): Route {
  return { operation, handler }
}

/** The caller where an operation asks for one; authentication has seen to it before. */
export function callerOf({ caller }: { readonly caller: Caller | null }): Caller {
  if (caller === null) throw new DoverieError('unauthenticated')
  return caller
}

/** The person whose data it is about, or who acts for them. */
export function personOf({ caller }: { readonly caller: Caller | null }): PersonCaller {
  if (caller?.kind !== 'subject' && caller?.kind !== 'representative') throw new DoverieError('forbidden')
  return caller
}

/** The person themselves, nobody for them. */
export function subjectOf({ caller }: { readonly caller: Caller | null }): SubjectCaller {
  if (caller?.kind !== 'subject') throw new DoverieError('forbidden')
  return caller
}

export function staffOf({ caller }: { readonly caller: Caller | null }): StaffCaller {
  if (caller?.kind !== 'staff') throw new DoverieError('forbidden')
  return caller
}
