import { machineStaffLink, refreshPolicy } from '@doverie/vault'
import { Command } from 'commander'
import { type Folders, withFolders, withJoinedVault } from './offline-vault.ts'

/** `doverie staff`: what whoever holds the machine does for members of staff. Works beside a running server, and without one. */
export function staffCommand(): Command {
  const link = new Command('link')
    .description(
      'a one-time sign-in link for a member of staff, good for a day, that no colleague made; ends where they are signed in',
    )
    .argument('<pseudonym>', 'who')
    .option('--url <address>', 'where the server is', 'http://127.0.0.1:8380')
  return new Command('staff').description('members of staff').addCommand(withFolders(link).action(print))
}

async function print(pseudonym: string, options: Folders & { readonly url: string }): Promise<void> {
  await withJoinedVault(options, async (vault) => {
    // The entry names the policy in force.
    await refreshPolicy(vault)
    const { path } = await machineStaffLink(vault, pseudonym)
    process.stdout.write(`${options.url.replace(/\/$/, '')}${path}\n`)
  })
}
