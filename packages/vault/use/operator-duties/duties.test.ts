import { legalProfile } from '@doverie/core/base'
import { owedBy } from '@doverie/core/policy'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asStaff } from '../../testing/callers.ts'
import { canary, faultOf } from '../../testing/fault.ts'
import { ledgerBodies } from '../../testing/ledger-bodies.ts'
import { netrackBundle, openTestVault, type TestVault } from '../../testing/open-test-vault.ts'
import { READS_PDF, textOf } from '../../testing/pdf-text.ts'
import type { Vault } from '../../guard/vault.ts'
import type { DutyRow } from '../../store/duties.ts'
import { adoptPolicy, currentPolicy, loadPolicy } from '../adopt-policy.ts'
import { listDevelopmentMail } from '../send-mail.ts'
import { sweep } from '../sweep.ts'
import { draftDuty, readDutyDocument } from './duty-documents.ts'
import { keepDuties } from './keep-duties.ts'
import { openDuty } from './open-duty.ts'
import { describeDuty, listDuties } from './read-duties.ts'
import { describeDutyFurther, stepDuty } from './step-duty.ts'

const DAY = 86_400_000
const dpo = asStaff('dpo')
const ru = legalProfile('ru-152fz')
const WHO = canary('Ольга Львовна Самойлова, юрист')
const COVERS = ru.agreement.map(({ id }) => id)

let test: TestVault
let vault: Vault
beforeAll(async () => {
  test = await openTestVault()
  ;({ vault } = test)
  await keepDuties(vault)
})
afterAll(() => test.close())

async function find(kind: string, about = 'policy'): Promise<DutyRow> {
  const found = (await listDuties(vault, dpo)).find((row) => row.kind === kind && row.about === about)
  if (found === undefined) throw new Error(`${kind} ${about}`)
  return found
}

async function adopt(version: string, change: (rules: string) => string): Promise<void> {
  const files = netrackBundle()
  files.set('rules.yaml', change(files.get('rules.yaml') ?? '').replace(/^version: .*$/m, `version: ${version}`))
  const loaded = await loadPolicy(vault, files)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error))
  await adoptPolicy(vault, dpo, `netrack@${version}`)
}

describe('what the policy in force asks to be in writing', () => {
  it('is entered once, with a clock, whoever looks and how often', async () => {
    const policy = currentPolicy(vault)
    if (policy === null) throw new Error()
    const owed = owedBy(policy, ru)
    const [, again] = [await keepDuties(await test.second()), await keepDuties(vault)]
    const rows = await listDuties(vault, dpo)
    expect(again).toBe(0)
    expect(rows.map(({ kind, about }) => `${kind} ${about}`).sort()).toEqual(
      owed.map(({ kind, about }) => `${kind} ${about}`).sort(),
    )
    expect(rows.every(({ dueAt, state }) => dueAt !== null && state === 'open')).toBe(true)
    await faultOf(() => listDuties(vault, asStaff('support')), 'forbidden')
    await faultOf(openDuty(vault, dpo, { kind: 'harm' }), 'conflict')
  })

  it('is entered with what is said of it at once, by one of those who enter it together, and leaves no number out', async () => {
    const duty = { kind: 'notice-end', start: vault.now(), note: WHO } as const
    const other = await test.second()
    const entered = await Promise.allSettled([vault, other, vault].map((one) => openDuty(one, dpo, duty)))
    expect(entered.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
    const { id } = await find('notice-end')
    expect((await describeDuty(vault, dpo, id)).content.note).toBe(WHO)
    expect(
      (await ledgerBodies(vault)).filter(
        ({ detail }) => (detail as { kind?: string } | undefined)?.kind === 'notice-end',
      ),
    ).toHaveLength(1)
    const dismiss = (one: string) => stepDuty(vault, dpo, { duty: one, step: 'void', reason: 'not-required' })
    await dismiss(id)
    await dismiss((await openDuty(vault, dpo, { kind: 'notice-end', start: vault.now() })).id)
    const numbers = (await listDuties(vault, dpo)).map(({ number }) => Number(number.slice(5))).sort((a, b) => a - b)
    expect(numbers).toEqual(numbers.map((_, at) => at + 1))
  })

  it('is an agreement with all that the law asks of it, and owed anew once it has ended', async () => {
    const { id } = await find('agreement', 'courier')
    const step = { duty: id, step: 'in-force', reference: '15-ПД/2026' } as const
    const lacking = await faultOf(stepDuty(vault, dpo, { ...step, covers: COVERS.slice(1) }), 'invalid-request')
    expect(lacking).toMatchObject({ details: { field: 'covers' } })
    const { reference: _, ...unnumbered } = step
    await faultOf(stepDuty(vault, dpo, { ...unnumbered, covers: COVERS }), 'invalid-request')
    await faultOf(stepDuty(vault, dpo, { ...step, covers: COVERS, until: vault.now() - DAY }), 'conflict')
    const held = await stepDuty(vault, dpo, { ...step, covers: COVERS, until: vault.now() + 100 * DAY, note: WHO })
    expect(held.facts).toMatchObject({ reference: '15-ПД/2026', by: 'dpo-1', categories: expect.any(Array) as unknown })
    expect(held.facts.purposes?.length).toBeGreaterThan(0)
    expect((await describeDuty(vault, dpo, id)).content.note).toBe(WHO)
    await stepDuty(vault, dpo, { duty: id, step: 'ended' })
    await faultOf(stepDuty(vault, dpo, { ...step, covers: COVERS }), 'conflict')
    expect(await keepDuties(vault)).toBe(1)
    const anew = (await listDuties(vault, dpo)).filter((row) => row.about === 'courier' && row.state === 'open')
    expect(anew).toHaveLength(1)
  })

  it('is an attestation of databases in the law’s country, until a day', async () => {
    const { id } = await find('localisation')
    const step = { duty: id, step: 'in-force', until: vault.now() + 365 * DAY } as const
    await faultOf(stepDuty(vault, dpo, { ...step, country: 'RU' }), 'invalid-request')
    const abroad = faultOf(stepDuty(vault, dpo, { ...step, country: 'FI', place: 'Хельсинки' }), 'invalid-request')
    expect(await abroad).toMatchObject({ details: { field: 'country' } })
    const row = await stepDuty(vault, dpo, { ...step, country: 'RU', place: 'Москва, ул. Курчатова, 1' })
    expect(row.fold.tracks.at(-1)).toMatchObject({ rule: 'renew', outer: step.until })
  })
})

describe('an assessment of harm', () => {
  const absent = ['other-purposes', 'foreign-marketing', 'unidentified-consent', 'databases-abroad']
  const criteria = [...absent, 'incompatible-purposes', 'public-sources'].map((id) => ({ id, met: false }))

  it('is computed from the policy, asks for what that cannot know, and makes a numbered act', async () => {
    const { id } = await find('harm')
    const step = { duty: id, step: 'in-force', signatory: WHO } as const
    const asked = await faultOf(stepDuty(vault, dpo, { ...step, criteria }), 'invalid-request')
    expect(asked).toMatchObject({ details: { field: 'criteria' } })
    const all = [...criteria, { id: 'outside-officer', met: true }]
    await faultOf(
      stepDuty(vault, dpo, { ...step, criteria: [...all, { id: 'minors', met: false }] }),
      'invalid-request',
    )
    const row = await stepDuty(vault, dpo, { ...step, criteria: all })
    expect(row.facts).toMatchObject({
      level: 'high',
      met: expect.arrayContaining(['minors', 'outside-officer']) as unknown,
    })
    const { documents } = await describeDuty(vault, dpo, id)
    const act = await readDutyDocument(vault, dpo, { duty: id, document: documents[0]?.id ?? '' })
    expect(JSON.parse(act.twin)).toMatchObject({ number: act.number, facts: { level: 'high' } })
    if (READS_PDF) expect(textOf(act.pdf)).toMatch(/Степень вреда: высокая.*Самойлова/)
  })
})

describe('a change of the policy', () => {
  it('opens a notice of what the authority was told otherwise, in the adoption itself, and asks for harm anew', async () => {
    await adopt('7.0.0', (rules) => rules.replace(/country: RU/, 'country: KZ'))
    const changed = await find('notice-change', 'netrack@7.0.0')
    const { changes, before } = changed.facts
    expect([before?.startsWith('netrack@'), changes?.map(({ id }) => id)]).toEqual([true, ['cross-border']])
    const { start, outer } = changed.fold.tracks[0] ?? { start: 0, outer: 0 }
    expect([changed.fold.tracks[0]?.rule, start <= vault.now(), outer > vault.now()]).toEqual([
      'notice-change',
      true,
      true,
    ])
    await keepDuties(vault)
    expect((await find('harm')).state).toBe('open')
    expect((await find('cross-border', 'courier')).facts.country).toBe('KZ')
  })

  it('opens none where nothing of that changes', async () => {
    await adopt('7.0.1', (rules) => rules.replace(/country: RU/, 'country: KZ'))
    const notices = (await listDuties(vault, dpo)).filter(({ kind }) => kind === 'notice-change')
    expect(notices.map(({ about }) => about)).toEqual(['netrack@7.0.0'])
  })

  it('to a country that protects nobody adequately takes the authority’s review, from the notice on', async () => {
    const { id } = await find('cross-border', 'courier')
    const step = { duty: id, step: 'in-force', until: vault.now() + 300 * DAY, adequate: false } as const
    const early = await faultOf(stepDuty(vault, dpo, { ...step, noticedAt: vault.now() }), 'invalid-request')
    expect(early).toMatchObject({ details: { field: 'adequate' } })
    const sent = await stepDuty(vault, dpo, { duty: id, step: 'sent', at: vault.now() - 30 * DAY })
    expect([sent.state, sent.fold.tracks.at(-1)?.rule]).toEqual(['sent', 'transfer-review'])
    expect((await stepDuty(vault, dpo, step)).facts).toMatchObject({ adequate: false, noticedAt: sent.facts.noticedAt })
  })

  it('is told by a draft of the policy in force and what staff say, sent, and confirmed by the authority’s number', async () => {
    const { id } = await find('notice-change', 'netrack@7.0.0')
    await faultOf(stepDuty(vault, dpo, { duty: id, step: 'sent' }), 'conflict')
    await describeDutyFurther(vault, dpo, { duty: id, contact: WHO, tax: '7701234567' })
    const { document, statement } = await draftDuty(vault, dpo, id)
    const items = new Map(statement.items.map((item) => [item.id, item.lines.join('\n')]))
    expect(items.get('responsible')).toBe(WHO)
    expect(items.get('location')).toContain('Курчатова')
    expect(items.get('operator')).toContain('7701234567')
    expect(items.get('cross-border')).toContain('(KZ)')
    if (READS_PDF) {
      const { pdf } = await readDutyDocument(vault, dpo, { duty: id, document: document.id })
      expect(textOf(pdf)).toMatch(/Что изменилось с версии netrack@.*было: не осуществляется.*Самойлова/)
    }
    await stepDuty(vault, dpo, { duty: id, step: 'sent', at: vault.now() })
    await faultOf(stepDuty(vault, dpo, { duty: id, step: 'confirmed' }), 'invalid-request')
    const done = await stepDuty(vault, dpo, { duty: id, step: 'confirmed', reference: '77-26-001234' })
    expect([done.state, done.late, done.dueAt]).toEqual(['confirmed', false, null])
  })
})

describe('the clocks', () => {
  it('remind the officer at 50, 80 and 100 % by mail, once each, and no word of staff is in it', async () => {
    const { number } = await find('agreement', 'payment-provider')
    const letters = async (): Promise<readonly string[]> =>
      (await listDevelopmentMail(vault)).flatMap(({ subject, text }) =>
        subject.includes(`Обязанность ${number}:`) ? [`${subject} ${text}`] : [],
      )
    for (const [days, share] of [
      [5, 50],
      [3, 80],
      [2, 100],
    ] as const) {
      test.pass(days * DAY)
      await keepDuties(vault)
      await keepDuties(vault)
      expect((await letters()).filter((one) => one.includes(`${share} %`))).toHaveLength(1)
    }
    expect((await letters()).join()).not.toContain('Самойлова')
  })
})

describe('what staff say of a duty', () => {
  it('is in no entry of the ledger and no clear column, and opens after the sweep of keys of nobody', async () => {
    const duty = await openDuty(vault, dpo, { kind: 'notice-end', note: WHO })
    test.pass(DAY)
    await sweep(vault)
    expect((await describeDuty(vault, dpo, duty.id)).content.note).toBe(WHO)
    const bodies = await ledgerBodies(vault)
    expect(JSON.stringify(bodies)).not.toContain('Самойлова')
    expect(bodies.filter(({ act }) => act === 'open-duty').length).toBeGreaterThan(3)
    const { rows } = await vault.data.query('SELECT duty.*::text AS line FROM duty')
    expect(JSON.stringify(rows)).not.toContain('Самойлова')
  })
})
