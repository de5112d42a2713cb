import type { Vault } from '../guard/vault.ts'

/** What the key store's journal says of somebody, oldest first, settled or still announced. */
export async function readJournal(
  vault: Vault,
  holder: string,
): Promise<readonly { readonly kind: string; readonly pending: boolean; readonly detail: object }[]> {
  const { rows } = await vault.keys.query<{ kind: string; pending: boolean; detail: object }>(
    'SELECT kind, pending, detail FROM journal WHERE holder_id = $1 ORDER BY at, version, place',
    [holder],
  )
  return rows
}
