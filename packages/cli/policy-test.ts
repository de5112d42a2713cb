import { DoverieError } from '@doverie/core/base'
import { type Outcome, parseScenarios, runScenario } from '@doverie/core/policy'
import { Command } from 'commander'
import { bundleFolder, failWith } from './bundle-folder.ts'

/** `doverie policy test`: the decision tests that lie next to a bundle. */
export function testCommand(): Command {
  return new Command('test')
    .description('run the decision tests of a bundle (its tests/*.yaml); a test that fails tells what came instead')
    .argument('<folder>', 'the bundle')
    .option('--filter <text>', 'only tests whose name or file contains this')
    .action(testAction)
}

async function testAction(folder: string, { filter = '' }: { readonly filter?: string }): Promise<void> {
  const { files, policy } = await bundleFolder(folder)
  const parsed = parseScenarios(policy, new Map([...files].filter(([file]) => file.startsWith('tests/'))))
  if (!parsed.ok) return failWith(folder, parsed.error)
  const wanted = filter.toLowerCase()
  const chosen = parsed.value.filter(({ name, at }) => `${name} ${at.file}`.toLowerCase().includes(wanted))
  if (chosen.length === 0) throw new DoverieError('not-found', 'there is no such test')

  const outcomes = chosen.map((scenario) => runScenario(policy, scenario))
  const failed = outcomes.filter(({ mismatch }) => mismatch.length > 0)
  for (const outcome of failed) process.stdout.write(failureText(outcome))
  process.stdout.write(`${policy.id}: ${outcomes.length - failed.length} of ${outcomes.length} tests pass\n`)
  if (failed.length > 0) throw new DoverieError('policy-invalid', `${failed.length} of the policy's tests fail`)
}

function failureText({ scenario, mismatch }: Outcome): string {
  const { file, line } = scenario.at
  return [`${file}:${line}: ${scenario.name}`, ...mismatch.map((said) => `  ${said}`), ''].join('\n')
}
