import { Command } from 'commander'
import { checkCommand } from './policy-check.ts'
import { diffCommand } from './policy-diff.ts'
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
  return new Command('policy')
    .description('policy bundles')
    .addCommand(checkCommand())
    .addCommand(testCommand())
    .addCommand(matrixCommand())
    .addCommand(simulateCommand())
    .addCommand(explainCommand())
    .addCommand(diffCommand())
    .addCommand(importCommand())
    .addCommand(schemaCommand())
    .addCommand(legalCommand())
    .addCommand(registerCommand())
}
