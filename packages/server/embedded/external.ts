import { DoverieError } from '@doverie/core/base'
import { Client } from 'pg'
import { assertSafeStorage } from './safe-storage.ts'

/** The two urls of databases that somebody else runs. */
export interface ExternalUrls {
  readonly dataUrl: string
  readonly keystoreUrl: string
}

/**
 * The urls of `DATABASE_URL` and `KEYSTORE_URL`; undefined if neither is set. One without the other, or the same
 * database twice, is `invalid-request`: keys beside their ciphertext protect nothing.
 */
export function externalUrls(env: Readonly<Record<string, string | undefined>>): ExternalUrls | undefined {
  const dataUrl = env['DATABASE_URL'] ?? ''
  const keystoreUrl = env['KEYSTORE_URL'] ?? ''
  if (dataUrl === '' && keystoreUrl === '') return undefined
  if (dataUrl === '' || keystoreUrl === '') {
    throw new DoverieError('invalid-request', 'set both DATABASE_URL and KEYSTORE_URL, or neither')
  }
  if (placeOf(dataUrl, 'DATABASE_URL') === placeOf(keystoreUrl, 'KEYSTORE_URL')) {
    throw new DoverieError('invalid-request', 'DATABASE_URL and KEYSTORE_URL must name two databases')
  }
  return { dataUrl, keystoreUrl }
}

/**
 * Checks that both databases answer and keep what they acknowledge (`unsafe-storage`), and says whether both are still
 * empty, which makes this an installation without data. Changes nothing.
 */
export async function inspectExternal(urls: ExternalUrls): Promise<'new' | 'current'> {
  const data = await inspectOne(urls.dataUrl, 'DATABASE_URL')
  const keys = await inspectOne(urls.keystoreUrl, 'KEYSTORE_URL')
  return data && keys ? 'new' : 'current'
}

async function inspectOne(url: string, name: string): Promise<boolean> {
  const client = new Client({
    connectionString: url,
    application_name: 'doverie start',
    connectionTimeoutMillis: 10_000,
  })
  client.on('error', () => undefined)
  try {
    // The driver's own message may name a user or a host; its code says enough.
    await client.connect().catch((error: unknown) => {
      const code = (error as { readonly code?: string }).code ?? 'no answer'
      throw new DoverieError('storage-unavailable', `the database of ${name} cannot be reached (${code})`, {}, error)
    })
    await assertSafeStorage(client)
    const { rows } = await client.query<{ empty: boolean }>(EMPTY)
    return rows[0]?.empty === true
  } finally {
    await client.end().catch(() => undefined)
  }
}

const EMPTY = `SELECT NOT EXISTS (
  SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
) AS empty`

function placeOf(text: string, name: string): string {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw new DoverieError(
      'invalid-request',
      `${name} is not a database url (postgresql://user:password@host/database)`,
    )
  }
  const host = url.searchParams.get('host') ?? url.hostname
  const port = url.searchParams.get('port') ?? url.port
  return JSON.stringify([host, port === '' ? '5432' : port, url.pathname])
}
