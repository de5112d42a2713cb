import * as contract from '@doverie/core/contract'
import { HttpClient, type Reply } from '../client/http-client.ts'
import { Mailbox } from '../client/mailbox.ts'
import type { ServerProcess } from '../installation/server-process.ts'
import type { CanaryMint } from '../people/canaries.ts'
import { PURPOSES, SERVICES } from './grants.ts'
import type { Stage } from './stage.ts'
import { Tally } from './tally.ts'

/** Signs the first officer in by the printed link, adds a support member, and issues every service its credential. */
export async function setStage(server: ServerProcess, seed: number, mint: CanaryMint): Promise<Stage> {
  const anybody = new HttpClient(server.url)
  const dpo = await enter(server.url, server.firstLink, mint)
  const { path } = done(await dpo.call(contract.addStaff, { body: { pseudonym: 'support-1', role: 'support' } }))
  const link = path.split('#')[1] ?? ''
  mint.watch(link, 'one-time link', -1)
  const actors = new Map([
    ['dpo', dpo],
    ['support', await enter(server.url, link, mint)],
  ])
  for (const actor of SERVICES) actors.set(actor, await issue(server.url, dpo, actor, PURPOSES, mint))
  const narrow = await issue(server.url, dpo, 'newsletter', ['marketing'], mint)
  const tally = new Tally()
  const mailbox = new Mailbox(new HttpClient(server.url))
  return { base: server.url, seed, mint, tally, mailbox, anybody, actors, narrow }
}

async function enter(base: () => string, token: string, mint: CanaryMint): Promise<HttpClient> {
  const client = new HttpClient(base)
  done(await client.call(contract.enter, { body: { token } }))
  mint.watch(client.session ?? '', 'session token', -1)
  return client
}

async function issue(
  base: () => string,
  dpo: HttpClient,
  actor: string,
  purposes: readonly string[],
  mint: CanaryMint,
): Promise<HttpClient> {
  const body = { actor, entities: ['start', 'solutions'], purposes, peoplePerHour: 10_000_000, expiresInDays: 1 }
  const { token } = done(await dpo.call(contract.issueCredential, { body }))
  mint.watch(token, 'credential token', -1)
  return new HttpClient(base, { bearer: token })
}

/** The answer of a call that must succeed. */
export function done<Answer>(reply: Reply<Answer>): Answer {
  if (reply.problem !== null) throw new Error(`${reply.status} ${reply.problem.code} ${reply.problem.field ?? ''}`)
  return reply.answer as Answer
}
