import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import * as contract from '@doverie/core/contract'
import { makeArchive, type MadeArchive, type StaffCaller, type Vault } from '@doverie/vault'
import { type Route, route, staffOf } from '../route.ts'

export const archiveRoutes: readonly Route[] = [
  route(contract.makeArchive, async ({ vault }, call) => {
    const { made, file } = await onDisk(vault, staffOf(call), call.body)
    void call.reply
      .header('content-disposition', `attachment; filename="${made.name}"`)
      .header('content-length', made.bytes)
    return file
  }),
]

/**
 * Makes an archive in a temporary folder, and gives what reads it once: of whatever length it is, a piece is held. The folder goes with
 * the answer, sent or broken off; what a crash leaves there has nobody's data in it.
 */
async function onDisk(
  vault: Vault,
  caller: StaffCaller,
  period: contract.ArchiveBody,
): Promise<{ readonly made: MadeArchive; readonly file: Readable }> {
  const folder = await mkdtemp(join(tmpdir(), 'doverie-archive-'))
  const gone = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    const path = join(folder, 'archive.zip')
    const into = await open(path, 'wx', 0o600)
    const made = await makeArchive(vault, caller, period, (bytes) => into.writeFile(bytes)).finally(() => into.close())
    const file = createReadStream(path)
    file.once('close', () => void gone())
    return { made, file }
  } catch (fault) {
    await gone()
    throw fault
  }
}
