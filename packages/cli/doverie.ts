#!/usr/bin/env node
// The command line. One file per command; each adds itself to the program here.
import { Command, CommanderError } from 'commander'
import { backupCommand } from './backup.ts'
import { clockCommand } from './clock.ts'
import { faultLine } from './fault-line.ts'
import { destroyCommand } from './destroy.ts'
import { keysCommand } from './keys.ts'
import { ledgerCommand } from './ledger.ts'
import { policyCommand } from './policy.ts'
import { restoreCommand } from './restore.ts'
import { startCommand } from './start.ts'

const program = new Command('doverie')
  .description('A personal-data policy that runs: the published policy is the only door to personal data.')
  .showSuggestionAfterError(false)
  .exitOverride()
  .configureOutput({
    outputError: (text, write) => {
      write(`doverie: ${text.replace(/^error: /, '')}`)
    },
  })

for (const command of [
  startCommand(),
  backupCommand(),
  restoreCommand(),
  keysCommand(),
  destroyCommand(),
  ledgerCommand(),
  policyCommand(),
  clockCommand(),
])
  program.addCommand(inheriting(command, program))

/** The command with the settings of what it is under, and what is under it likewise: every error is one line of ours. */
function inheriting(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent)
  for (const child of command.commands) inheriting(child, command)
  return command
}

try {
  await program.parseAsync()
} catch (error) {
  // Commander has printed its own line, or the help, already.
  if (!(error instanceof CommanderError)) process.stderr.write(`${faultLine(error)}\n`)
  process.exitCode = error instanceof CommanderError ? error.exitCode : 1
}
