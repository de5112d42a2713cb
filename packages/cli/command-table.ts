import type { Command } from 'commander'

/** Commands by name; each file is read only when its command is asked for. */
export type CommandTable = Readonly<Record<string, () => Promise<Command>>>

/** The one command that is named, or all of them where none is: help and complaints tell of all. */
export async function commandsOf(table: CommandTable, named: string | undefined): Promise<readonly Command[]> {
  const chosen = named !== undefined && Object.hasOwn(table, named) ? table[named] : undefined
  if (chosen !== undefined) return [await chosen()]
  const all: Command[] = []
  for (const load of Object.values(table)) all.push(await load())
  return all
}
