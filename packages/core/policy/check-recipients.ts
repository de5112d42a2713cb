import { isSupplement } from './check-rules.ts'
import { type Declarations, type Overlay, PERSON, type Recipient, type Rule, selects, type Service } from './model.ts'
import type { Policy } from './policy.ts'
import { placed, type PolicyProblem, problemAt } from './problem.ts'

const HANDING_OVER = ['transfer:provide', 'transfer:access'] as const

/**
 * Whoever data go to is named: every rule that hands data to somebody says to whom, a third party gets them on consent or
 * under law only, and a supplement hands its data to the recipients that it declares.
 */
export function checkRecipients(policy: Policy): readonly PolicyProblem[] {
  return [
    ...[...policy.recipients.values()].flatMap((recipient) => checkRecipient(policy, recipient)),
    ...policy.rules.flatMap((rule) => checkHandingOver(policy, rule)),
    ...[...policy.services.values(), ...policy.overlays.values()].flatMap((one) => checkProcessors(policy, one)),
  ]
}

function checkRecipient(policy: Declarations, recipient: Recipient): readonly PolicyProblem[] {
  const { id, kind, norm, contract, demands, at, clauses } = recipient
  const problems: PolicyProblem[] = []
  const complain = (message: string): void => {
    problems.push(problemAt(at, `recipient '${id}' ${message}`, clauses))
  }
  if (kind === 'authority' && norm === null) complain('is an authority, so it needs the norm by which it asks')
  if (kind !== 'authority' && demands.length > 0) complain('demands nothing: only an authority does')
  for (const { id: norm, data } of demands) {
    if (data.includes(PERSON)) complain(`has the norm '${norm}', which covers fields, not '${PERSON}'`)
    if (demands.filter((other) => other.id === norm).length > 1) complain(`has the norm '${norm}' twice`)
  }
  if (kind === 'processor' && contract === null) complain('is a processor, so it needs the contract that binds it')
  if (kind !== 'entity' && !policy.rules.some((rule) => rule.effect === 'permit' && handsTo(rule, recipient)))
    complain('is handed nothing by any rule')
  // A recipient that a supplement adds must not come into what the base policy gives to all of its kind.
  for (const rule of isSupplement(at.file) ? policy.rules : []) {
    if (rule.effect === 'permit' && rule.at.file !== at.file && handsTo(rule, recipient))
      complain(
        `of a supplement would be handed data by rule '${rule.id}' (${placed(rule.at)}), which is none of its own`,
      )
  }
  return problems
}

/** True where a rule can hand data to this recipient. */
function handsTo(rule: Rule, { id, kind }: Recipient): boolean {
  return rule.when.some(({ is, ...rest }) => {
    if (is !== 'recipient' || !('names' in rest)) return false
    return rest.names.includes(id) || rest.names.includes(kind)
  })
}

function checkHandingOver(policy: Declarations, rule: Rule): readonly PolicyProblem[] {
  const problems: PolicyProblem[] = []
  const complain = (message: string): void => {
    problems.push(problemAt(rule.at, `rule '${rule.id}' ${message}`, rule.clauses))
  }
  const hands = HANDING_OVER.some((operation) => selects(rule.operations, operation))
  const names = rule.when.some(({ is }) => is === 'recipient')
  const speaks = names || rule.when.some(({ is }) => is === 'not-recipient')
  if (speaks && !onlyHandsOver(rule)) complain('speaks of a recipient, but not only of handing data over')
  if (rule.effect === 'refuse') return problems
  if (hands && !names) complain('hands data over without saying to whom (recipient)')
  const consent = rule.when.some((predicate) => predicate.is === 'ground' && predicate.kind === 'consent')
  const lawful = [...policy.purposes.values()].every(
    ({ id, grounds }) => !selects(rule.purposes, id) || grounds.includes('law'),
  )
  for (const recipient of policy.recipients.values()) {
    if (recipient.kind !== 'third-party' || consent || lawful || !handsTo(rule, recipient)) continue
    complain(`hands data to '${recipient.id}' (${placed(recipient.at)}), a third party, on no consent and under no law`)
  }
  return problems
}

function onlyHandsOver({ operations }: Rule): boolean {
  return 'only' in operations && operations.only.every((one) => (HANDING_OVER as readonly string[]).includes(one))
}

/** What a service, or an entity's own file, declares is whom its rules hand data to, no more and no less. */
function checkProcessors(policy: Declarations, service: Service | Overlay): readonly PolicyProblem[] {
  if (!isSupplement(service.at.file)) return []
  const own = policy.rules.filter(({ at, effect }) => at.file === service.at.file && effect === 'permit')
  const problems: PolicyProblem[] = []
  for (const recipient of policy.recipients.values()) {
    const handing = own.find((rule) => handsTo(rule, recipient))
    const declared = service.processors.includes(recipient.id)
    if (handing !== undefined && !declared) {
      const message = `rule '${handing.id}' hands data to '${recipient.id}' (${placed(recipient.at)}), which is none of the processors of '${service.id}' (${placed(service.at)})`
      problems.push(problemAt(handing.at, message, handing.clauses))
    }
    if (handing === undefined && declared) {
      const message = `'${service.id}' names '${recipient.id}' (${placed(recipient.at)}), to which its rules hand nothing`
      problems.push(problemAt(service.at, message, service.clauses))
    }
  }
  return problems
}
