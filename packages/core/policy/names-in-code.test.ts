import { describe, expect, it } from 'vitest'
import { REASONS } from './decision.ts'
import { BINDING_KINDS } from './matrix/bindings.ts'
import { GROUND_KINDS } from '../base/index.ts'
import { RECIPIENT_KINDS } from './model.ts'
import { namesInCode } from './testing/names-in-code.ts'
import { SHIPPED, shipped } from './testing/shipped-bundle.ts'
import { FIELD_KINDS } from './values/index.ts'

/** Every name that the shipped bundles declare, and every number of a clause that could be nothing else. */
function declaredNames(): ReadonlySet<string> {
  const names = new Set<string>()
  for (const policy of SHIPPED.map((name) => shipped(name))) {
    const { entities, channels, purposes, categories, compartments, fields, actors } = policy
    const { recipients, services, forms, campaigns, rules, retention, invariants, measures, texts } = policy
    const maps = [entities, channels, purposes, categories, compartments, fields, actors]
    for (const map of [...maps, recipients, services, forms, campaigns]) for (const id of map.keys()) names.add(id)
    for (const list of [rules, retention, invariants, measures]) for (const { id } of list) names.add(id)
    for (const trait of policy.traits) names.add(trait)
    for (const { clauses } of texts.values())
      for (const number of clauses.keys()) if (number.includes('.')) names.add(number)
  }
  return names
}

/**
 * Words that the language of bundles has for itself, which a bundle may use as a name as well. In the room of that language
 * (core/policy) they stand for themselves.
 */
const LANGUAGE: ReadonlySet<string> = new Set([
  ...GROUND_KINDS,
  ...RECIPIENT_KINDS,
  ...BINDING_KINDS,
  ...FIELD_KINDS,
  ...Object.keys(REASONS),
  // Kinds of actors; predicates; keys of `system` and of a recipient; what tests call a closed field and a hold.
  ...['subject', 'representative', 'service', 'staff', 'unconfirmed', 'blocked', 'closed', 'hold'],
  ...['rights', 'consent-evidence', 'contract-numbers', 'representatives', 'address', 'processors', 'keeper'],
])

/** Words elsewhere that are none of a bundle's names although one is spelt alike; each with the reason. */
const OTHERWISE: Readonly<Record<string, readonly (readonly [file: string, why: string])[]>> = {
  surname: [
    ['core/policy/check-system.ts', 'a part of `system`'],
    ['vault/use/find-by-surname.ts', 'the name of a member of the request'],
    ['vault/use/requests/signature-form.ts', 'a name in certificates'],
    ['vault/use/requests/compare-signers.ts', 'a name in certificates'],
  ],
  'postal-address': [['server/pages/people.ts', 'a kind of field']],
  email: [
    ['vault/use/send-mail.ts', 'a kind of identifier'],
    ['vault/use/note-fact.ts', 'a kind of identifier'],
    ['vault/use/request-code.ts', 'the kind of what was typed, and the name of the member that holds it'],
    ['vault/use/link-person.ts', 'the kind of identifier that a code proves'],
    ['vault/use/prove-code.ts', 'the kind of identifier that a code proves'],
    ['vault/use/requests/identity.ts', 'the kind of identifier that a code proves'],
    ['vault/use/erasure.ts', 'the kind of identifier that a code proves'],
    ['vault/use/confirm-representative.ts', 'the kind of identifier that a code proves'],
    ['vault/use/tell-mailbox.ts', 'the kind of identifier that a code proves'],
    ['vault/use/lost-mailbox.ts', 'the kind of identifier that a code proves, and the name of a member of the request'],
    ['cli/proof-people.ts', 'the form of an invented value'],
    ['cli/prove-destruction.ts', 'the kind of identifier that is guessed'],
  ],
  phone: [
    ['vault/use/prove-phone.ts', 'the kind of identifier that a code proves'],
    ['vault/use/tell-person.ts', 'the kind of identifier that a code proves'],
    ['cli/proof-people.ts', 'the form of an invented value'],
    ['cli/prove-destruction.ts', 'the kind of identifier that is guessed'],
  ],
  subject: [
    ['vault/guard/caller.ts', 'a kind of caller'],
    ['vault/guard/vocabulary.ts', 'the name of a member of the request'],
    ['vault/use/sign-in-code.ts', 'a kind of sign-in'],
    ['vault/use/erasure.ts', 'a kind of caller'],
    ['core/contract/letters.ts', 'whom a block would harm'],
    ['vault/use/requests/prove-identity.ts', 'the name of a member of the request'],
    ['vault/store/backup-tables.ts', 'the name of a table'],
    ['cli/backup.ts', 'the name of a table'],
    ['vault/use/sample-people.ts', 'a kind of caller'],
    ['vault/use/demands/answer-demand.ts', 'the name of a member of the request'],
    ['vault/use/requests/letter-code.ts', 'the name of a member of the request'],
    ['vault/use/requests/queue.ts', 'the name of a member of the request'],
    ['server/intake/take-apart.ts', 'the name of a header of a message'],
  ],
  service: [
    ['vault/guard/caller.ts', 'a kind of caller'],
    ['vault/use/incidents/scope-incident.ts', 'a kind of actor'],
  ],
  closed: [['server/pages/incidents.ts', 'a state of an incident']],
  contact: [['vault/documents/incident-notice.ts', 'a part of a notice']],
  statistics: [['core/policy/duties/harm.ts', 'a ground of the law’s profile']],
  representative: [
    ['vault/guard/caller.ts', 'a kind of caller'],
    ['vault/use/represent.ts', 'the name of a member of the request'],
  ],
  representatives: [['core/contract/representative.ts', 'the path of an operation']],
  'register-represented': [['vault/use/represent.ts', 'the act as the ledger names it']],
  hold: [
    ['core/contract/legal-hold.ts', 'the path of an operation'],
    ['vault/use/legal-hold.ts', 'the kind of a retention ground, and the name of a member of the request'],
  ],
  'legal-hold': [['vault/use/destroy-data.ts', 'a reason of refusals']],
  consent: [
    ['core/contract/disclosure.ts', 'what entitles a recipient'],
    ['vault/documents/information-answer.ts', 'a kind of ground'],
  ],
  identity: [
    ['core/contract/requests.ts', 'a kind of document'],
    ['server/pages/queue.ts', 'a kind of document'],
    ['core/request/request.ts', 'a ground of the law on which a request is refused'],
  ],
  authority: [
    ['vault/use/disclose.ts', 'a kind of recipient'],
    ['vault/documents/information-answer.ts', 'a kind of recipient'],
  ],
  contract: [
    ['core/contract/disclosure.ts', 'what entitles a recipient'],
    ['vault/use/end-contract.ts', 'the name of a member of the request'],
  ],
  correct: [
    ['core/contract/person.ts', 'the id and the path of an operation'],
    ['vault/use/correct-values.ts', 'the act as the ledger names it'],
  ],
  limitation: [['vault/use/requests/forget-letters.ts', 'a term of the law']],
  blocked: [
    ['vault/use/replay-journal.ts', 'a kind of event'],
    ['server/pages/request-words.ts', 'a step of a request'],
  ],
  protection: [['core/contract/protection.ts', 'the id of an operation']],
  publication: [['vault/store/backup-tables.ts', 'the name of a table']],
  'card-number': [['core/base/errors.ts', 'the code of a fault']],
  mail: [
    ['core/contract/demands.ts', 'a way in which a demand comes'],
    ['core/contract/requests.ts', 'a way in which a document goes out'],
    ['server/jobs.ts', 'the name of a loop'],
    ['vault/guard/secrets.ts', 'the name of a secret'],
  ],
  '1.1': [['server/embedded/settings.ts', 'a setting of PostgreSQL']],
  '5.2.1': [['core/request/delivery-status.ts', 'an enhanced status code of mail servers']],
  start: [
    ['vault/use/operator-duties/open-duty.ts', 'a member of the request'],
    ['core/log/proof-cases.ts', 'the name of a number in a file of vectors'],
    ['cli/start.ts', 'a command'],
  ],
  legal: [['cli/policy-legal.ts', 'a command']],
  other: [
    ['core/policy/values/scripts.ts', 'a script that is none of the known'],
    ['server/pages/mail.ts', 'a fault of a mailbox that is none of the known'],
  ],
}

describe('the code', () => {
  const found = namesInCode(declaredNames())

  it('names nothing that a shipped bundle declares', () => {
    const unexplained = found.filter(
      ({ file, word }) =>
        !(file.startsWith('core/policy/') && LANGUAGE.has(word)) &&
        OTHERWISE[word]?.some(([where]) => where === file) !== true,
    )
    expect(unexplained.map(({ file, line, word }) => `packages/${file}:${line}: ${word}`)).toEqual([])
  })

  it('has an example for each word that is explained, so that no explanation outlives its reason', () => {
    const idle = Object.entries(OTHERWISE).flatMap(([word, places]) =>
      places.flatMap(([where]) =>
        found.some((one) => one.file === where && one.word === word) ? [] : [`${where}: ${word}`],
      ),
    )
    expect(idle).toEqual([])
  })
})
