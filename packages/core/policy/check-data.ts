import { touches } from './compile.ts'
import { isSupplement } from './check-rules.ts'
import { type Compartment, type Declarations, type Field, isPersonSide, type Retention, selects } from './model.ts'
import { placed, type PolicyProblem, problemAt } from './problem.ts'

/** Every field is collected or issued, every compartment holds fields of its very purposes, every retention can be obeyed. */
export function checkData(policy: Declarations): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = []
  for (const field of policy.fields.values()) problems.push(...checkField(policy, field))
  for (const compartment of policy.compartments.values()) problems.push(...checkCompartment(policy, compartment))
  for (const ground of policy.retention) problems.push(...checkRetention(policy, ground))
  const holds = policy.retention.filter(({ kind }) => kind === 'hold')
  for (const { id, at } of holds.length === 0 ? [] : policy.compartments.values()) {
    if (!holds.some(({ data }) => data.includes(id)))
      problems.push(problemAt(at, `compartment '${id}' is kept by no legal hold`))
  }
  for (const category of policy.categories.values()) {
    if (![...policy.fields.values()].some((field) => field.category === category.id)) {
      problems.push(problemAt(category.at, `category '${category.id}' has no field`, category.clauses))
    }
  }
  return problems
}

function checkField(policy: Declarations, field: Field): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = []
  const complain = (message: string): void => {
    problems.push(problemAt(field.at, `field '${field.id}' ${message}`, field.clauses))
  }
  const asked = [...policy.forms.values()].some((form) => form.fields.some((entry) => entry.field === field.id))
  if (field.source === 'person' && !asked) complain('is collected by no form')
  if (field.source === 'operator' && asked) complain('is issued by the operator, so no form asks for it')
  if (field.list && field.source === 'person') complain('is a list, which only the operator issues')
  if (field.identifies !== null && field.identifies !== field.kind)
    complain(`identifies by ${field.identifies} but is of kind ${field.kind}`)
  const home = policy.compartments.get(field.compartment)
  if (isSupplement(field.at.file) && home !== undefined && home.at.file !== field.at.file) {
    complain(`of a supplement lies in a compartment of the base policy (${placed(home.at)})`)
  }
  return problems
}

/** Same purposes: no rule may open a field of it for a purpose the compartment does not have, and it has none in vain. */
function checkCompartment(policy: Declarations, compartment: Compartment): readonly PolicyProblem[] {
  const fields = [...policy.fields.values()].filter((field) => field.compartment === compartment.id)
  const problems: PolicyProblem[] = []
  if (fields.length === 0) problems.push(problemAt(compartment.at, `compartment '${compartment.id}' has no field`))
  const permits = policy.rules.filter(
    (rule) =>
      rule.effect === 'permit' &&
      [...policy.actors.values()].some(({ id, kind }) => !isPersonSide(kind) && selects(rule.actors, id)) &&
      fields.some((field) => touches(policy, rule.data, field.id)),
  )
  for (const rule of permits) {
    for (const purpose of policy.purposes.keys()) {
      if (!selects(rule.purposes, purpose) || compartment.purposes.includes(purpose)) continue
      const message = `rule '${rule.id}' uses compartment '${compartment.id}' for '${purpose}', which is none of its purposes`
      problems.push(problemAt(rule.at, message, rule.clauses))
    }
  }
  for (const purpose of compartment.purposes) {
    if (permits.some((rule) => selects(rule.purposes, purpose))) continue
    problems.push(
      problemAt(
        compartment.at,
        `compartment '${compartment.id}' has the purpose '${purpose}', for which no rule uses it`,
      ),
    )
  }
  return problems
}

function checkRetention(policy: Declarations, ground: Retention): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = []
  const complain = (message: string): void => {
    problems.push(problemAt(ground.at, `retention '${ground.id}' ${message}`, ground.clauses))
  }
  if ((ground.kind === 'contract') !== ground.services.length > 0)
    complain('names services if, and only if, it hangs on a contract')
  if (ground.kind === 'consent' && ground.after === null) complain('of consents needs a term')
  if (ground.kind === 'hold' && ground.after !== null) complain('of a legal hold ends with it, so it has no term')
  for (const purpose of ground.purposes) {
    if (!policy.purposes.get(purpose)?.grounds.includes('law'))
      complain(`keeps data for '${purpose}', whose ground is not law`)
  }
  for (const field of policy.fields.values()) {
    const kept = ground.data.some((name) => name === field.id || name === field.compartment || name === field.category)
    if (!kept) continue
    if (isSupplement(ground.at.file) && field.at.file !== ground.at.file)
      complain(`of a supplement keeps '${field.id}' (${placed(field.at)}), which it does not declare`)
  }
  for (const name of ground.data) {
    if (!policy.compartments.has(name)) complain(`names '${name}', but only whole compartments are kept or destroyed`)
  }
  return problems
}
