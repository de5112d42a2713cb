import { randomBytes } from 'node:crypto'
import { DoverieError } from '@doverie/core/base'
import type { FormContract } from '@doverie/core/policy'
import { collectForm, currentPolicy, showForm, type Vault } from '@doverie/vault'

/** Somebody invented, as a form of the policy took them. */
export interface Invented {
  readonly subject: string
  readonly email: string
  readonly phone: string | null
}

export interface InventedPeople {
  readonly people: readonly Invented[]
  /** Texts of which one stands in every value that was invented. */
  readonly marks: readonly string[]
}

type Kind = FormContract['fields'][number]['kind']

const LETTERS = 'абвгдежзиклмнопрст'

/** Invents people and has a form of the policy take them: the first one that asks for an e-mail and takes what is invented. */
export async function inventPeople(vault: Vault, count: number): Promise<InventedPeople> {
  const policy = currentPolicy(vault)
  if (policy === null) throw new DoverieError('policy-absent')
  const mark = `q${randomBytes(5).toString('hex')}`
  const name = [...randomBytes(10)].map((byte) => LETTERS.charAt(byte % LETTERS.length)).join('')
  const marks = [mark, name]
  for (const form of policy.forms.keys()) {
    const { contract, snapshot } = await showForm(vault, form)
    if (!contract.fields.some(({ kind }) => kind === 'email')) continue
    const people: Invented[] = []
    for (let number = 0; number < count; number++) {
      const made = await invent(vault, contract, snapshot, { number, mark, name })
      if (made === null) break
      people.push(made)
    }
    if (people.length === count) return { people, marks }
  }
  throw new DoverieError('policy-invalid', 'No form of this policy takes invented people.')
}

interface Invention {
  readonly number: number
  readonly mark: string
  readonly name: string
}

async function invent(
  vault: Vault,
  contract: FormContract,
  snapshot: string,
  invention: Invention,
): Promise<Invented | null> {
  const options = contract.choices
    .filter(({ mandatory }) => mandatory !== null)
    .flatMap(({ options }) => options[0] ?? [])
  const wanted = ['email', 'phone', 'person-name']
  const fields = contract.fields.filter(
    ({ field, kind, mandatory }) => mandatory !== null || options.includes(field) || wanted.includes(kind),
  )
  const values = Object.fromEntries(fields.map(({ field, kind }) => [field, valueOf(kind, invention)]))
  const evidence = { address: '127.0.0.1', agent: 'proof', language: 'ru' }
  const entity = contract.entities[0]?.id ?? ''
  const collected = await collectForm(vault, null, {
    form: contract.form,
    snapshot,
    entity,
    values,
    consents: [],
    ...(contract.age === null ? {} : { age: 'adult' as const }),
    evidence,
  }).catch(() => null)
  if (collected?.subject === undefined) return null
  const phone = fields.some(({ kind }) => kind === 'phone') ? valueOf('phone', invention) : null
  return { subject: collected.subject, email: valueOf('email', invention), phone }
}

function valueOf(kind: Kind, { number, mark, name }: Invention): string {
  const values: Readonly<Record<Kind, string>> = {
    'person-name': `Пробный${name}`,
    email: `p${number}@${mark}.example.org`,
    phone: `+7916${String(2_000_000 + number)}`,
    'postal-address': `Тверь, ул. ${name}, ${number + 1}`,
    text: `${name} ${mark}`,
    bik: '044525225',
    'bank-account': '40702810938000000001',
    'payment-token': `tok_${mark}`,
    'card-last4': '4242',
    'tax-id': '7707083893',
    'access-addresses': '192.0.2.1',
    'contract-number': `AB-${number}`,
  }
  return values[kind]
}
