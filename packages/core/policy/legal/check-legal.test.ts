import { describe, expect, it } from 'vitest'
import { legalProfile } from '../../base/index.ts'
import type { Policy } from '../policy.ts'
import { shipped, shippedFiles } from '../testing/shipped-bundle.ts'
import { checkLegal } from './check-legal.ts'
import { legalItemText, legalReport } from './legal-report.ts'

const RU = legalProfile('ru-152fz')

/** The clinic with one text of its rules replaced. */
function clinic(from: string, to: string): Policy {
  const files = shippedFiles('zabota-clinic')
  const rules = files.get('rules.yaml') ?? ''
  if (!rules.includes(from)) throw new Error(`the bundle has no ${from}`)
  return shipped('zabota-clinic', new Map([...files, ['rules.yaml', rules.replace(from, to)]]))
}

function lineOf(text: string, policy: string = shippedFiles('zabota-clinic').get('rules.yaml') ?? ''): number {
  return policy.slice(0, policy.indexOf(text)).split('\n').length
}

describe('a bundle against the law it names', () => {
  it.each([
    [
      'basis: [statistics]',
      'basis: [statistic]',
      "basis 'statistic', unknown to ru-152fz (did you mean 'statistics'?)",
      '3.5',
    ],
    ['basis: [rights]', 'basis: [consent]', 'which is of kind consent, none of its grounds', '7.1'],
    ['    basis: [rights]\n', '', 'rests on law, but names no such ground of ru-152fz as its basis', '7.1'],
    ['basis: accounting', 'basis: acounting', "'acounting', unknown to ru-152fz (did you mean 'accounting'?)", '6.2'],
    ['special: health,', 'special: helth,', "'helth', unknown to ru-152fz (did you mean 'health'?)", '2.2'],
    [
      '    basis: [written-consent]\n',
      '',
      "uses the special category 'health' for 'care', none of whose grounds suffices",
      '3.2',
    ],
    ['basis: [medical, special-law]', 'basis: [law]', "uses the special category 'health' for 'records'", '6.1'],
    ['data: [home]', 'data: [home, medical]', "uses the special category 'health' for 'statistics'", '3.5'],
  ])('is refused with %s become %s', (from, to, says, clause) => {
    const problems = checkLegal(clinic(from, to))
    expect(problems.map(({ message }) => message).join('\n')).toContain(says)
    expect(problems.some((problem) => problem.clause === clause && problem.file === 'rules.yaml')).toBe(true)
  })

  it('may not name a ground of a law without naming the law', () => {
    const problems = checkLegal(clinic('profile: ru-152fz\n', ''))
    expect(problems.length).toBeGreaterThan(5)
    expect(problems.every(({ message }) => message.includes('names no profile'))).toBe(true)
  })

  it('may permit only operations that the law knows', () => {
    const policy = shipped('zabota-clinic')
    const narrow = { ...RU, operations: RU.operations.filter(({ operation }) => operation !== 'anonymise') }
    const problems = checkLegal(policy, narrow)
    expect(problems.map(({ message }) => message)).toEqual([
      "rule 'anonymise-district' permits 'anonymise', which is no operation of ru-152fz",
    ])
  })

  it('may be read under the other law, too', () => {
    expect(checkLegal(shipped('zabota-clinic'), legalProfile('eu-gdpr')).map(({ message }) => message)).toEqual([
      "retention 'medical-record' names the basis 'medical-record-adult', unknown to eu-gdpr",
      "retention 'accounting' names the basis 'accounting', unknown to eu-gdpr",
      "retention 'court-hold' names the basis 'legal-hold', unknown to eu-gdpr",
      "retention 'tele-record' names the basis 'medical-record-adult', unknown to eu-gdpr",
      "retention 'tele-hold' names the basis 'legal-hold', unknown to eu-gdpr",
    ])
  })
})

describe('what a lawyer must still confirm', () => {
  const report = legalReport(shipped('zabota-clinic'), RU)

  it('is told with place, clause and article', () => {
    const item = report.find(({ entry }) => entry === 'retention medical-record')
    expect(item?.at).toMatchObject({ file: 'rules.yaml', line: lineOf('  - id: medical-record') })
    expect(item?.clauses).toEqual(['6.1'])
    expect(legalItemText(item!, RU.id, 'ru')).toMatch(
      /^rules\.yaml:\d+: retention medical-record: ст\. 22 323-ФЗ.*P25Y.*\(пункт 6\.1\)$/,
    )
  })

  it('has every unconfirmed entry of the law once, and every open question', () => {
    const entries = report.filter(({ at }) => at === null).map(({ entry }) => entry)
    const clocks = RU.clocks.filter(({ verified }) => !verified).map(({ id }) => `clocks/${id}`)
    expect(entries).toEqual(expect.arrayContaining(clocks))
    expect(entries).toEqual(expect.arrayContaining(RU.questions.map(({ id }) => `questions/${id}`)))
    expect(new Set(entries).size).toBe(entries.length)
  })

  it('leaves out what is confirmed', () => {
    expect(report.some(({ entry }) => entry === 'clocks/withdrawal')).toBe(false)
    const sure = clinic(
      'verified: false\n    services: [treated]\n    # Who consented',
      'verified: true\n    services: [treated]\n    # Who consented',
    )
    const items = legalReport(sure, RU).filter(({ entry }) => entry === 'retention medical-record')
    expect(items.map(({ asks }) => asks['en'])).toEqual([
      'the bundle counts the norm as confirmed, the profile does not',
    ])
  })

  it('asks about a term that differs from the law’s, and a recipient abroad', () => {
    const shorter = legalReport(clinic('term: P25Y', 'term: P5Y'), RU)
    expect(shorter.map(({ asks }) => asks['en'])).toContain('the term P5Y event where the profile has P25Y event')
    const abroad = legalReport(
      clinic('country: RU\n    label: { ru: Лаборатория', 'country: DE\n    label: { ru: Лаборатория'),
      RU,
    )
    expect(abroad.map(({ asks }) => asks['en'])).toContain('a transfer abroad (DE)')
  })
})
