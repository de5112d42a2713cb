import { join } from 'node:path'
import { realpath } from 'node:fs/promises'
import { knock, socketUrl } from './connection.ts'
import { readSecrets } from './secrets.ts'

/** The databases of a data folder whose server is running, for a second process on this machine. Null where none answers. */
export async function attachEmbedded(
  dataDir: string,
): Promise<{ readonly dataUrl: string; readonly keystoreUrl: string } | null> {
  const dir = await realpath(dataDir).catch(() => null)
  const secrets = dir === null ? undefined : await readSecrets(dir)
  if (dir === null || secrets === undefined) return null
  const folder = secrets.socketFolder ?? join(dir, 'socket')
  const answer = await knock(folder, secrets)
  if (answer.kind !== 'connected') return null
  await answer.client.end()
  return {
    dataUrl: socketUrl(folder, 'doverie', secrets.doverie, 'doverie'),
    keystoreUrl: socketUrl(folder, 'doverie_keys', secrets.doverie_keys, 'doverie_keys'),
  }
}
