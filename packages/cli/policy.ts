import { resolve } from 'node:path'
import { DoverieError } from '@doverie/core/base'
import { checkPolicy, parseBundle, type PolicyProblem } from '@doverie/core/policy'
import { readBundle } from '@doverie/server/offline'
import { Command } from 'commander'
import { explainCommand } from './policy-explain.ts'
import { importCommand } from './policy-import.ts'
import { legalCommand } from './policy-legal.ts'
import { matrixCommand } from './policy-matrix.ts'
import { registerCommand } from './policy-register.ts'
import { schemaCommand } from './policy-schema.ts'
import { simulateCommand } from './policy-simulate.ts'
import { testCommand } from './policy-test.ts'

/** `doverie policy`: what can be said of a bundle without any data. */
export function policyCommand(): Command {
  const check = new Command('check')
    .description('parse and check a bundle; tell every problem with file, line and clause')
    .argument('<folder>', 'the bundle')
    .action(checkAction)
  return new Command('policy')
    .description('policy bundles')
    .addCommand(check)
    .addCommand(testCommand())
    .addCommand(matrixCommand())
    .addCommand(simulateCommand())
    .addCommand(explainCommand())
    .addCommand(importCommand())
    .addCommand(schemaCommand())
    .addCommand(legalCommand())
    .addCommand(registerCommand())
}

async function checkAction(folder: string): Promise<void> {
  const files = await readBundle(resolve(folder)).catch(() => {
    throw new DoverieError('policy-absent', `${folder} cannot be read`)
  })
  const parsed = parseBundle(files)
  const problems: readonly PolicyProblem[] = parsed.ok ? checkPolicy(parsed.value) : parsed.error
  for (const { file, line, clause, message } of problems) {
    process.stdout.write(`${file}:${line}: ${message}${clause === undefined ? '' : ` (clause ${clause})`}\n`)
  }
  if (!parsed.ok || problems.length > 0) {
    throw new DoverieError(
      'policy-invalid',
      `${folder} has ${problems.length} problem${problems.length === 1 ? '' : 's'}`,
    )
  }
  const { id, rules, fields, forms } = parsed.value
  process.stdout.write(`${id}: ${rules.length} rules, ${fields.size} fields, ${forms.size} forms; no problem\n`)
}
