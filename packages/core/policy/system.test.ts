import { describe, expect, it } from 'vitest'
import { parseBundle } from './bundle.ts'
import { checkPolicy } from './check.ts'
import type { Policy } from './policy.ts'
import { shipped, type Shipped, shippedFiles } from './testing/shipped-bundle.ts'

const RULES = 'rules.yaml'

/** A shipped bundle in which a text of rules.yaml becomes another. */
function changed(name: Shipped, from: string | RegExp, to: string): ReturnType<typeof parseBundle> {
  const source = shippedFiles(name).get(RULES) ?? ''
  const after = source.replace(from, () => to)
  expect(after).not.toBe(source)
  return parseBundle(new Map([...shippedFiles(name), [RULES, after]]))
}

function parsed(outcome: ReturnType<typeof parseBundle>): Policy {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.error))
  return outcome.value
}

const SIGNATURE = /^ {2}signature:\n(?: {4}.*\n)+/m
const SECTION = /^system:\n(?: {2}.*\n)+/m

describe('the section `system`', () => {
  it('says in every shipped bundle who plays the parts of the software', () => {
    expect(shipped('netrack').system).toMatchObject({ rights: 'rights', officer: 'dpo' })
    expect(shipped('zabota-clinic').system).toMatchObject({
      rights: 'patient-rights',
      law: 'statute',
      signIn: 'mail',
      consentEvidence: 'agreements',
      contractNumbers: 'record-numbers',
      officer: 'privacy-officer',
      keeper: 'keeper',
    })
  })

  it('says nothing of signatures in the version before, whose forms then show nobody', () => {
    const before = parsed(changed('netrack', SIGNATURE, ''))
    expect([before.system.signature, checkPolicy(before)]).toEqual([null, checkPolicy(shipped('netrack'))])
    expect(shipped('netrack').system.signature).toMatchObject({ surname: 'surname', inn: null, formAlone: 0 })
  })

  it('cannot be left out', () => {
    const outcome = changed('netrack', SECTION, '')
    expect(outcome.ok ? [] : outcome.error).toContainEqual(
      expect.objectContaining({ file: RULES, message: "the key 'system' is missing" }),
    )
  })

  it.each([
    ['a misspelt name', 'rights: rights', 'rights: rigts', "unknown purpose 'rigts' (did you mean 'rights'?)"],
    ['a key left out', '  officer: dpo\n', '', "the key 'officer' is missing"],
    ['a form that goes further than anybody can make', 'form-alone: 0', 'form-alone: 2', '0 or 1 is needed here'],
    ['a key too many', '  officer: dpo\n', '  officer: dpo\n  owner: dpo\n', "unknown key 'owner'"],
  ])('refuses %s', (_, from, to, says) => {
    const outcome = changed('netrack', from, to)
    expect(outcome.ok ? [] : outcome.error).toContainEqual(
      expect.objectContaining({ file: RULES, message: expect.stringContaining(says) as string }),
    )
  })

  it.each([
    ['rights: rights', 'rights: marketing', "rights: 'marketing' does not rest on law"],
    ['rights: rights', 'rights: research', "rights: no rule lets the person do anything for 'research'"],
    ['law: legal', 'law: rights', "law: 'rights' is the purpose of rights"],
    ['sign-in: email', 'sign-in: phone', "sign-in: 'phone' does not identify by email"],
    ['sign-in: email', 'sign-in: contract-numbers', "sign-in: 'contract-numbers' is issued by the operator"],
    ['sign-in: email', 'sign-in: phone', "sign-in: 'email' identifies by email, too"],
    ['evidence: consent-records', 'evidence: surname', "consent-evidence: 'surname' is no list"],
    ['evidence: consent-records', 'evidence: surname', "consent-evidence: 'surname' is of kind person-name"],
    ['evidence: consent-records', 'evidence: surname', "consent-evidence: 'surname' shares its compartment"],
    ['  contract-numbers: contract-numbers\n', '', "contract-numbers: is missing, and 'co-location' is numbered"],
    ['numbers: contract-numbers', 'numbers: consent-records', "contract-numbers: 'consent-records' is of kind text"],
    [
      '    surname: surname',
      '    surname: phone',
      "signature: surname: 'phone' is of kind phone; person-name is needed",
    ],
    ['[given-name, patronymic]\n', '[given-name, email]\n', "signature: given-names: 'email' is of kind email"],
    ['form-alone: 0', 'inn: phone', "signature: inn: 'phone' is of kind phone; tax-id is needed"],
    [SIGNATURE, '  signature:\n    form-alone: 1\n', 'signature: form-alone: no name is compared'],
    ['officer: dpo', 'officer: billing', "officer: 'billing' is no role of staff"],
    ['keeper: keeper', 'keeper: dpo', "keeper: 'dpo' is no calling service"],
    ['keeper: keeper', 'keeper: billing', "keeper: no rule lets 'billing' block for 'legal'"],
    ['  keeper: keeper\n', '', 'keeper: is missing'],
    ['officer: dpo', 'officer: administrator', "officer: 'administrator' has not the duty 'adopt'"],
  ])('does not pass the check with %s -> %s', (from, to, says) => {
    const problems = checkPolicy(parsed(changed('netrack', from, to)))
    expect(problems.map(({ message }) => message)).toContainEqual(expect.stringContaining(`system: ${says}`))
  })
})
