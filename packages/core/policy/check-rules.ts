import type { GroundKind } from '../base/index.ts'
import { MOST_PREDICATES, touches } from './compile.ts'
import { type Declarations, isPersonSide, PERSON, type Purpose, type Rule, selects } from './model.ts'
import type { Policy } from './policy.ts'
import { placed, type PolicyProblem, problemAt } from './problem.ts'

/** Operations by which data come in: their ground is the form's, which is made with them. */
const BRING_IN: ReadonlySet<string> = new Set(['collect', 'record', 'systematise', 'accumulate', 'store'])

/** Every rule is grounded and says why; every purpose and actor is used; a supplement rules over its own data only. */
export function checkRules(policy: Policy): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = []
  for (const rule of policy.rules) problems.push(...checkRule(policy, rule))
  for (const purpose of policy.purposes.values()) problems.push(...checkPurpose(policy, purpose))
  for (const actor of policy.actors.values()) {
    if (actor.duties.length > 0 && actor.kind !== 'staff')
      problems.push(problemAt(actor.at, `'${actor.id}' has duties, which only staff have`, actor.clauses))
    if (actor.duties.length > 0) continue
    if (policy.rules.some((rule) => rule.effect === 'permit' && selects(rule.actors, actor.id))) continue
    problems.push(problemAt(actor.at, `no rule permits '${actor.id}' anything`, actor.clauses))
  }
  const subjects = [...policy.actors.values()].filter(({ kind }) => kind === 'subject')
  if (subjects.length !== 1) {
    problems.push(problemAt(subjects[1]?.at ?? policy.defaults.at, 'exactly one actor is of kind subject: the person'))
  }
  const [, second] = [...policy.actors.values()].filter(({ kind }) => kind === 'representative')
  if (second !== undefined)
    problems.push(problemAt(second.at, 'one actor at most is of kind representative', second.clauses))
  if (policy.index.most > MOST_PREDICATES) {
    problems.push(
      problemAt(
        policy.defaults.at,
        `the rules of one kind of act ask more than ${MOST_PREDICATES} different predicates`,
      ),
    )
  }
  return problems
}

function checkRule(policy: Declarations, rule: Rule): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = []
  const complain = (message: string): void => {
    problems.push(problemAt(rule.at, `rule '${rule.id}' ${message}`, rule.clauses))
  }
  if (rule.effect === 'refuse') {
    if (rule.reason === 'rule') complain('refuses without a reason')
    return problems
  }
  if (rule.reason !== 'rule') complain('permits, so it gives no reason of refusal')
  const foreign = isSupplement(rule.at.file) && !isGiving(policy, rule) ? foreignData(policy, rule) : null
  if (foreign !== null) complain(`of a supplement permits more than the data it declares itself: ${foreign}`)
  if (permitsRepresentative(policy, rule) && !rule.when.some(({ is }) => is === 'represented'))
    complain('permits the representative without asking for their authority (represented)')
  if (needsGround(policy, rule)) {
    const asked = groundsAsked(rule)
    for (const purpose of policy.purposes.values()) {
      if (!selects(rule.purposes, purpose.id) || purpose.grounds.some((ground) => asked.has(ground))) continue
      complain(`permits '${purpose.id}' without asking for one of its grounds (${purpose.grounds.join(', ')})`)
    }
  }
  return problems
}

function permitsRepresentative(policy: Declarations, rule: Rule): boolean {
  return [...policy.actors.values()].some(({ id, kind }) => kind === 'representative' && selects(rule.actors, id))
}

/** The person, and who acts for them, need no ground for what is theirs, and what brings data in rests on the form. */
function needsGround(policy: Declarations, rule: Rule): boolean {
  const others = [...policy.actors.values()].some(({ id, kind }) => !isPersonSide(kind) && selects(rule.actors, id))
  const beyond = 'only' in rule.operations ? rule.operations.only.some((operation) => !BRING_IN.has(operation)) : true
  return others && beyond
}

function groundsAsked(rule: Rule): ReadonlySet<GroundKind> {
  return new Set(
    rule.when.flatMap((predicate): GroundKind[] => {
      if (predicate.is === 'ground') return [predicate.kind]
      return predicate.is === 'contract-for' ? ['contract'] : []
    }),
  )
}

function checkPurpose(policy: Declarations, purpose: Purpose): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = []
  const complain = (message: string): void => {
    problems.push(problemAt(purpose.at, `purpose '${purpose.id}' ${message}`, purpose.clauses))
  }
  if (isSupplement(purpose.at.file) && purpose.grounds.some((ground) => ground !== 'consent'))
    complain('of a supplement rests on more than a consent of its own')
  if (purpose.grounds.length === 0) complain('has no ground')
  if (purpose.grounds.includes('law') !== (purpose.norm !== null))
    complain('names a norm if, and only if, its ground is law')
  if (!policy.rules.some((rule) => rule.effect === 'permit' && selects(rule.purposes, purpose.id)))
    complain('is used by no rule')
  const consents = [...policy.forms.values()].flatMap((form) => form.consents)
  if (purpose.grounds.includes('consent') && !consents.some((consent) => consent.purpose === purpose.id)) {
    complain('needs a consent that no form asks for')
  }
  return problems
}

/**
 * A person may give in a supplement's form, for a purpose of its own, what the base policy has a place for and that form asks:
 * nobody may use it for more.
 */
function isGiving(policy: Declarations, { at, actors, operations, purposes, data }: Rule): boolean {
  const takes = [...policy.actors.values()].filter(({ id }) => selects(actors, id))
  const forms = [...policy.forms.values()].filter((form) => form.at.file === at.file)
  const asked = new Set(
    forms.flatMap(({ fields, choices }) => [
      ...fields.map(({ field }) => field),
      ...choices.flatMap(({ options }) => options.flat()),
    ]),
  )
  return (
    takes.length > 0 &&
    takes.every(({ kind }) => isPersonSide(kind)) &&
    'only' in data &&
    !data.only.includes(PERSON) &&
    [...policy.fields.keys()].every((id) => asked.has(id) || !touches(policy, data, id)) &&
    'only' in operations &&
    operations.only.every((operation) => operation === 'collect' || operation === 'record') &&
    'only' in purposes &&
    purposes.only.every((id) => policy.purposes.get(id)?.at.file === at.file)
  )
}

/** What of a rule's data its own file does not declare, and where it is; null where there is nothing. */
function foreignData(policy: Declarations, rule: Rule): string | null {
  if (!('only' in rule.data)) return 'it names what it leaves, not what it takes'
  if (rule.data.only.includes(PERSON)) return `'${PERSON}' is everything there is of a person`
  const foreign = [...policy.fields.values()].find(
    ({ id, at }) => at.file !== rule.at.file && touches(policy, rule.data, id),
  )
  return foreign === undefined ? null : `'${foreign.id}' is declared elsewhere (${placed(foreign.at)})`
}

/** True for a file that adds to the base rules. */
export function isSupplement(file: string): boolean {
  return file !== 'rules.yaml'
}
