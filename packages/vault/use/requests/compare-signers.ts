import { nameForm, type Policy } from '@doverie/core/policy'
import { type Caller, counterOf } from '../../guard/caller.ts'
import type { Answer } from '../../guard/read-batcher.ts'
import { asList } from '../../guard/values.ts'
import type { Vault } from '../../guard/vault.ts'
import type { LetterRow } from '../../store/letters.ts'
import { listRequestsOfLetter } from '../../store/requests.ts'
import { loadFacts } from '../../store/subjects.ts'
import { type AccessRequest, ask, unsealAnswer } from '../open-fields.ts'
import { firstEntity, policyOf } from './law.ts'
import type { SignerForm } from './signature-form.ts'
import { ticketOf } from './ticket.ts'

/** What of a signer was compared with a person's data, by the policy's names for it, and with what outcome; neither side is shown. */
export type SignerLikeness = Readonly<
  Partial<Record<'surname' | 'given-names' | 'inn' | 'snils', 'match' | 'mismatch'>>
>

/** The current values of a field; empty where it holds nothing. */
type Held = (field: string) => readonly string[]

/**
 * Why nothing was compared: the policy names no field for it, the letter is about nobody yet, nothing is held of them in those fields, or
 * the policy refuses it.
 */
export type Uncompared = 'no-fields' | 'nobody' | 'nothing-held' | 'refused'

export interface Compared {
  /** Signer by signer; empty where nothing was compared. */
  readonly likeness: readonly SignerLikeness[]
  readonly uncompared: Uncompared | null
}

/**
 * Compares what certificates name with the data of whom a letter is about: the fields that the policy says hold it, by the policy's
 * leave for this caller (operation `use`, with the request's number as ticket), an access with an entry in the person's history. It is
 * asked for people's rights, and where their data are blocked for the law: who wrote must be provable then, too, as far as the policy
 * permits this caller that. Wrong guesses are bounded signer by signer, as of any comparison. Throws `rate-limited`.
 */
export async function compareSigners(
  vault: Vault,
  caller: Caller,
  letter: LetterRow,
  signers: readonly SignerForm[],
): Promise<Compared> {
  const policy = policyOf(vault)
  const { subject } = letter
  const fields = fieldsOf(policy)
  const nothing = (uncompared: Uncompared): Compared => ({ likeness: signers.map(() => ({})), uncompared })
  if (fields.length === 0) return nothing('no-fields')
  const [request] = await listRequestsOfLetter(vault.data, letter.id)
  if (subject === null || request === undefined) return nothing('nobody')
  const facts = (await loadFacts(vault.data, [subject])).get(subject)?.facts
  const held = fields.filter((id) => facts?.held.includes(policy.fields.get(id)?.compartment ?? '') === true)
  if (held.length === 0) return nothing('nothing-held')
  const taken: (() => Promise<unknown>)[] = []
  let wrong = 0
  try {
    while (taken.length < signers.length)
      taken.push(await vault.guesses.take(`${counterOf(caller)} ${subject} signature`, vault.now()))
    const entity = request.entity ?? firstEntity(policy)
    const access = { subject, entity, ticket: ticketOf(request.number), fields: held }
    const answer = await askFor(vault, caller, policy, access)
    const { permit } = answer
    if (permit === null) return nothing('refused')
    const values = await unsealAnswer(vault, answer, permit)
    const known: Held = (field) => {
      const value = values.get(field)?.reveal(permit)
      return value === undefined ? [] : asList(value)
    }
    const likeness = signers.map((signer) => likenessOf(policy, signer, known))
    wrong = likeness.filter((one) => Object.values(one).includes('mismatch')).length
    return { likeness, uncompared: null }
  } finally {
    for (const giveBack of taken.slice(wrong)) await giveBack()
  }
}

async function askFor(
  vault: Vault,
  caller: Caller,
  { system: { rights, law } }: Policy,
  access: Omit<AccessRequest, 'purpose'>,
): Promise<Answer> {
  const answer = await ask(vault, caller, { ...access, purpose: rights }, 'compare', 'use', true)
  const blocked = answer.decision.causes.some(({ reason }) => reason === 'blocked')
  return blocked ? ask(vault, caller, { ...access, purpose: law }, 'compare', 'use', true) : answer
}

function fieldsOf({ system: { signature } }: Policy): readonly string[] {
  const { surname = null, givenNames = [], inn = null, snils = null } = signature ?? {}
  return [surname, ...givenNames, inn, snils].filter((id) => id !== null)
}

/** What the certificate does not name, or the person's data do not say, is not compared. */
function likenessOf(policy: Policy, { subject }: SignerForm, held: Held): SignerLikeness {
  const { signature } = policy.system
  if (signature === null) return {}
  const outcome = (given: string | undefined, known: readonly string[], form: (value: string) => string | null) => {
    if (given === undefined || known.length === 0) return undefined
    const one = form(given)
    return one !== null && known.some((value) => form(value) === one) ? 'match' : 'mismatch'
  }
  const of = (field: string | null): readonly string[] => (field === null ? [] : held(field))
  const found = {
    surname: outcome(subject['surname'], of(signature.surname), nameForm),
    'given-names': givenNames(subject['givenName'], signature.givenNames.map(of)),
    inn: outcome(subject['INN'], of(signature.inn), digits),
    snils: outcome(subject['SNILS'], of(signature.snils), digits),
  }
  return Object.fromEntries(Object.entries(found).filter(([, one]) => one !== undefined))
}

/**
 * Certificates have given name and patronymic in one attribute. It is compared with all of them that are known, in their order; where one is
 * not known, what stands in its place is not compared.
 */
function givenNames(
  given: string | undefined,
  known: readonly (readonly string[])[],
): 'match' | 'mismatch' | undefined {
  const all = known.map((values) => values.flatMap((value) => nameForm(value) ?? []))
  const [first = []] = all
  if (given === undefined || first.length === 0) return undefined
  const form = nameForm(given)
  if (form === null) return 'mismatch'
  const spellings = all.reduce<readonly string[]>(
    (so, values) => (values.length === 0 ? so : so.flatMap((one) => values.map((value) => `${one} ${value}`.trim()))),
    [''],
  )
  const partly = all.some((values) => values.length === 0)
  return spellings.some((one) => form === one || (partly && form.startsWith(`${one} `))) ? 'match' : 'mismatch'
}

function digits(value: string): string | null {
  // A taxpayer number of a person has 12 digits; certificates fill an organisation's up with zeros.
  const signs = value.replace(/\D/g, '').replace(/^00(?=\d{10}$)/, '')
  return signs === '' ? null : signs
}
