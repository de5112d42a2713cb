import { type LegalProfile, legalProfile, type Operation, OPERATIONS } from '../../base/index.ts'
import { touches } from '../compile.ts'
import { type Category, type Declarations, isPersonSide, type Purpose, type Rule, selects } from '../model.ts'
import { type PolicyProblem, problemAt } from '../problem.ts'
import { hint } from '../nearest-name.ts'
import { legalGrounds } from './legal-grounds.ts'

/** Operations by which data come in: their ground is the form's. */
const BRING_IN: ReadonlySet<Operation> = new Set(['collect', 'record', 'systematise', 'accumulate', 'store'])

/**
 * What a bundle says against the law it names as its `profile`: operations, grounds, retention grounds and special
 * categories that the law does not know, and special categories used on grounds that do not suffice for them.
 */
export function checkLegal(
  policy: Declarations,
  profile: LegalProfile | null = policy.profile === null ? null : legalProfile(policy.profile),
): readonly PolicyProblem[] {
  if (profile === null) return withoutProfile(policy)
  return [
    ...policy.rules.flatMap((rule) => operationProblems(profile, rule)),
    ...[...policy.purposes.values()].flatMap((purpose) => purposeProblems(profile, purpose)),
    ...retentionProblems(policy, profile),
    ...[...policy.categories.values()].flatMap((category) => specialProblems(policy, profile, category)),
  ]
}

/** Names of a law mean nothing where no law is named. */
function withoutProfile(policy: Declarations): readonly PolicyProblem[] {
  const message = 'names a ground or category of a law, but the bundle names no profile'
  const speaking = [
    ...[...policy.purposes.values()].filter(({ basis }) => basis.length > 0),
    ...policy.retention.filter(({ basis }) => basis !== null),
    ...[...policy.categories.values()].filter(({ special }) => special !== null),
  ]
  return speaking.map(({ id, at, clauses }) => problemAt(at, `'${id}' ${message}`, clauses))
}

function operationProblems(profile: LegalProfile, rule: Rule): readonly PolicyProblem[] {
  if (rule.effect === 'refuse') return []
  return OPERATIONS.filter(
    (operation) =>
      selects(rule.operations, operation) && !profile.operations.some((known) => known.operation === operation),
  ).map((operation) =>
    problemAt(
      rule.at,
      `rule '${rule.id}' permits '${operation}', which is no operation of ${profile.id}`,
      rule.clauses,
    ),
  )
}

function purposeProblems(profile: LegalProfile, purpose: Purpose): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = []
  const complain = (message: string): void => {
    problems.push(problemAt(purpose.at, `purpose '${purpose.id}' ${message}`, purpose.clauses))
  }
  const ids = profile.grounds.map(({ id }) => id)
  for (const id of purpose.basis) {
    const ground = profile.grounds.find((known) => known.id === id)
    if (ground === undefined) complain(`names the basis '${id}', unknown to ${profile.id}${hint(id, ids)}`)
    else if (!purpose.grounds.includes(ground.kind))
      complain(`names the basis '${id}', which is of kind ${ground.kind}, none of its grounds`)
  }
  for (const kind of purpose.grounds) {
    if (!profile.grounds.some((ground) => ground.kind === kind)) complain(`rests on ${kind}, unknown to ${profile.id}`)
  }
  const lawful = purpose.basis.some((id) => profile.grounds.find((known) => known.id === id)?.kind === 'law')
  if (purpose.grounds.includes('law') && !lawful)
    complain(`rests on law, but names no such ground of ${profile.id} as its basis`)
  return problems
}

function retentionProblems(policy: Declarations, profile: LegalProfile): readonly PolicyProblem[] {
  const ids = profile.retention.map(({ id }) => id)
  return policy.retention.flatMap(({ id, basis, at, clauses }) =>
    basis === null || ids.includes(basis)
      ? []
      : [
          problemAt(
            at,
            `retention '${id}' names the basis '${basis}', unknown to ${profile.id}${hint(basis, ids)}`,
            clauses,
          ),
        ],
  )
}

function specialProblems(policy: Declarations, profile: LegalProfile, category: Category): readonly PolicyProblem[] {
  if (category.special === null) return []
  const ids = profile.special.map(({ id }) => id)
  if (!ids.includes(category.special)) {
    const message = `category '${category.id}' is special by '${category.special}', unknown to ${profile.id}`
    return [problemAt(category.at, `${message}${hint(category.special, ids)}`, category.clauses)]
  }
  const fields = [...policy.fields.values()].filter((field) => field.category === category.id)
  return policy.rules
    .filter((rule) => usesByOthers(policy, rule) && fields.some((field) => touches(policy, rule.data, field.id)))
    .flatMap((rule) =>
      [...policy.purposes.values()]
        .filter(({ id }) => selects(rule.purposes, id))
        .filter((purpose) => !legalGrounds(profile, purpose).some(({ special }) => special))
        .map(({ id }) => {
          const message = `rule '${rule.id}' uses the special category '${category.id}' for '${id}', none of whose grounds suffices for it`
          return problemAt(rule.at, message, rule.clauses)
        }),
    )
}

/** True where a rule lets somebody other than the person do more than take the data in. */
function usesByOthers(policy: Declarations, rule: Rule): boolean {
  return (
    rule.effect === 'permit' &&
    [...policy.actors.values()].some(({ id, kind }) => !isPersonSide(kind) && selects(rule.actors, id)) &&
    OPERATIONS.some((operation) => !BRING_IN.has(operation) && selects(rule.operations, operation))
  )
}
