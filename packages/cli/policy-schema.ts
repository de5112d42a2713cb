import { FILE_KINDS, fileSchemaText } from '@doverie/core/policy'
import { Argument, Command } from 'commander'

/** `doverie policy schema`: what an editor needs to complete and to check the files of a bundle. */
export function schemaCommand(): Command {
  return new Command('schema')
    .description('print the JSON Schema of a kind of file of a bundle')
    .addArgument(new Argument('[kind]', 'the kind of file').choices(FILE_KINDS).default('rules'))
    .action((kind: (typeof FILE_KINDS)[number]) => {
      process.stdout.write(fileSchemaText(kind))
    })
}
