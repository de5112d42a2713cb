import { DoverieError, legalProfile } from '@doverie/core/base'
import {
  processingRegisterOf,
  REGISTER_LANGUAGES,
  registerCsv,
  type RegisterLanguage,
  registerMarkdown,
  writeProcessingRegister,
} from '@doverie/core/policy'
import { Command, Option } from 'commander'
import { bundleFolder } from './bundle-folder.ts'

type Format = 'md' | 'csv' | 'jsonld'

/** `doverie policy register`: the rules as a register of processing activities. */
export function registerCommand(): Command {
  return new Command('register')
    .description('the register of processing activities (152-FZ art. 18.1 and 22, GDPR art. 30), made from the rules')
    .argument('<folder>', 'the bundle')
    .addOption(new Option('--format <format>', 'of the register').choices(['md', 'csv', 'jsonld']).default('md'))
    .addOption(new Option('--lang <language>', 'of the register').choices([...REGISTER_LANGUAGES]).default('ru'))
    .option('--bom', 'begin with a mark of byte order, which some spreadsheets need')
    .action(registerAction)
}

async function registerAction(
  folder: string,
  { format, lang, bom = false }: { readonly format: Format; readonly lang: RegisterLanguage; readonly bom?: boolean },
): Promise<void> {
  const { policy } = await bundleFolder(folder)
  if (policy.profile === null) throw new DoverieError('policy-invalid', `${policy.id} names no law (profile: ru-152fz)`)
  const profile = legalProfile(policy.profile)
  const made = {
    md: () => registerMarkdown(policy, profile, lang),
    csv: () => registerCsv(policy, profile, lang),
    jsonld: () => `${JSON.stringify(writeProcessingRegister(processingRegisterOf(policy, profile, lang)), null, 2)}\n`,
  }[format]()
  process.stdout.write(`${bom ? '\uFEFF' : ''}${made}`)
}
