import { type Declarations, type Field, selects } from './model.ts'
import { type PolicyProblem, problemAt } from './problem.ts'
import { narrows } from './values/index.ts'

/** Whoever plays a part of `system` can play it: the software would otherwise find that out about a person. */
export function checkSystem(policy: Declarations): readonly PolicyProblem[] {
  const { system } = policy
  const problems: PolicyProblem[] = []
  const complain = (key: string, message: string): void => {
    problems.push(problemAt(system.at, `system: ${key}: ${message}`))
  }
  checkPurposes(policy, complain)
  checkSignIn(policy, complain)
  checkLists(policy, complain)
  checkSurname(policy, complain)
  checkSignature(policy, complain)
  checkOfficer(policy, complain)
  checkKeeper(policy, complain)
  return problems
}

type Complain = (key: string, message: string) => void

function checkPurposes(policy: Declarations, complain: Complain): void {
  const { rights, law } = policy.system
  if (rights === law) complain('law', `'${law}' is the purpose of rights; the operator's duties are another`)
  for (const [key, id] of Object.entries({ rights, law })) {
    if (policy.purposes.get(id)?.grounds.includes('law') === false)
      complain(key, `'${id}' does not rest on law, and must hold whatever the person has agreed to`)
  }
  const persons = [...policy.actors.values()].filter(({ kind }) => kind === 'subject').map(({ id }) => id)
  const permitted = policy.rules.some(
    ({ effect, actors, purposes }) =>
      effect === 'permit' && persons.some((id) => selects(actors, id)) && selects(purposes, rights),
  )
  if (!permitted) complain('rights', `no rule lets the person do anything for '${rights}'`)
}

function checkSignIn(policy: Declarations, complain: Complain): void {
  const field = policy.fields.get(policy.system.signIn)
  if (field === undefined) return
  if (field.identifies !== 'email')
    complain('sign-in', `'${field.id}' does not identify by email, where codes are sent`)
  if (field.source !== 'person') complain('sign-in', `'${field.id}' is issued by the operator, so nobody can prove it`)
  const others = [...policy.fields.values()].filter(({ id, identifies }) => identifies === 'email' && id !== field.id)
  for (const { id } of others) complain('sign-in', `'${id}' identifies by email, too; one mailbox is a person's`)
}

/** What the operator itself writes to a person: a list alone in its compartment, whose fate is its own. */
function checkLists(policy: Declarations, complain: Complain): void {
  const { consentEvidence, contractNumbers, representatives } = policy.system
  checkList(policy, complain, 'consent-evidence', consentEvidence, 'text')
  const numbered = [...policy.services.values()].find((service) => service.numbered)
  if (contractNumbers !== null) checkList(policy, complain, 'contract-numbers', contractNumbers, 'contract-number')
  else if (numbered !== undefined) complain('contract-numbers', `is missing, and '${numbered.id}' is numbered`)
  const actor = [...policy.actors.values()].find(({ kind }) => kind === 'representative')
  if (representatives !== null) checkList(policy, complain, 'representatives', representatives, 'text')
  else if (actor !== undefined) complain('representatives', `is missing, and '${actor.id}' acts for people`)
}

/** A surname alone finds nobody: it needs what narrows it, and both must be of a kind that can be told in part. */
function checkSurname(policy: Declarations, complain: Complain): void {
  const { surname, besideSurname } = policy.system
  const field = surname === null ? undefined : policy.fields.get(surname)
  if (field !== undefined && field.kind !== 'person-name')
    complain('surname', `'${field.id}' is of kind ${field.kind}; person-name is needed`)
  if ((surname === null) !== (besideSurname.length === 0))
    complain('beside-surname', 'goes with `surname`: neither finds anybody without the other')
  for (const id of besideSurname) {
    const beside = policy.fields.get(id)
    if (beside === undefined) continue
    if (!narrows(beside.kind))
      complain('beside-surname', `'${id}' is of kind ${beside.kind}, of which nobody tells a part`)
    if (id === surname || beside.whose === 'other')
      complain('beside-surname', `'${id}' says nothing more of that person`)
  }
}

/** What is compared with a certificate's names is the person's own, and of a kind that such a name can have. */
function checkSignature(policy: Declarations, complain: Complain): void {
  const { signature } = policy.system
  if (signature === null) return
  const { surname, givenNames, inn, snils } = signature
  const wanted: readonly (readonly [string, string | null, Field['kind']])[] = [
    ['surname', surname, 'person-name'],
    ...givenNames.map((id) => ['given-names', id, 'person-name'] as const),
    ['inn', inn, 'tax-id'],
    ['snils', snils, 'text'],
  ]
  for (const [key, id, kind] of wanted) {
    const field = id === null ? undefined : policy.fields.get(id)
    if (field === undefined) continue
    if (field.kind !== kind) complain('signature', `${key}: '${field.id}' is of kind ${field.kind}; ${kind} is needed`)
    if (field.whose === 'other') complain('signature', `${key}: '${field.id}' says nothing of that person`)
  }
  if (signature.formAlone > 0 && wanted.every(([, id]) => id === null))
    complain('signature', 'form-alone: no name is compared, so nobody is shown by it')
}

function checkList(policy: Declarations, complain: Complain, key: string, id: string, kind: Field['kind']): void {
  const field = policy.fields.get(id)
  if (field === undefined) return
  if (field.source !== 'operator' || !field.list) complain(key, `'${id}' is no list that the operator issues`)
  if (field.kind !== kind) complain(key, `'${id}' is of kind ${field.kind}; ${kind} is needed`)
  for (const other of policy.fields.values()) {
    if (other.compartment === field.compartment && other.id !== id)
      complain(key, `'${id}' shares its compartment with '${other.id}', and has a fate of its own`)
  }
}

/** What is due of itself is decided like anybody's act: the rules must let somebody do it. */
function checkKeeper(policy: Declarations, complain: Complain): void {
  if (policy.system.keeper === null) {
    complain('keeper', 'is missing: in its name what is due of itself is done')
    return
  }
  const keeper = policy.actors.get(policy.system.keeper)
  if (keeper === undefined) return
  if (keeper.kind !== 'service') complain('keeper', `'${keeper.id}' is no calling service`)
  const { law, rights } = policy.system
  const due = [
    ['block', law],
    ['destroy', law],
    ['clarify:change', rights],
  ] as const
  for (const [operation, purpose] of due) {
    const may = policy.rules.some(
      ({ effect, actors, operations, purposes }) =>
        effect === 'permit' &&
        selects(actors, keeper.id) &&
        selects(operations, operation) &&
        selects(purposes, purpose),
    )
    if (!may) complain('keeper', `no rule lets '${keeper.id}' ${operation} for '${purpose}'`)
  }
}

function checkOfficer(policy: Declarations, complain: Complain): void {
  const role = policy.actors.get(policy.system.officer)
  if (role === undefined) return
  if (role.kind !== 'staff') complain('officer', `'${role.id}' is no role of staff`)
  for (const duty of ['access', 'adopt'] as const) {
    if (!role.duties.includes(duty))
      complain('officer', `'${role.id}' has not the duty '${duty}', and nobody else begins`)
  }
}
