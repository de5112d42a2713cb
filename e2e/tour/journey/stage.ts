import type { HttpClient } from '../client/http-client.ts'
import type { Mailbox } from '../client/mailbox.ts'
import type { CanaryMint } from '../people/canaries.ts'
import type { Tally } from './tally.ts'

/** Everything that a person's journey happens on. */
export interface Stage {
  readonly base: () => string
  readonly seed: number
  readonly mint: CanaryMint
  readonly tally: Tally
  readonly mailbox: Mailbox
  /** Nobody in particular. */
  readonly anybody: HttpClient
  /** Each calling service and staff role, signed in. */
  readonly actors: ReadonlyMap<string, HttpClient>
  /** The newsletter with a credential for marketing alone. */
  readonly narrow: HttpClient
}

/** The client of a service or a staff role. */
export function clientOf(stage: Stage, actor: string): HttpClient {
  const client = stage.actors.get(actor)
  if (client === undefined) throw new Error(`nobody plays ${actor}`)
  return client
}
