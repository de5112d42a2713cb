import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { ARCHIVE_LIMITS, DoverieError } from '@doverie/core/base'
import { verifyArchive } from '@doverie/sdk/archive'
import { makeArchive, type MadeArchive, NODE_VERIFIERS, refreshPolicy, sha256, type Vault } from '@doverie/vault'
import { Command } from 'commander'
import { type Folders, withFolders, withJoinedVault } from './offline-vault.ts'

interface MakeOptions extends Folders {
  readonly from?: string
  readonly to?: string
  readonly out?: string
}

interface VerifyOptions {
  readonly trust?: string
  readonly json?: boolean
}

/** `doverie archive`: what an inspector asks for of a period, made from the registers, and verified by whoever is handed it. */
export function archiveCommand(): Command {
  return withFolders(new Command('archive'))
    .description('make the inspector’s archive of a period, beside a running server or without one; verify one offline')
    .option('--from <day>', 'the first day of the period, as 2026-01-01, in the operator’s zone')
    .option('--to <day>', 'its last day')
    .option('--out <file>', 'where the ZIP goes; nothing is written over')
    .action(make)
    .addCommand(
      new Command('verify')
        .description('verify an archive by nothing but its file and the ledger’s published keys')
        .argument('<file>', 'the archive')
        .option('--trust <file>', "the ledger's keys and witnesses, as GET /log/policy showed them")
        .option('--json', 'what it found as JSON')
        .action(verify),
    )
}

async function make({ from = '', to = '', out, ...folders }: MakeOptions): Promise<void> {
  // Commander would ask `verify` for them, too, if it were told that they must be there.
  if (out === undefined) throw new DoverieError('invalid-request', '--out names the file to make')
  if (await stat(out).then(Boolean, () => false)) throw new DoverieError('not-empty', `${out} is there already`)
  const {
    bytes,
    sha256: hash,
    manifest,
  } = await withJoinedVault(folders, async (vault) => {
    await refreshPolicy(vault)
    return written(vault, { from, to }, out)
  })
  const lines = Object.values(manifest.registers).reduce((sum, one) => sum + one, 0)
  process.stdout.write(
    `${out}: ${bytes} bytes, ${lines} lines of ${Object.keys(manifest.registers).length} registers\n`,
  )
  process.stdout.write(`under the checkpoint of ${manifest.ledger.size} entries of ${manifest.ledger.origin}\n`)
  process.stdout.write(`sha256 ${hash}\n`)
}

/** Under its name there is only ever a whole archive that the ledger knows of; a crash leaves a part beside it. */
async function written(
  vault: Vault,
  period: { readonly from: string; readonly to: string },
  out: string,
): Promise<MadeArchive> {
  const part = `${out}.part`
  const file = await open(part, 'w', 0o600).catch(() => {
    throw new DoverieError('data-unwritable', `${part} cannot be written`)
  })
  try {
    const made = await makeArchive(vault, null, period, (bytes) => file.writeFile(bytes))
    await file.sync()
    await file.close()
    await rename(part, out)
    return made
  } catch (fault) {
    await file.close().catch(() => undefined)
    await rm(part, { force: true })
    throw fault
  }
}

/** The exit code where nobody's keys were given. */
const UNTRUSTED = 2

async function verify(file: string, { trust, json = false }: VerifyOptions): Promise<void> {
  const there = await stat(file).catch(() => null)
  if (there === null) throw new DoverieError('not-found', `${file} cannot be read`)
  if (there.size > ARCHIVE_LIMITS.packed) throw new DoverieError('invalid-value', `${file} is larger than any archive`)
  const policy = trust === undefined ? undefined : await readTrust(trust)
  const found = verifyArchive(await readFile(file), { policy, verifiers: NODE_VERIFIERS, sha256 })
  const { manifest, trusted, witnessed, proved, unproved } = found
  // Whoever made it chose the keys in it: alone they prove that it is whole, and nothing of whose it is.
  if (!trusted) process.exitCode = UNTRUSTED
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ ok: trusted, trusted, witnessed, proved, unproved, manifest }, null, 2)}\n`,
    )
    return
  }
  const { period, ledger, operator, madeAt, madeBy, files } = manifest
  if (!trusted) {
    process.stdout.write(
      'NOT PROVED TO BE ANYBODY’S: verified by the archive’s own keys. Give --trust with the published policy (…/log/policy).\n',
    )
  }
  process.stdout.write(`${operator}, ${period.from} to ${period.to} (${period.zone}), made ${madeAt} by ${madeBy}\n`)
  process.stdout.write(
    `${files.length} files as signed; the tree of ${ledger.size} of ${ledger.origin} continues the period’s\n`,
  )
  process.stdout.write(`${proved} entries proved, ${unproved} named without a place\n`)
  if (witnessed === true) process.stdout.write('the checkpoint has the cosignatures that its policy asks for\n')
}

function readTrust(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => {
    throw new DoverieError('not-found', `${file} cannot be read`)
  })
}
