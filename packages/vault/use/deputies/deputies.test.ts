import { entryWords } from '@doverie/core/policy'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { counterOf, type StaffCaller } from '../../guard/caller.ts'
import { insertStaff } from '../../store/access.ts'
import { findActing } from '../../store/deputies.ts'
import { asStaff } from '../../testing/callers.ts'
import { faultOf } from '../../testing/fault.ts'
import { ledgerBodies } from '../../testing/ledger-bodies.ts'
import { TEST_ORIGIN } from '../../testing/netrack-bundle.ts'
import { openTestVault, type TestVault } from '../../testing/open-test-vault.ts'
import { memoryKms } from '../../testing/root-keys.ts'
import { keepDuties } from '../operator-duties/keep-duties.ts'
import { listDuties } from '../operator-duties/read-duties.ts'
import { describeDutyFurther } from '../operator-duties/step-duty.ts'
import { currentPolicy, refreshPolicy } from '../adopt-policy.ts'
import { beginSession } from '../prove-code.ts'
import { openReplayed } from '../replay-journal.ts'
import { listDevelopmentMail } from '../send-mail.ts'
import { authenticateSession } from '../staff-access.ts'
import { actAsDeputy, appointDeputy, endDeputies, endDeputy, listDeputies } from './deputy.ts'

const DAY = 86_400_000
const dpo = asStaff('dpo')
const support: StaffCaller = { ...asStaff('support'), staff: '00000000-0000-4000-8000-000000000005' }
let test: TestVault
beforeAll(async () => {
  test = await openTestVault()
  for (const { staff, pseudonym, name } of [dpo, support])
    await insertStaff(test.vault.data, { staff_id: staff, pseudonym, role: name }, test.now())
})
afterAll(() => test.close())

it('is reminded beside the operator, named in each entry, and ends of itself with an entry', async () => {
  const { vault } = test
  const email = 'nina.belova@example.org'
  await appointDeputy(vault, dpo, { staff: support.staff, until: vault.now() + 8 * DAY, email })
  await keepDuties(vault)
  test.pass(6 * DAY)
  await keepDuties(vault)
  const reminded = (await listDevelopmentMail(vault)).filter(({ subject }) => subject.includes('прошло 50 %'))
  expect(new Set(reminded.map(({ to }) => to)).size).toBe(2)
  expect(reminded.filter(({ to }) => to === email).length).toBe(reminded.length / 2)
  const acting: StaffCaller = { ...support, name: 'dpo', deputyOf: 'dpo' }
  const [duty] = await listDuties(vault, acting)
  await describeDutyFurther(vault, acting, { duty: duty?.id ?? '', note: 'посмотрено' })
  const said = (await ledgerBodies(vault)).find(({ act }) => act === 'describe-duty')
  expect(said?.actor).toEqual({ kind: 'staff', name: 'dpo', id: 'support-1', deputyOf: 'dpo' })
  const policy = currentPolicy(vault)
  if (policy === null) throw new Error()
  expect(entryWords(policy, said as never).who.ru).toMatch(/, support-1 \(замещает\)$/)
  await faultOf(appointDeputy(vault, acting, { staff: dpo.staff, until: vault.now() + DAY }), 'forbidden')
  // Nor by a link that they had made for the other.
  const byLink: StaffCaller = { ...dpo, issuedBy: support.pseudonym }
  const next = { staff: support.staff, from: vault.now() + 3 * DAY, until: vault.now() + 4 * DAY }
  await faultOf(appointDeputy(vault, byLink, next), 'forbidden')
  const { id } = await appointDeputy(vault, dpo, next)
  const other = { ...acting, staff: dpo.staff, pseudonym: 'dpo-9' }
  await faultOf(endDeputy(vault, other, id), 'forbidden')
  await endDeputy(vault, dpo, id)
  test.pass(3 * DAY)
  expect([await endDeputies(vault), await endDeputies(vault)]).toEqual([1, 0])
  expect((await listDeputies(vault, dpo)).map(({ endedBy }) => endedBy)).toEqual(['dpo-1', null])
  const bodies = await ledgerBodies(vault)
  expect(bodies.filter(({ act }) => act.endsWith('-deputy')).map(({ act }) => act)).toEqual([
    ...['appoint-deputy', 'appoint-deputy', 'end-deputy', 'end-deputy'],
  ])
  expect(JSON.stringify(bodies)).not.toContain('belova')
})

it('said under one appointment says nothing under the next: who acts again says so again', async () => {
  const { vault } = test
  const { token } = await beginSession(vault, vault.data, 'staff', support.staff, [], 30 * DAY)
  const roleNow = async (): Promise<string | undefined> => {
    const caller = await authenticateSession(vault, token)
    return caller?.kind === 'staff' ? caller.name : undefined
  }
  const first = await appointDeputy(vault, dpo, { staff: support.staff, until: vault.now() + DAY })
  await actAsDeputy(vault, support, token, true)
  expect(await roleNow()).toBe('dpo')
  await endDeputy(vault, dpo, first.id)
  expect(await roleNow()).toBe('support')
  test.pass(60_000)
  const second = await appointDeputy(vault, dpo, { staff: support.staff, until: vault.now() + DAY })
  expect(await roleNow()).toBe('support')
  await actAsDeputy(vault, support, token, true)
  expect(await roleNow()).toBe('dpo')
  // Of one member of staff as many guesses count, by whatever name they act.
  const acting: StaffCaller = { ...support, name: 'dpo', deputyOf: 'dpo' }
  expect(counterOf(acting)).toBe(counterOf(support))
  await endDeputy(vault, dpo, second.id)
})

it('whom the officer ended does not act again in data that came out of a copy of before: all are ended, with an entry', async () => {
  const { vault } = test
  const { id } = await appointDeputy(vault, dpo, { staff: support.staff, until: vault.now() + 8 * DAY })
  await endDeputy(vault, dpo, id)
  await vault.data.query(
    `UPDATE deputy SET ended_at = NULL, ended_by = NULL WHERE deputy_id = '${id}';
     INSERT INTO restored (restore_id, backup_id, taken_at, restored_at) VALUES (gen_random_uuid(), gen_random_uuid(), now(), now())`,
  )
  expect(await findActing(vault.data, 'dpo', vault.now(), support.staff)).not.toBeNull()
  const again = await openReplayed({ ...test.urls, kms: memoryKms(), origin: TEST_ORIGIN, now: test.now })
  try {
    await refreshPolicy(again)
    expect(await findActing(again.data, 'dpo', again.now(), support.staff)).toBeNull()
    // By its time, four times by the officer, by the replay.
    expect((await ledgerBodies(again)).filter(({ act }) => act === 'end-deputy').length).toBe(6)
    await appointDeputy(again, dpo, { staff: support.staff, until: again.now() + DAY })
  } finally {
    await again.close()
  }
})
