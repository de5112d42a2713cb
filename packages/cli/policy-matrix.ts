import { DoverieError } from '@doverie/core/base'
import {
  checkPolicy,
  clauseMatrix,
  isUncovered,
  MATRIX_FORMATS,
  type MatrixFormat,
  type MatrixRow,
  showMatrix,
} from '@doverie/core/policy'
import { clauseTests, countClauses, policyMatrix } from '@doverie/vault'
import { Command, Option } from 'commander'
import { type BundleFolder, bundleFolder, failWith } from './bundle-folder.ts'
import { withOfflineVault } from './offline-vault.ts'

interface MatrixOptions {
  readonly data?: string
  readonly keys?: string
  readonly format: MatrixFormat
  readonly lang: 'ru' | 'en'
}

/** `doverie policy matrix`: every clause of the text with all that it has come to. */
export function matrixCommand(): Command {
  return new Command('matrix')
    .description('every clause: its rules, how often decisions cite it, its tests, or what people do in its place')
    .argument('<folder>', 'the bundle')
    .option('--data <folder>', 'the data folder of a stopped server, to count the decisions of its ledger')
    .option('--keys <folder>', 'its keys folder')
    .addOption(new Option('--format <format>', 'how to show it').choices([...MATRIX_FORMATS]).default('md'))
    .addOption(new Option('--lang <language>', 'language of the tables').choices(['ru', 'en']).default('ru'))
    .action(matrixAction)
}

async function matrixAction(folder: string, { data, keys, format, lang }: MatrixOptions): Promise<void> {
  const bundle = await bundleFolder(folder)
  if ((data === undefined) !== (keys === undefined)) {
    throw new DoverieError('invalid-request', '--data and --keys belong together')
  }
  const rows = data === undefined || keys === undefined ? plain(bundle) : await counted(bundle, { data, keys })
  process.stdout.write(showMatrix(rows, format, lang))
  const uncovered = rows.filter(isUncovered).length
  const problems = checkPolicy(bundle.policy)
  if (uncovered > 0) failWith(folder, problems)
}

function plain({ policy, files }: BundleFolder): readonly MatrixRow[] {
  return clauseMatrix(policy, { tests: clauseTests(policy, files) })
}

/** Counts what is not counted yet, to the end of the ledger, and tells all of it. */
async function counted(
  { policy, files }: BundleFolder,
  folders: { readonly data: string; readonly keys: string },
): Promise<readonly MatrixRow[]> {
  return withOfflineVault(folders, async (vault) => {
    while (await countClauses(vault));
    return (await policyMatrix(vault, policy, clauseTests(policy, files))).rows
  })
}
