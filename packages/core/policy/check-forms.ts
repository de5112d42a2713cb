import type { Declarations, Form } from './model.ts'
import { type PolicyProblem, problemAt } from './problem.ts'

/** Every form has a ground for what it collects, and asks every consent on its own. */
export function checkForms(policy: Declarations): readonly PolicyProblem[] {
  const forms = [...policy.forms.values()].flatMap((form) => [
    ...checkGround(policy, form),
    ...checkConsents(policy, form),
    ...checkFields(form),
  ])
  return [...forms, ...checkAge(policy)]
}

/** Age is asked if, and only if, a rule depends on it: what nobody tells no rule can know, and what none needs is not asked. */
function checkAge({ age, rules }: Declarations): readonly PolicyProblem[] {
  const asking = rules.find(({ when }) => when.some(({ is }) => is === 'minor'))
  if (asking !== undefined && age === null) {
    const message = `rule '${asking.id}' asks whether somebody is a minor, so forms must ask it: the key 'age' is missing`
    return [problemAt(asking.at, message, asking.clauses)]
  }
  if (asking === undefined && age !== null)
    return [problemAt(age.at, 'age is asked, but no rule asks whether somebody is a minor', age.clauses)]
  return []
}

function checkGround(policy: Declarations, form: Form): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = []
  const complain = (message: string): void => {
    problems.push(problemAt(form.at, `form '${form.id}' ${message}`, form.clauses))
  }
  const purpose = policy.purposes.get(form.purpose)
  const service = form.service === null ? null : policy.services.get(form.service)
  if (!purpose?.grounds.includes(form.ground))
    complain(`rests on ${form.ground}, which is no ground of '${form.purpose}'`)
  if ((form.ground === 'contract') !== (form.service !== null))
    complain('names a service if, and only if, it rests on the contract')
  for (const entity of form.entities) {
    if (service && !service.entities.includes(entity))
      complain(`offers '${entity}', which does not give the service '${service.id}'`)
  }
  if (form.ground === 'consent' && !form.consents.some((consent) => consent.purpose === form.purpose)) {
    complain(`rests on the consent to '${form.purpose}' but does not ask for it`)
  }
  return problems
}

function checkConsents(policy: Declarations, form: Form): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = []
  const purposes = new Set<string>()
  const documents = new Set<string>()
  for (const { purpose, clauses, document, at } of form.consents) {
    const complain = (message: string): void => {
      problems.push(problemAt(at, `the consent to '${purpose}' ${message}`, clauses))
    }
    if (!policy.purposes.get(purpose)?.grounds.includes('consent'))
      complain('is asked for a purpose that rests on no consent')
    if (purposes.has(purpose)) complain('is asked twice')
    purposes.add(purpose)
    for (const [language, words] of Object.entries(document)) {
      if (documents.has(`${language} ${words}`))
        complain('shares its document with another; each is a document of its own')
      documents.add(`${language} ${words}`)
    }
  }
  return problems
}

function checkFields(form: Form): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = []
  const seen = new Map<string, Form['fields'][number]>()
  for (const entry of form.fields) {
    if (seen.has(entry.field))
      problems.push(problemAt(entry.at, `the form asks for '${entry.field}' twice`, form.clauses))
    seen.set(entry.field, entry)
  }
  const taken = new Set<string>()
  for (const { options, at } of form.choices) {
    for (const field of options.flat()) {
      const entry = seen.get(field)
      if (entry === undefined)
        problems.push(problemAt(at, `the choice offers '${field}', which the form does not ask for`, form.clauses))
      else if (entry.mandatory !== null)
        problems.push(problemAt(at, `'${field}' is mandatory, so it is no choice`, form.clauses))
      if (taken.has(field)) problems.push(problemAt(at, `'${field}' is in two options`, form.clauses))
      taken.add(field)
    }
  }
  return problems
}
