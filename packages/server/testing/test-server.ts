import { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Client, createClient } from '@doverie/sdk'
import { startServer } from '../index.ts'
import { createRootKeys } from '../keys-folder.ts'
import type { ServerOptions } from '../settings.ts'
import { createDatabases } from './databases.ts'
import { temporaryFolder } from './folder.ts'

const NETRACK = fileURLToPath(new URL('../../../policies/netrack', import.meta.url))

export interface TestServer {
  readonly url: string
  readonly firstStaffLink: string
  readonly dataUrl: string
  readonly keystoreUrl: string
  readonly keysDir: string
  /** All that the server has logged and told so far. */
  logged(): string
  /** A client that nobody is signed in with, or that bears a credential. */
  client(token?: string): Client
  reloadPolicy(): Promise<boolean>
  stop(): Promise<void>
}

/** A server over fresh databases with NETRACK's policy, on a free port. */
export async function startTestServer(adminUrl: string, options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const databases = await createDatabases(adminUrl)
  const folder = await temporaryFolder()
  let logged = ''
  const take = (line: string): void => {
    logged += `${line}\n`
  }
  const logTo = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      take(chunk.toString('utf8'))
      done()
    },
  })
  await createRootKeys(folder.path)
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    dataUrl: databases.dataUrl,
    keystoreUrl: databases.keystoreUrl,
    keysDir: folder.path,
    policyDir: NETRACK,
    smtp: null,
    publicUrl: null,
    formsPerMinute: 0,
    // Of the shipped bundle they are proved by tests of their own.
    proveInvariants: false,
    logLevel: 'info',
    log: { info: take, warn: take },
    logTo,
    ...options,
  })
  const firstStaffLink = await server.firstStaffLink()
  return {
    url: server.url,
    firstStaffLink: firstStaffLink ?? '',
    dataUrl: databases.dataUrl,
    keystoreUrl: databases.keystoreUrl,
    keysDir: folder.path,
    logged: () => logged,
    client: (token) => createClient({ url: server.url, ...(token === undefined ? {} : { token }) }),
    reloadPolicy: () => server.reloadPolicy(),
    stop: async () => {
      await server.close()
      await databases.drop()
      await folder.remove()
    },
  }
}

interface Letter {
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** The newest letter to an address, from the development mailbox. */
export async function latestLetter(url: string, to: string): Promise<Letter> {
  const response = await fetch(`${url}/dev/mailbox.json`)
  const { mail } = (await response.json()) as { readonly mail: readonly Letter[] }
  const letter = mail.find((one) => one.to === to)
  if (letter === undefined) throw new Error('no such letter')
  return letter
}

/** The code in the newest letter to an address. */
export async function latestCode(url: string, to: string): Promise<string> {
  const { text } = await latestLetter(url, to)
  return /Your code: (\d{6})/.exec(text)?.[1] ?? ''
}

/** Signs the first data-protection officer in. */
export async function asOfficer(server: TestServer): Promise<Client> {
  const client = server.client()
  await client.enter(new URL(server.firstStaffLink).hash.slice(1))
  return client
}

/** Waits until something holds; fails after ten seconds. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await holds()) return
    await delay(50)
  }
  throw new Error('it never came to be')
}
