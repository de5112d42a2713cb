import { diffPolicies, showDiff } from '@doverie/core/policy'
import { Command, Option } from 'commander'
import { bundleFolder } from './bundle-folder.ts'

/** `doverie policy diff`: what another version of a policy opens and closes, and for whom. */
export function diffCommand(): Command {
  return new Command('diff')
    .description('tell what opens, what closes and what else changes from one bundle to another')
    .argument('<from>', 'the bundle as it was')
    .argument('<to>', 'the bundle as it is to be')
    .addOption(new Option('--lang <language>', 'the language of the answer').choices(['ru', 'en']).default('ru'))
    .action(diffAction)
}

async function diffAction(from: string, to: string, { lang }: { readonly lang: 'ru' | 'en' }): Promise<void> {
  const { policy: a } = await bundleFolder(from)
  const { policy: b } = await bundleFolder(to)
  process.stdout.write(showDiff(diffPolicies(a, b), a, b, lang))
}
