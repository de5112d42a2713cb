import { Client } from 'pg'
import type { ClusterSecrets } from './secrets.ts'
import { SOCKET_PORT } from './settings.ts'

/** The superuser of the embedded cluster. */
export const SUPERUSER = 'postgres'

/** The database url of one role over the private socket; `host` as a parameter is what libpq and pg both read. */
export function socketUrl(socketFolder: string, role: string, password: string, database: string): string {
  const where = `host=${encodeURIComponent(socketFolder)}&port=${SOCKET_PORT}`
  return `postgresql://${role}:${encodeURIComponent(password)}@localhost/${database}?${where}`
}

/** The superuser's url: for the supervisor and for tests, never for the server. */
export function adminUrlOf(socketFolder: string, secrets: ClusterSecrets): string {
  return socketUrl(socketFolder, SUPERUSER, secrets.superuser, 'postgres')
}

/** What an attempt to reach the server came to. */
export type Answer =
  | { readonly kind: 'connected'; readonly client: Client }
  /** Nobody listens. */
  | { readonly kind: 'silent' }
  /** It listens but is starting, recovering or stopping, or has no session free. */
  | { readonly kind: 'busy' }
  /** It listens and does not know our password: not our server. */
  | { readonly kind: 'stranger' }

/** One attempt to connect as the supervisor. */
export async function knock(socketFolder: string, secrets: ClusterSecrets): Promise<Answer> {
  const client = new Client({
    connectionString: adminUrlOf(socketFolder, secrets),
    application_name: 'doverie supervisor',
    connectionTimeoutMillis: 5000,
  })
  // Without a listener a broken connection would end the process before anybody could look at it.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return { kind: 'connected', client }
  } catch (error) {
    await client.end().catch(() => undefined)
    const code = (error as { readonly code?: string }).code
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return { kind: 'silent' }
    if (code === '28P01' || code === '28000') return { kind: 'stranger' }
    return { kind: 'busy' }
  }
}

/** The advisory lock's number. Never change it: every version must ask for the same one. */
const LOCK = 4_681_590

/** Takes the folder's lock for as long as this session lives; false if another supervisor has it. */
export async function takeFolderLock(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [LOCK])
  return rows[0]?.taken === true
}
