import { type AgeBand, DoverieError, type Instant, isDoverieError, type Uuid } from '@doverie/core/base'
import { type Accepted, checkSubmission, type FormContract, type Policy } from '@doverie/core/policy'
import { callerId, type PersonCaller } from '../guard/caller.ts'
import { change, type ChangeRequest, type Changing } from '../guard/change.ts'
import { type Evidence, evidencePlace, evidenceRecord, lengthened } from '../guard/evidence.ts'
import { openAnswer, sealAnswer } from '../guard/kept-answer.ts'
import { mac } from '../guard/mac.ts'
import { currentValues, differing, type Values, writeValues } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { placeOf } from '../guard/vocabulary.ts'
import type { Queryable } from '../store/database.ts'
import { findAnswer, rememberAnswer } from '../store/documents.ts'
import { tellAddresses } from './changed-address.ts'
import { invalidValues } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'
import { proveIssued } from './prove-issued.ts'
import { assertMayShow } from './publications/changes-public.ts'
import { reconcile } from './reconcile.ts'
import { sendCode, type SentCode } from './request-code.ts'
import { type Disputed, setAside } from './set-aside.ts'
import { openSnapshot, type Snapshot } from './show-form.ts'

/** A filled form. Everything in it is the sender's word; `evidence` is what the server saw. */
export interface SubmittedForm {
  readonly form: string
  readonly snapshot: string
  readonly entity: string
  readonly values: Readonly<Record<string, unknown>>
  /** The purposes consented to, each by its own document. */
  readonly consents: readonly string[]
  /** The answer to the form's question of age, where it asks one. */
  readonly age?: string | undefined
  /** Repeating a request with the same key gives the first answer and collects nothing twice. */
  readonly idempotencyKey?: string | undefined
  readonly evidence: Evidence
}

/** The contract that a submission made by conduct. */
interface MadeContract {
  readonly id: Uuid
  readonly service: string
  /** The number issued to the person, where the service has numbers. */
  readonly number: string | null
}

export interface Collected extends Decided {
  /** The person's opaque id: what services keep instead of personal data. */
  readonly subject?: Uuid
  readonly contract?: MadeContract | null
  /** A code went to the e-mail just given, to prove it; null where the sender was signed in and it is the one they have. */
  readonly signIn?: SentCode | null
  /** Fields that differ from confirmed values: they were left as they are, and staff will look. */
  readonly conflicts?: readonly string[]
}

/** A collection judged and ready to be written. */
interface Collection extends Snapshot {
  readonly policy: Policy
  readonly accepted: Accepted
  readonly evidence: Evidence
  /** Keeps the answer for a repeat of the request, in the transaction that makes it true. */
  readonly remember: (tx: Queryable, collected: Collected) => Promise<void>
}

/**
 * Takes a submission of a form (operation `collect`). Who is signed in is supplemented; anybody else begins a new person,
 * known to nobody until an identifier is proved: a submission never finds, shows or overwrites an existing person's data.
 * Throws for everything that is wrong with the submission, naming all fields; then nothing is kept.
 */
export async function collectForm(
  vault: Vault,
  caller: PersonCaller | null,
  submitted: SubmittedForm,
): Promise<Collected> {
  const policy = vault.policy()
  if (policy === null) throw new DoverieError('policy-absent')
  const repeat = repeatOf(vault, caller, submitted)
  const remembered = await rememberedAnswer(vault, repeat)
  if (remembered !== null) return remembered
  const snapshot = openSnapshot(vault, submitted.form, submitted.snapshot)
  const ageKnown = await knownAge(vault, caller)
  const accepted = checkSubmission(policy, snapshot.contract, { ...submitted, ageKnown }, vault.now())
  if (!accepted.ok) throw invalidValues(accepted.error)
  const { evidence } = submitted
  const remember = async (tx: Queryable, collected: Collected): Promise<void> => {
    if (repeat === null) return
    await rememberAnswer(
      tx,
      repeat.hash,
      collected.subject ?? vault.newId(),
      repeat.request,
      sealAnswer(vault, repeat.key, collected),
      vault.now(),
    )
  }
  const collection = { ...snapshot, policy, accepted: accepted.value, evidence, remember }
  try {
    return await (caller === null ? beginPerson(vault, collection) : supplementPerson(vault, collection, caller))
  } catch (error) {
    // The same request at the same time was first: nothing of this one is kept, and its answer is the first one's.
    const first = isDoverieError(error, 'conflict') ? await rememberedAnswer(vault, repeat) : null
    if (first === null) throw error
    return first
  }
}

/** What is known of the age of whoever is signed in. */
async function knownAge(vault: Vault, caller: PersonCaller | null): Promise<AgeBand | null> {
  if (caller === null) return null
  const { facts } = await vault.people.get(caller.subject, vault.now())
  // Whoever is not there is refused as such, and not asked their age first.
  return facts === null ? 'adult' : (facts.age ?? null)
}

interface Repeat {
  /** The sender's key within its caller; what seals the answer, so it is kept nowhere. */
  readonly key: string
  /** Keyed hashes under which an answer is remembered: neither the key nor the values can be read from them. */
  readonly hash: Buffer
  readonly request: Buffer
}

function repeatOf(
  vault: Vault,
  caller: PersonCaller | null,
  { idempotencyKey, evidence: _, snapshot: __, ...request }: SubmittedForm,
): Repeat | null {
  if (idempotencyKey === undefined) return null
  const key = `${caller === null ? '' : callerId(caller)}\n${idempotencyKey}`
  return {
    key,
    hash: mac(vault, 'idempotency-key', key),
    // With the sender's own key in it: without that nobody can try guesses of the values against it.
    request: mac(vault, 'idempotency-request', `${key}\n${JSON.stringify(request)}`),
  }
}

/** The answer given to this request before; null where it is new. Throws `idempotency-conflict`. */
async function rememberedAnswer(vault: Vault, repeat: Repeat | null): Promise<Collected | null> {
  if (repeat === null) return null
  const remembered = await findAnswer(vault.data, repeat.hash)
  if (remembered === null) return null
  if (!repeat.request.equals(remembered.request_hash)) throw new DoverieError('idempotency-conflict')
  return openAnswer(vault, repeat.key, remembered.answer) as Collected
}

function requestOf(collection: Collection, caller: PersonCaller, fields: readonly string[]): ChangeRequest {
  const { contract, accepted, digest, policy } = collection
  return {
    caller,
    subject: caller.subject,
    act: 'collect',
    operation: 'collect',
    purpose: contract.purpose,
    entity: accepted.entity,
    fields,
    compartments: listsFor(policy, contract),
    detail: {
      form: contract.form,
      channel: contract.channel,
      document: digest.toString('hex'),
      consents: [...accepted.consents],
    },
  }
}

/** The compartments of the operator's own lists that a submission may lengthen. */
function listsFor(policy: Policy, { service }: FormContract): readonly string[] {
  const { consentEvidence, contractNumbers } = policy.system
  const lists = service === null || contractNumbers === null ? [consentEvidence] : [consentEvidence, contractNumbers]
  return lists.map((field) => placeOf(policy, field).compartment)
}

async function beginPerson(vault: Vault, collection: Collection): Promise<Collected> {
  const { accepted, policy } = collection
  const subject = vault.newId()
  const caller: PersonCaller = { kind: 'subject', subject, proved: [] }
  const values = new Map(Object.entries(accepted.values))
  const fields = [...values.values()].flatMap((group) => Object.keys(group))
  const mailbox = placeOf(policy, policy.system.signIn)
  const email = accepted.values[mailbox.compartment]?.[mailbox.field]
  let collected = null as Collected | null
  const outcome = await change(
    vault,
    { ...requestOf(collection, caller, fields), begins: true, beginsWith: { age: accepted.age } },
    async (changing) => {
      await writeValues(vault, changing, values)
      return establish(vault, changing, collection, caller)
    },
    async (tx, changed) => {
      if (changed.effect === 'refuse') return
      const signIn = email === undefined ? null : await sendCode(vault, tx, subject, email)
      const made: Collected = { ...decidedOf(changed), subject, contract: changed.value, signIn }
      await collection.remember(tx, made)
      collected = made
    },
  )
  return collected ?? decidedOf(outcome)
}

async function supplementPerson(vault: Vault, collection: Collection, caller: PersonCaller): Promise<Collected> {
  const { subject } = caller
  const given = new Map(Object.entries(collection.accepted.values))
  const fields = [...given.values()].flatMap((group) => Object.keys(group))
  const request = { ...requestOf(collection, caller, fields), beginsWith: { age: collection.accepted.age } }
  let collected = null as Collected | null
  const outcome = await change(
    vault,
    request,
    async (changing) => {
      const before = await currentValues(changing)
      const { taken, conflicts } = await reconcile(changing, given)
      const changed = [...taken].flatMap(([name, group]) => differing(before.get(name) ?? {}, group))
      assertMayShow(changing, caller, changed)
      await writeValues(vault, changing, taken)
      const signIn = await tellAddresses(vault, changing, caller, before, taken)
      if (conflicts.length > 0) await setAside(vault, changing, disputed(request, given, conflicts))
      return { contract: await establish(vault, changing, collection, caller), conflicts, signIn }
    },
    async (tx, changed) => {
      if (changed.effect === 'refuse') return
      const made: Collected = { ...decidedOf(changed), subject, ...changed.value }
      await collection.remember(tx, made)
      collected = made
    },
  )
  return collected ?? decidedOf(outcome)
}

function disputed(
  { purpose, entity, detail }: ChangeRequest,
  values: ReadonlyMap<string, Values>,
  fields: readonly string[],
): Disputed {
  return { values, fields, purpose, entity, ...(detail === undefined ? {} : { detail }) }
}

/** The grounds that a submission makes: its contract by conduct, and each consent with its own evidence. */
async function establish(
  vault: Vault,
  changing: Changing,
  { contract, accepted, digest, evidence }: Collection,
  by: PersonCaller,
): Promise<MadeContract | null> {
  const { entity, consents, age } = accepted
  const { channel, form } = contract
  if (age !== null) {
    const { age: known } = changing.facts()
    // Staff corrected it while the form was under way: no form tells it otherwise.
    if (known && known !== age) throw new DoverieError('conflict')
    // Where somebody acts for them already, that may depend on it.
    const corrects = (changing.facts().representatives ?? []).length > 0
    changing.apply({ kind: 'age-declared', age, ...(corrects ? { corrects } : {}), at: changing.at })
  }
  for (const purpose of consents) {
    changing.apply({ kind: 'consent-given', purpose, entity, until: null, at: changing.at })
  }
  if (consents.length > 0) {
    const records = consents.map((purpose) =>
      evidenceRecord(changing, { purpose, entity, channel, form, digest, evidence, by }),
    )
    const held = await currentValues(changing)
    await writeValues(vault, changing, lengthened(held, evidencePlace(changing.policy), records))
  }
  return makeContract(vault, changing, contract, entity)
}

async function makeContract(
  vault: Vault,
  changing: Changing,
  { service }: FormContract,
  entity: string,
): Promise<MadeContract | null> {
  if (service === null) return null
  const numbered = changing.policy.services.get(service)?.numbered === true
  const existing = changing
    .facts()
    .contracts.find((one) => one.service === service && one.entity === entity && one.endedAt === null)
  if (!numbered && existing !== undefined) return { id: existing.id, service, number: null }
  const id = vault.newId()
  changing.apply({ kind: 'contract-began', id, entity, service, at: changing.at })
  const { contractNumbers } = changing.policy.system
  if (!numbered || contractNumbers === null) return { id, service, number: null }
  const number = contractNumber(vault, changing.at)
  const held = await currentValues(changing)
  await writeValues(vault, changing, lengthened(held, placeOf(changing.policy, contractNumbers), [number]))
  await proveIssued(vault, changing)
  return { id, service, number }
}

/** A number of its own: the year and ten random digits, so that numbers cannot be counted or guessed. */
function contractNumber(vault: Vault, at: Instant): string {
  const digits = vault.random(8).readBigUInt64BE() % 10_000_000_000n
  return `D-${new Date(at).getUTCFullYear()}-${digits.toString().padStart(10, '0')}`
}
