import { nameForm, type Policy } from '@doverie/core/policy'
import { type Caller, counterOf } from '../../guard/caller.ts'
import { asList } from '../../guard/values.ts'
import type { Vault } from '../../guard/vault.ts'
import type { LetterRow } from '../../store/letters.ts'
import { listRequestsOfLetter } from '../../store/requests.ts'
import { loadFacts } from '../../store/subjects.ts'
import { ask, unsealAnswer } from '../open-fields.ts'
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
 * Compares what certificates name with the data of whom a letter is about: the fields that the policy says hold it, by the policy's
 * leave for this caller (operation `use`, with the request's number as ticket), an access with an entry in the person's history. Nothing
 * is compared where the letter is about nobody, the policy names no field or permits it not. Wrong guesses are bounded, as of any
 * comparison. Throws `rate-limited`.
 */
export async function compareSigners(
  vault: Vault,
  caller: Caller,
  letter: LetterRow,
  signers: readonly SignerForm[],
): Promise<readonly SignerLikeness[]> {
  const policy = policyOf(vault)
  const { subject } = letter
  const fields = fieldsOf(policy)
  const [request] = await listRequestsOfLetter(vault.data, letter.id)
  if (subject === null || request === undefined || fields.length === 0) return signers.map(() => ({}))
  const facts = (await loadFacts(vault.data, [subject])).get(subject)?.facts
  const held = fields.filter((id) => facts?.held.includes(policy.fields.get(id)?.compartment ?? '') === true)
  if (held.length === 0) return signers.map(() => ({}))
  const giveBack = await vault.guesses.take(`${counterOf(caller)} ${subject} signature`, vault.now())
  let wrong = false
  try {
    const entity = request.entity ?? firstEntity(policy)
    const access = { subject, purpose: policy.system.rights, entity, ticket: ticketOf(request.number), fields: held }
    const answer = await ask(vault, caller, access, 'compare', 'use', true)
    const { permit } = answer
    if (permit === null) return signers.map(() => ({}))
    const values = await unsealAnswer(vault, answer, permit)
    const known: Held = (field) => {
      const value = values.get(field)?.reveal(permit)
      return value === undefined ? [] : asList(value)
    }
    const compared = signers.map((signer) => likenessOf(policy, signer, known))
    wrong = compared.some((one) => Object.values(one).includes('mismatch'))
    return compared
  } finally {
    if (!wrong) await giveBack()
  }
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
