import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Vault } from '../guard/vault.ts'
import { loadFacts } from '../store/subjects.ts'
import { asStaff, SUPPORT_TICKET } from '../testing/callers.ts'
import { faultOf } from '../testing/fault.ts'
import { ledgerBodies } from '../testing/ledger-bodies.ts'
import { netrackBundle, TEST_ORIGIN } from '../testing/netrack-bundle.ts'
import { openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { confirm, seeOwn, type Someone, someone } from '../testing/people.ts'
import { ask } from '../testing/requests.ts'
import { memoryKms } from '../testing/root-keys.ts'
import { adoptPolicy, proposePolicy, refreshPolicy } from './adopt-policy.ts'
import { destroyField } from './destroy-field.ts'
import { setHold } from './legal-hold.ts'
import { listDoubts } from './list-doubts.ts'
import { openReplayed } from './replay-journal.ts'
import { readReply, sendReply } from './requests/send-reply.ts'
import { dropSuperseded, rotatePeople } from './rotate-keys.ts'

const DAY = 86_400_000
const dpo = asStaff('dpo')
const other = { ...dpo, staff: '00000000-0000-4000-8000-000000000002', pseudonym: 'dpo-2' }
const FORMER = 'patronymic'

let test: TestVault
let vault: Vault
let people: readonly Someone[]
beforeAll(async () => {
  test = await openTestVault()
  ;({ vault } = test)
  const one = (): Promise<Someone> => someone(vault, { values: { [FORMER]: 'Ивановна' } })
  people = [await one(), await one(), await one(), await one(), await one()]
  await someone(vault)
  // The next version asks for it no more, and knows no such field.
  await adopt('9.0.0', (text) => text.replaceAll(FORMER, 'middle-name'))
})
afterAll(() => test.close())

const adopt = async (version: string, edited: (text: string) => string): Promise<void> => {
  const files = [...netrackBundle()].map(([path, text]): [string, string] => [
    path,
    path.endsWith('.yaml') ? edited(text).replace(/^version: .*$/m, `version: ${version}`) : text,
  ])
  const proposed = await proposePolicy(vault, dpo, new Map(files))
  if (!proposed.ok) throw new Error(JSON.stringify(proposed.error))
  await adoptPolicy(vault, other, proposed.value.version)
}
const tagsOf = async (subject: string): Promise<readonly string[]> =>
  (
    await vault.keys.query<{ kind: string }>('SELECT kind FROM tag WHERE subject_id = $1 ORDER BY kind', [subject])
  ).rows.map(({ kind }) => kind)
const answered = async (subject: string): Promise<string> => {
  await confirm(vault, subject)
  const { id } = await ask(vault, subject, 'copy')
  return (await sendReply(vault, dpo, { request: id, kind: 'answer' })).reply.id
}
const on = (subject: string, field = FORMER, compartment = 'identity') => ({
  ...{ subject, entity: 'start', ticket: SUPPORT_TICKET },
  compartment,
  field,
})
const excessOf = async (subject: string, by = vault): Promise<readonly (string | null)[]> =>
  (await listDoubts(by, dpo)).doubts
    .filter((one) => one.subject === subject && one.kind === 'not-collected')
    .map(({ compartment, field }) => `${String(compartment)} ${String(field)}`)
const keysOf = async (subject: string): Promise<readonly number[]> =>
  (
    await vault.keys.query<{ generation: number }>(
      `SELECT generation FROM key WHERE subject_id = $1 AND compartment = 'identity' ORDER BY 1`,
      [subject],
    )
  ).rows.map(({ generation }) => generation)
const fieldsOf = async (subject: string): Promise<readonly string[] | undefined> =>
  (await loadFacts(vault.data, [subject])).get(subject)?.facts.fields?.['identity']
/** As they were written before it was noted which fields they hold. */
const forgetFields = async (subject: string, by = vault): Promise<void> => {
  await by.data.query(
    `UPDATE subject SET facts = facts - 'fields', facts_version = facts_version + 1 WHERE subject_id = $1`,
    [subject],
  )
  by.people.forgetAll()
}

describe('a field that nothing declares any more', () => {
  it('is found by itself and destroyed by the officer; the rest stays, and its former key goes later', async () => {
    const [one] = people
    const subject = one?.subject ?? ''
    expect(await excessOf(subject)).toEqual([`identity ${FORMER}`])
    await faultOf(destroyField(vault, asStaff('support'), on(subject)), 'forbidden')
    await faultOf(destroyField(vault, dpo, on(subject, 'surname')), 'conflict')
    await faultOf(destroyField(vault, dpo, on(subject, 'nickname')), 'not-found')
    expect((await destroyField(vault, dpo, on(subject))).decision.effect).toBe('permit')
    expect(await fieldsOf(subject)).toEqual(['given-name', 'surname'])
    expect(await excessOf(subject)).toEqual([])
    expect(await seeOwn(vault, subject, ['surname'])).toEqual({ surname: 'Петрова' })
    await faultOf(destroyField(vault, dpo, on(subject)), 'not-found')
    expect((await ledgerBodies(vault)).find(({ act }) => act === 'destroy-field')).toMatchObject({
      operation: 'clarify:change',
      compartments: ['identity'],
      detail: { field: FORMER },
      ticket: SUPPORT_TICKET,
    })
    expect(await keysOf(subject)).toEqual([1, 2])
    test.pass(36 * DAY)
    await dropSuperseded(vault)
    expect(await keysOf(subject)).toEqual([2])
    expect(await seeOwn(vault, subject, ['surname'])).toEqual({ surname: 'Петрова' })
  })

  it('goes with what was answered of the person’s data, and nobody is found by it', async () => {
    const subject = people[3]?.subject ?? ''
    const reply = await answered(subject)
    expect((await readReply(vault, dpo, reply)).pdf.length).toBeGreaterThan(1_000)
    const tags = await tagsOf(subject)
    expect(tags).toContain(`beside-surname ${FORMER}`)
    await destroyField(vault, dpo, on(subject))
    expect(await tagsOf(subject)).toEqual(tags.filter((kind) => kind !== `beside-surname ${FORMER}`))
    await faultOf(readReply(vault, dpo, reply), 'not-found')
  })

  it('stays while a legal hold keeps the person’s data', async () => {
    const subject = people[1]?.subject ?? ''
    await setHold(vault, dpo, { ...on(subject), ground: 'legal-hold', reason: 'dispute' })
    expect(await excessOf(subject)).toEqual([])
    await faultOf(destroyField(vault, dpo, on(subject)), 'conflict')
  })

  it('of data that were written before it was noted is found once their keys are rotated, and until then that is told', async () => {
    const subject = people[2]?.subject ?? ''
    expect((await listDoubts(vault, dpo)).unlisted).toBe(0)
    await forgetFields(subject)
    expect([(await listDoubts(vault, dpo)).unlisted, await excessOf(subject)]).toEqual([1, []])
    await faultOf(destroyField(vault, dpo, on(subject)), 'not-found')
    await rotatePeople(vault, test.now())
    expect([(await listDoubts(vault, dpo)).unlisted, await excessOf(subject)]).toEqual([0, [`identity ${FORMER}`]])
  })

  it('is destroyed again in data that came out of a copy of before', async () => {
    const subject = people[2]?.subject ?? ''
    const reply = await answered(subject)
    await vault.data.query(
      `CREATE TABLE copied_reply AS SELECT * FROM reply;
       CREATE TABLE copied_record AS SELECT * FROM record WHERE subject_id = '${subject}';
       CREATE TABLE copied_subject AS SELECT * FROM subject WHERE subject_id = '${subject}';
       CREATE TABLE copied_event AS SELECT * FROM event WHERE subject_id = '${subject}'`,
    )
    expect((await destroyField(vault, dpo, on(subject))).decision.effect).toBe('permit')
    await vault.data.query(
      `DELETE FROM record WHERE subject_id = '${subject}'; INSERT INTO record SELECT * FROM copied_record;
       DELETE FROM subject WHERE subject_id = '${subject}'; INSERT INTO subject SELECT * FROM copied_subject;
       DELETE FROM event WHERE subject_id = '${subject}'; INSERT INTO event SELECT * FROM copied_event;
       UPDATE reply r SET sealed = c.sealed, export = c.export FROM copied_reply c WHERE c.reply_id = r.reply_id;
       DROP TABLE copied_reply, copied_record, copied_subject, copied_event;
       INSERT INTO restored (restore_id, backup_id, taken_at, restored_at) VALUES (gen_random_uuid(), gen_random_uuid(), now(), now())`,
    )
    const options = { ...test.urls, kms: memoryKms(), origin: TEST_ORIGIN, now: test.now }
    const again = await openReplayed(options)
    try {
      await refreshPolicy(again)
      expect(await excessOf(subject, again)).toEqual([])
      expect(await seeOwn(again, subject, ['surname'])).toEqual({ surname: 'Петрова' })
      await faultOf(readReply(again, dpo, reply), 'not-found')
      // What is sealed, not only what is noted of it.
      await forgetFields(subject, again)
      test.pass(1_000)
      expect(await rotatePeople(again, test.now())).toMatchObject({ failed: 0 })
      expect(await fieldsOf(subject)).toEqual(['given-name', 'surname'])
    } finally {
      await again.close()
    }
  })

  it('that only a campaign asked for, which is over, is no longer searched by either', async () => {
    const subject = people[4]?.subject ?? ''
    await adopt('10.0.0', (text) =>
      text
        .replaceAll(FORMER, 'middle-name')
        .replace(/^ {2}- \{ id: middle-name, .*$/m, (line) => `${line}\n${line.replace('middle-name', FORMER)}`)
        .replace('beside-surname: [', `$&${FORMER}, `)
        .replace(/^ {4}- field: given-name$/m, `$&\n    - field: ${FORMER}`),
    )
    test.pass(180 * DAY)
    expect(await excessOf(subject)).toEqual([`identity ${FORMER}`])
    const tags = await tagsOf(subject)
    expect(tags).toContain(`beside-surname ${FORMER}`)
    await destroyField(vault, dpo, on(subject))
    expect(await tagsOf(subject)).toEqual(tags.filter((kind) => kind !== `beside-surname ${FORMER}`))
  })
})
