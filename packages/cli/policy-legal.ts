import { DoverieError, legalProfile } from '@doverie/core/base'
import { legalItemText, legalReport } from '@doverie/core/policy'
import { Command, Option } from 'commander'
import { bundleFolder } from './bundle-folder.ts'

/** `doverie policy legal`: what a lawyer must still confirm of a bundle and of the law it names. */
export function legalCommand(): Command {
  return new Command('legal')
    .description('list what a lawyer must still confirm, with place, clause and article')
    .argument('<folder>', 'the bundle')
    .addOption(new Option('--lang <language>', 'of the list').choices(['ru', 'en']).default('ru'))
    .action(async (folder: string, { lang }: { readonly lang: string }) => {
      const { policy } = await bundleFolder(folder)
      for (const line of legalLines(policy, lang)) process.stdout.write(`${line}\n`)
    })
}

/** The lines of that list. Throws `policy-invalid` where the bundle names no law. */
export function legalLines(policy: Parameters<typeof legalReport>[0], language: string): readonly string[] {
  if (policy.profile === null) throw new DoverieError('policy-invalid', `${policy.id} names no law (profile: ru-152fz)`)
  const profile = legalProfile(policy.profile)
  const items = legalReport(policy, profile)
  const open = `${policy.id}, ${profile.id}: ${items.length} to be confirmed by a lawyer`
  return [...items.map((item) => legalItemText(item, profile.id, language)), open]
}
