import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { DoverieError } from '@doverie/core/base'
import { explain, parseCase, showExplanation } from '@doverie/core/policy'
import { Command, Option } from 'commander'
import { bundleFolder, failWith } from './bundle-folder.ts'

/** `doverie policy explain`: why a bundle answers so, and what would have to be otherwise for the other answer. */
export function explainCommand(): Command {
  return new Command('explain')
    .description('tell why a bundle permits or refuses an act, and what would turn the answer')
    .argument('<folder>', 'the bundle')
    .argument('<case>', 'a YAML file with now, given and when, as in the tests of a bundle')
    .addOption(new Option('--lang <language>', 'the language of the answer').choices(['ru', 'en']).default('ru'))
    .action(explainAction)
}

async function explainAction(folder: string, file: string, { lang }: { readonly lang: 'ru' | 'en' }): Promise<void> {
  const { policy } = await bundleFolder(folder)
  const source = await readFile(resolve(file), 'utf8').catch(() => {
    throw new DoverieError('not-found', `${file} cannot be read`)
  })
  const parsed = parseCase(policy, basename(file), source)
  if (!parsed.ok) return failWith(file, parsed.error)
  process.stdout.write(showExplanation(explain(policy, parsed.value.act, parsed.value.facts), lang))
}
