import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runDoverie } from './testing/run-doverie.ts'

describe('doverie clock', () => {
  let folder: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'doverie-clock-'))
  })
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  it.each([
    [
      ['withdrawal', '2026-12-05'],
      { rule: 'withdrawal', planned: '2027-01-04', outer: '2027-01-11', unit: 'calendar-days' },
    ],
    [['information', '2026-12-25'], { rule: 'information', planned: '2027-01-19', outer: '2027-01-19' }],
    [['information', '2026-01-31', '--profile', 'eu-gdpr'], { profile: 'eu-gdpr', planned: '2026-02-28' }],
    [['incident-first', '2026-11-22T15:00', '--zone', 'Asia/Omsk'], { outer: '2026-11-23T15:00:00+06:00' }],
  ])('%j prints the rule, the planned and the outer date as JSON', async (args, says) => {
    const { code, out, err } = await runDoverie('clock', ...args)
    expect([code, err]).toEqual([0, ''])
    expect(JSON.parse(out)).toMatchObject(says)
  })

  it('counts into a year that a file gives', async () => {
    const file = join(folder, '2028.json')
    const year = { year: 2028, basis: { ru: 'проект' }, off: ['01-03', '01-04', '01-05', '01-06', '01-07'], work: [] }
    writeFileSync(file, JSON.stringify({ years: [year] }))
    const { out } = await runDoverie('clock', 'information', '2027-12-24', '--calendar', file)
    expect(JSON.parse(out)).toMatchObject({
      planned: '2028-01-17',
      calendar: [{ id: 'ru-2027' }, { id: 'ru-2028', basis: { ru: 'проект' } }],
    })
  })

  it.each([
    ['a rule that there is not', ['acces', '2026-11-22'], /no such rule; it has information.* \[unknown-rule\]/],
    ['a day that there is not', ['information', '2026-02-30'], /no day YYYY-MM-DD.*\[invalid-request\]/],
    ['an unknown year', ['information', '2028-06-01'], /knows 2025, 2026, 2027, and not 2028.*\[calendar-unknown\]/],
    ['a zone that there is not', ['information', '2026-11-22', '--zone', 'Mars'], /no such time zone/],
    [
      'a law that there is not',
      ['information', '2026-11-22', '--profile', 'us'],
      /Allowed choices are ru-152fz, eu-gdpr/,
    ],
    ['a missing date', ['information'], /missing required argument 'date'/],
    ['a calendar file that is not there', ['information', '2026-11-22', '--calendar', '/nowhere'], /cannot be read/],
  ])('rejects %s with one line', async (_, args, says) => {
    const { code, out, err } = await runDoverie('clock', ...args)
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(says)
    expect(err).toMatch(/^doverie: [^\n]+\n$/)
  })
})
