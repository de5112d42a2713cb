import { setTimeout as delay } from 'node:timers/promises'
import { DoverieError } from '@doverie/core/base'
import * as contract from '@doverie/core/contract'
import { doubtful } from '@doverie/core/policy'
import {
  askDestruction,
  cancelDestruction,
  erasureReceipts,
  correctValues,
  currentPolicy,
  describePerson,
  discloseLedgerSecret,
  giveConsent,
  issueConsentReceipt,
  proveEntry,
  proveNewEntry,
  readHistory,
  reviewData,
  setConfidentiality,
  type SubjectCaller,
  tellHistory,
  type Vault,
  withdrawConsent,
} from '@doverie/vault'
import { answered, Refusal, recorded } from '../answer.ts'
import { personOf, type Route, route, subjectOf } from '../route.ts'
import { openOne } from './access.ts'
import { evidenceOf } from './forms.ts'
import { changedOf, describedOf, destroyedOf, endedOf } from './people.ts'

export const meRoutes: readonly Route[] = [
  route(contract.showMe, async ({ vault }, call) => {
    const caller = personOf(call)
    const { subject } = caller
    const { entity } = call.query
    const outcome = await describePerson(vault, caller, { subject, entity })
    const described = answered(outcome, describedOf)
    if (described instanceof Refusal) return described
    const { held } = described.facts
    const policy = currentPolicy(vault)
    if (policy === null) throw new DoverieError('policy-absent')
    const fields = [...policy.fields.values()]
      .filter(({ compartment }) => held.includes(compartment))
      .map(({ id }) => id)
    const reviewDue = doubtful(policy, described.facts, vault.now()).some(({ kind }) => kind === 'old')
    if (fields.length === 0) return { ...described, subject, values: {}, reviewDue }
    const opened = await openOne(vault, caller, { subject, purpose: policy.system.rights, entity, fields })
    return opened instanceof Refusal ? opened : { ...described, subject, values: opened.values, reviewDue }
  }),
  route(contract.showHistory, async ({ vault }, call) => {
    const { from, to } = call.query
    const range = { from: from === undefined ? from : Number(from), to: to === undefined ? to : Number(to) }
    return { entries: await tellHistory(vault, await readHistory(vault, personOf(call), range)) }
  }),
  route(contract.proveEntry, ({ vault }, call) => proveEntry(vault, personOf(call), Number(call.params.place))),
  route(
    contract.showLedgerSecret,
    async ({ vault }, call) => `${await discloseLedgerSecret(vault, subjectOf(call))}\n`,
  ),
  route(contract.correctMine, async ({ vault }, call) => {
    const caller = personOf(call)
    return answered(await correctValues(vault, caller, { subject: caller.subject, ...call.body }), changedOf)
  }),
  route(contract.closeMine, async ({ vault }, call) => {
    const caller = personOf(call)
    const request = { subject: caller.subject, field: call.params.field, ...call.body }
    return recorded(await setConfidentiality(vault, caller, request))
  }),
  route(contract.giveConsent, async ({ vault }, call) => {
    const caller = personOf(call)
    const request = { subject: caller.subject, ...call.body, evidence: evidenceOf(call.request) }
    return recorded(await giveConsent(vault, caller, request))
  }),
  route(contract.consentReceipt, async ({ vault }, call) => {
    const caller = subjectOf(call)
    const outcome = await issueConsentReceipt(vault, caller, { ...call.params, ...call.query })
    const { document, entry } = outcome
    if (document === undefined || entry === undefined) return new Refusal(outcome)
    return { ...document, header: { entry, proof: await proofOf(vault, caller, outcome.id) } }
  }),
  route(contract.withdrawMine, async ({ vault }, call) => {
    const caller = personOf(call)
    const { entity, allEntities } = call.query
    const request = {
      subject: caller.subject,
      entity,
      purpose: call.params.purpose,
      allEntities: allEntities === 'true',
    }
    return answered(await withdrawConsent(vault, caller, request), endedOf)
  }),
  route(contract.destroyMine, async ({ vault }, call) => {
    const caller = personOf(call)
    return answered(await askDestruction(vault, caller, { subject: caller.subject, ...call.body }), destroyedOf)
  }),
  route(contract.erasureReceipts, async ({ vault }, call) => ({
    receipts: await erasureReceipts(vault, call.body.claim),
  })),
  route(contract.cancelDestruction, async ({ vault }, call) => {
    const caller = personOf(call)
    return recorded(await cancelDestruction(vault, caller, { subject: caller.subject, ...call.body }))
  }),
  route(contract.reviewMine, async ({ vault }, call) => {
    const caller = subjectOf(call)
    return recorded(await reviewData(vault, caller, { subject: caller.subject, ...call.body }))
  }),
]

/** Entries have their place within a moment of the act. Whoever is not given a proof makes it from the public log later. */
async function proofOf(vault: Vault, caller: SubjectCaller, entry: string): Promise<string | null> {
  for (let i = 0; i < 20; i++) {
    const proof = await proveNewEntry(vault, caller, entry)
    if (proof !== null) return proof
    await delay(150)
  }
  return null
}
