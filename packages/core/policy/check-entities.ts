import { touches } from './compile.ts'
import { OPERATIONS } from '../base/index.ts'
import { type Declarations, type Form, type Overlay, PERSON, type Predicate, type Rule, selects } from './model.ts'
import { placed, type PolicyProblem, problemAt } from './problem.ts'

/**
 * What a file of one entity's may be: of that entity, its forms for nobody else, and no narrowing of what is still offered in
 * its name. That it widens nothing is checked of every supplement alike (`checkRules`, `checkData`, `checkRecipients`).
 */
export function checkEntities(policy: Declarations): readonly PolicyProblem[] {
  return [...policy.overlays.values()].flatMap((overlay) => {
    const refusals = policy.rules.filter(({ at, effect }) => at.file === overlay.at.file && effect === 'refuse')
    return [
      ...checkPlace(policy, overlay),
      ...refusals.flatMap((refusal) => [
        ...brokenServices(policy, overlay, refusal),
        ...[...policy.forms.values()].flatMap((form) => brokenForm(policy, overlay, refusal, form)),
      ]),
    ]
  })
}

function checkPlace(policy: Declarations, { id, at, clauses }: Overlay): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = []
  if (at.file !== `entities/${id}.yaml`)
    problems.push(problemAt(at, `what is said of '${id}' belongs in entities/${id}.yaml`, clauses))
  for (const form of policy.forms.values()) {
    const other = form.entities.find((entity) => entity !== id)
    if (form.at.file !== at.file || other === undefined) continue
    const declared = policy.entities.get(other)
    const place = declared === undefined ? '' : ` (${placed(declared.at)})`
    problems.push(
      problemAt(
        form.at,
        `form '${form.id}' of '${id}' (${placed(at)}) is offered for '${other}'${place}`,
        form.clauses,
      ),
    )
  }
  return problems
}

/** A service that the entity gives, and a rule that it cannot be given without. */
function brokenServices(policy: Declarations, overlay: Overlay, refusal: Rule): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = []
  for (const service of policy.services.values()) {
    if (service.at.file === 'rules.yaml' || !service.entities.includes(overlay.id)) continue
    for (const permit of policy.rules) {
      if (permit.at.file !== service.at.file || !undoes(policy, overlay.id, refusal, permit)) continue
      const message = `rule '${refusal.id}' leaves nothing of rule '${permit.id}' (${placed(permit.at)}) for '${overlay.id}', which gives the service '${service.id}' (${placed(service.at)})`
      problems.push(problemAt(refusal.at, message, refusal.clauses))
    }
  }
  return problems
}

/** A form that asks in the entity's name for what nobody may then use, or take. */
function brokenForm(policy: Declarations, overlay: Overlay, refusal: Rule, form: Form): readonly PolicyProblem[] {
  if (!form.entities.includes(overlay.id)) return []
  const problems: PolicyProblem[] = []
  for (const { purpose, at } of form.consents) {
    const resting = policy.rules.filter(
      ({ effect, purposes, entities, when }) =>
        effect === 'permit' &&
        selects(purposes, purpose) &&
        selects(entities, overlay.id) &&
        when.some(({ is }) => is === 'ground'),
    )
    if (resting.length === 0 || !resting.every((permit) => undoes(policy, overlay.id, refusal, permit))) continue
    const message = `rule '${refusal.id}' refuses '${overlay.id}' the purpose '${purpose}', to which form '${form.id}' asks consent in its name (${placed(at)})`
    problems.push(problemAt(refusal.at, message, refusal.clauses))
  }
  const subject = [...policy.actors.values()].find(({ kind }) => kind === 'subject')
  for (const { field, at } of form.fields) {
    const refused =
      subject !== undefined &&
      asks(refusal).length === 0 &&
      selects(refusal.actors, subject.id) &&
      selects(refusal.operations, 'collect') &&
      selects(refusal.purposes, form.purpose) &&
      touches(policy, refusal.data, field)
    if (!refused) continue
    const message = `rule '${refusal.id}' refuses '${overlay.id}' the field '${field}', for which form '${form.id}' asks in its name (${placed(at)})`
    problems.push(problemAt(refusal.at, message, refusal.clauses))
  }
  return problems
}

/** True where a refusal holds, of this entity, whenever the permit does: nothing is left of the permit. */
function undoes(policy: Declarations, entity: string, refusal: Rule, permit: Rule): boolean {
  const within = (names: Iterable<string>, of: (rule: Rule, name: string) => boolean): boolean =>
    [...names].every((name) => !of(permit, name) || of(refusal, name))
  const needed = permit.when.map(keyOf)
  return (
    permit.effect === 'permit' &&
    selects(permit.entities, entity) &&
    asks(refusal).every((one) => needed.includes(keyOf(one))) &&
    within(policy.actors.keys(), ({ actors }, name) => selects(actors, name)) &&
    within(OPERATIONS, ({ operations }, name) => selects(operations, name)) &&
    within(policy.purposes.keys(), ({ purposes }, name) => selects(purposes, name)) &&
    within([PERSON, ...policy.fields.keys()], ({ data }, name) => touches(policy, data, name))
  )
}

/** What a rule asks once its supplement is in force. */
function asks({ when }: Rule): readonly Predicate[] {
  return when.filter(({ is }) => is !== 'in-force')
}

function keyOf(predicate: Predicate): string {
  return JSON.stringify(predicate)
}
