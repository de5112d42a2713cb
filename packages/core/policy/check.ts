import { checkClauses } from './check-clauses.ts'
import { checkData } from './check-data.ts'
import { checkEntities } from './check-entities.ts'
import { checkForms } from './check-forms.ts'
import { checkRecipients } from './check-recipients.ts'
import { checkRules } from './check-rules.ts'
import { checkSystem } from './check-system.ts'
import { checkLegal } from './legal/check-legal.ts'
import type { Policy } from './policy.ts'
import { type PolicyProblem, problemAt } from './problem.ts'
import { PRESENT_FORMAT } from './shapes.ts'

/**
 * What must hold of a bundle before it may be put in force, beyond that it can be read: every clause is bound and every
 * rule grounded, every field has its form and its purposes, every form its ground. Empty where all holds.
 */
export function checkPolicy(policy: Policy): readonly PolicyProblem[] {
  const problems = [
    ...checkFormat(policy),
    ...checkClauses(policy),
    ...checkRules(policy),
    ...checkRecipients(policy),
    ...checkData(policy),
    ...checkForms(policy),
    ...checkEntities(policy),
    ...checkSystem(policy),
    ...checkLegal(policy),
  ]
  return problems.sort((a, b) => compare(a.file, b.file) || a.line - b.line)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A former format is for versions that are in force already. */
function checkFormat({ format, defaults }: Policy): readonly PolicyProblem[] {
  if (format === PRESENT_FORMAT) return []
  const message = `the bundle is written in format ${format}, which is read only where it was adopted; a new version says 'format: ${PRESENT_FORMAT}', and all that it asks for (docs/policy.md)`
  return [problemAt({ file: defaults.at.file, line: 1 }, message)]
}
