import { Command } from 'commander'
import { type CommandTable, commandsOf } from './command-table.ts'

const COMMANDS: CommandTable = {
  check: async () => (await import('./policy-check.ts')).checkCommand(),
  test: async () => (await import('./policy-test.ts')).testCommand(),
  matrix: async () => (await import('./policy-matrix.ts')).matrixCommand(),
  simulate: async () => (await import('./policy-simulate.ts')).simulateCommand(),
  explain: async () => (await import('./policy-explain.ts')).explainCommand(),
  diff: async () => (await import('./policy-diff.ts')).diffCommand(),
  import: async () => (await import('./policy-import.ts')).importCommand(),
  schema: async () => (await import('./policy-schema.ts')).schemaCommand(),
  legal: async () => (await import('./policy-legal.ts')).legalCommand(),
  register: async () => (await import('./policy-register.ts')).registerCommand(),
}

/** `doverie policy`: what can be said of a bundle without any data. `named`: the one of its commands that is asked for. */
export async function policyCommand(named: string | undefined): Promise<Command> {
  const command = new Command('policy').description('policy bundles')
  for (const own of await commandsOf(COMMANDS, named)) command.addCommand(own)
  return command
}
