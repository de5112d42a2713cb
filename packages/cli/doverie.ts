#!/usr/bin/env node
// The command line. One file per command; of one that is named nothing else is read, for reading all takes a second.
import { Command, CommanderError } from 'commander'
import { type CommandTable, commandsOf } from './command-table.ts'
import { faultLine } from './fault-line.ts'

const program = new Command('doverie')
  .description('A personal-data policy that runs: the published policy is the only door to personal data.')
  .showSuggestionAfterError(false)
  // An option after a subcommand's name is that subcommand's.
  .enablePositionalOptions()
  .exitOverride()
  .configureOutput({
    outputError: (text, write) => {
      write(`doverie: ${text.replace(/^error: /, '')}`)
    },
  })

const [named, second] = process.argv.slice(2)
const COMMANDS: CommandTable = {
  start: async () => (await import('./start.ts')).startCommand(),
  backup: async () => (await import('./backup.ts')).backupCommand(),
  restore: async () => (await import('./restore.ts')).restoreCommand(),
  keys: async () => (await import('./keys.ts')).keysCommand(),
  destroy: async () => (await import('./destroy.ts')).destroyCommand(),
  staff: async () => (await import('./staff.ts')).staffCommand(),
  ledger: async () => (await import('./ledger.ts')).ledgerCommand(),
  policy: async () => (await import('./policy.ts')).policyCommand(second),
  witness: async () => (await import('./witness.ts')).witnessCommand(),
  archive: async () => (await import('./archive.ts')).archiveCommand(),
  clock: async () => (await import('./clock.ts')).clockCommand(),
}

for (const command of await commandsOf(COMMANDS, named)) program.addCommand(inheriting(command, program))

/** The command with the settings of what it is under, and what is under it likewise: every error is one line of ours. */
function inheriting(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent)
  for (const child of command.commands) inheriting(child, command)
  return command
}

// `doverie … | head`: whoever reads has enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

try {
  await program.parseAsync()
} catch (error) {
  // Commander has printed its own line, or the help, already.
  if (!(error instanceof CommanderError)) process.stderr.write(`${faultLine(error)}\n`)
  process.exitCode = error instanceof CommanderError ? error.exitCode : 1
}
