import { checkPolicy, type Policy, type Proof, provePolicy, roughly } from '@doverie/core/policy'
import { Command, Option } from 'commander'
import { bundleFolder, failWith } from './bundle-folder.ts'
import { legalLines } from './policy-legal.ts'

interface Options {
  readonly legal?: boolean
  readonly lang: 'ru' | 'en'
}

/** `doverie policy check`: whether a bundle may be put in force. */
export function checkCommand(): Command {
  return new Command('check')
    .description('parse and check a bundle and prove its invariants; tell every problem with file, line and clause')
    .argument('<folder>', 'the bundle')
    .option('--legal', 'also list what a lawyer must still confirm')
    .addOption(new Option('--lang <language>', 'of the invariants and the list').choices(['ru', 'en']).default('ru'))
    .action(checkAction)
}

async function checkAction(folder: string, { legal, lang }: Options): Promise<void> {
  const { policy } = await bundleFolder(folder)
  const problems = checkPolicy(policy)
  if (problems.length > 0) failWith(folder, problems)
  const began = performance.now()
  const proof = provePolicy(policy)
  const seconds = (performance.now() - began) / 1000
  for (const line of proofLines(policy, proof, lang, seconds)) process.stdout.write(`${line}\n`)
  if (proof.problems.length > 0) failWith(folder, proof.problems)
  if (legal === true) for (const line of legalLines(policy, lang)) process.stdout.write(`${line}\n`)
  const { id, rules, fields, forms } = policy
  process.stdout.write(`${id}: ${rules.length} rules, ${fields.size} fields, ${forms.size} forms; no problem\n`)
}

/** The invariants, each with what became of it, and how large the space is over which they were judged. */
function proofLines(policy: Policy, proof: Proof, lang: 'ru' | 'en', seconds: number): readonly string[] {
  const { invariants, size, classes, judged } = proof
  const holding = invariants.filter(({ counterExample }) => counterExample === null)
  const lines = invariants.map(({ id, clauses, says, counterExample }) => {
    const text = says[lang] ?? says[policy.languages[0] ?? ''] ?? ''
    const mark = counterExample === null ? 'proved' : 'FALSE '
    return `${mark} ${id} (${clauses.join(', ')}): ${text}`
  })
  const space = `${roughly(size.points)} points (${roughly(size.acts)} acts × ${roughly(size.persons)} kinds of persons)`
  return [
    ...lines,
    `${holding.length} of ${invariants.length} invariants proved over ${space}, in ${classes} classes of acts by ${roughly(BigInt(judged))} decisions, in ${seconds.toFixed(2)} s`,
  ]
}
