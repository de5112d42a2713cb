import { checkClauses } from './check-clauses.ts'
import { checkData } from './check-data.ts'
import { checkForms } from './check-forms.ts'
import { checkRecipients } from './check-recipients.ts'
import { checkRules } from './check-rules.ts'
import { checkSystem } from './check-system.ts'
import { checkLegal } from './legal/check-legal.ts'
import type { Policy } from './policy.ts'
import type { PolicyProblem } from './problem.ts'

/**
 * What must hold of a bundle before it may be put in force, beyond that it can be read: every clause is bound and every
 * rule grounded, every field has its form and its purposes, every form its ground. Empty where all holds.
 */
export function checkPolicy(policy: Policy): readonly PolicyProblem[] {
  const problems = [
    ...checkClauses(policy),
    ...checkRules(policy),
    ...checkRecipients(policy),
    ...checkData(policy),
    ...checkForms(policy),
    ...checkSystem(policy),
    ...checkLegal(policy),
  ]
  return problems.sort((a, b) => compare(a.file, b.file) || a.line - b.line)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
