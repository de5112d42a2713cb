import type { Facts } from '@doverie/core/base'
import {
  addStaff,
  askDestruction,
  blockPerson,
  cancelDestruction,
  confirmHold,
  correctValues,
  decideRequest,
  describeRequest,
  destroyData,
  endContract,
  erasureReceipts,
  giveConsent,
  keepRetention,
  liftHold,
  listDevelopmentMail,
  listStaff,
  markPosted,
  openReplayed,
  openVault,
  planDestructions,
  readCheckpoint,
  readLetter,
  readReply,
  recallRequest,
  revokeCredential,
  sendReply,
  setConfidentiality,
  setHold,
  showForm,
  sweep,
  switchOffStaff,
  tendRequests,
  unblockPerson,
  type RegisteredLetter,
  type Vault,
  type Replayed,
  verifyLedger,
  withdrawConsent,
  authenticateCredential,
  describePerson,
  loadPolicy,
  makePublic,
} from '@doverie/vault'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { fileKms } from '../../vault/seal/kms-file.ts'
import { asProved, asService, asStaff, asSubject, tokenFor } from '../../vault/testing/callers.ts'
import { ledgerBodies } from '../../vault/testing/ledger-bodies.ts'
import { netrackBundle, TEST_ORIGIN } from '../../vault/testing/netrack-bundle.ts'
import { openTestVault, type TestVault } from '../../vault/testing/open-test-vault.ts'
import { see, seeOwn, type Someone, someone } from '../../vault/testing/people.ts'
import { paper } from '../../vault/testing/requests.ts'
import { endDestructions } from '../../vault/use/end-destructions.ts'
import { createRootKeys, rootKeyFile } from '../keys-folder.ts'
import { backUpPlace, emptyPlace, type TestPlace } from '../testing/backups.ts'
import { temporaryFolder } from '../testing/folder.ts'
import { queryOnce } from '../testing/query.ts'
import {
  claimOf,
  destroyAndCollect,
  destroyUnended,
  killAt,
  on,
  planOf,
  settle,
  waitingErasure,
} from '../testing/replaying.ts'
import { restoreInto, verifyBackup } from './restore.ts'
import { identitiesOf } from './sealed-file.ts'

const dpo = asStaff('dpo')

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let identity: string
let recipients: readonly string[]
let test: TestVault
let kms: ReturnType<typeof fileKms>
type Who =
  | 'withdrawn'
  | 'blocked'
  | 'closed'
  | 'gone'
  | 'unpublished'
  | 'partly'
  | 'corrected'
  | 'same'
  | 'moved'
  | 'again'
  | 'dying'
  | 'held'
  | 'asked'
  | 'kept'
  | 'recalling'
  | 'written'
  | 'ending'
  | 'waiting'
  | 'asking'
let people: Readonly<Record<Who, Someone>>
let late: Someone
/** An erasure that waited at the backup, and a letter of after it. */
let waiting: string
let written: RegisteredLetter
/** A request of a letter about somebody who is destroyed after the backup. */
let about: string
let revoked: string
/** By which people who asked for their destruction find how it ended. */
let claims: Readonly<Record<string, string>>
/** The law's term of what was planned before the backup. */
let dueAt: number | undefined
let backups: { readonly data: string; readonly keys: string }
/** The checkpoint that somebody kept, of after the backup. */
let published: string
let kept: string
beforeAll(async () => {
  folder = await temporaryFolder()
  identity = await generateX25519Identity()
  recipients = [await identityToRecipient(identity)]
  await createRootKeys(folder.path)
  kms = fileKms(rootKeyFile(folder.path))
  test = await openTestVault(netrackBundle(), kms)
  const { vault } = test
  const one = (): Promise<Someone> => someone(vault, { consents: ['marketing'], confirmed: true })
  people = {
    withdrawn: await one(),
    blocked: await one(),
    closed: await one(),
    unpublished: await one(),
    gone: await someone(vault),
    partly: await one(),
    corrected: await one(),
    same: await one(),
    moved: await someone(vault),
    again: await one(),
    dying: await one(),
    held: await someone(vault),
    asked: await someone(vault),
    kept: await someone(vault),
    recalling: await someone(vault),
    written: await one(),
    ending: await someone(vault),
    waiting: await someone(vault),
    asking: await someone(vault),
  }
  const proved = `UPDATE subject SET facts = jsonb_set(facts, '{proved}', '["email"]') WHERE subject_id = $1`
  for (const who of ['asked', 'ending', 'waiting', 'asking'] as const)
    await vault.data.query(proved, [people[who].subject])
  const opened = `UPDATE subject SET facts = facts || '{"opened": ["email"],
    "consents": [{"purpose": "publication", "entity": "start", "since": 0, "until": null}],
    "publications": [{"purpose": "publication", "entity": "start", "since": 0, "fields": {"email": []}}]}'
    WHERE subject_id = $1`
  await vault.data.query(opened, [people.unpublished.subject])
  vault.people.forgetAll()
  await destroyAndCollect(vault, people.dying)
  await destroyUnended(vault, people.dying, ['contact'])
  claims = { ending: await claimOf(vault, people.ending), waiting: await claimOf(vault, people.waiting) }
  await destroyUnended(vault, people.ending, null)
  // Who gives and takes access is a member of staff, who is looked up.
  const { staff, pseudonym, name } = dpo
  await vault.data.query('INSERT INTO staff VALUES ($1, $2, $3, now())', [staff, pseudonym, name])
  await addStaff(vault, dpo, { pseudonym: 'dpo-9', role: 'dpo' })
  revoked = await tokenFor(vault, 'newsletter', ['marketing'])
  const { kept: leaver, recalling } = people
  await endContract(vault, asSubject(leaver.subject), { ...on(leaver.subject), contract: leaver.contract })
  await planDestructions(vault, 14)
  await vault.data.query(`UPDATE plan SET planned_at = now() WHERE subject_id = $1`, [leaver.subject])
  dueAt = (await planOf(vault, leaver))?.dueAt
  waiting = await waitingErasure(vault, recalling.subject)
  await vault.data.query(proved, [recalling.subject])
  vault.people.forgetAll()
  about = (await paper(vault, { text: '', kinds: ['information'], subject: people.gone.subject })).requests[0]?.id ?? ''
  await settle(vault)
  kept = (await readCheckpoint(vault)) ?? ''
  backups = { data: await backUp('data'), keys: await backUp('keys') }
  await narrowAll(vault)
  late = await one()
  await settle(vault)
  published = (await readCheckpoint(vault)) ?? ''
  await vault.close()
})
afterAll(async () => {
  await test.close()
  await folder.remove()
})

async function backUp(kind: 'data' | 'keys'): Promise<string> {
  const place = { ...test.urls, kms, origin: TEST_ORIGIN }
  return (await backUpPlace(place, kind, { to: `${folder.path}-${kind}`, recipients })).folder
}

/** All that takes something away, after the backup. */
async function narrowAll(vault: Vault): Promise<void> {
  const { withdrawn, blocked, closed, gone, partly, corrected } = people
  await withdrawConsent(vault, asSubject(withdrawn.subject), {
    ...on(withdrawn.subject),
    purpose: 'marketing',
    allEntities: true,
  })
  await blockPerson(vault, dpo, { ...on(blocked.subject), reason: 'operator' })
  await setConfidentiality(vault, asSubject(closed.subject), {
    ...on(closed.subject),
    field: 'email',
    closedTo: ['marketing'],
  })
  const { subject: unpublished } = people.unpublished
  await makePublic(vault, asSubject(unpublished), { ...on(unpublished), purpose: 'publication', fields: {} })
  await destroyData(vault, dpo, { ...on(gone.subject), compartments: null })
  await destroyData(vault, dpo, { ...on(partly.subject), compartments: ['contact'] })
  await correctValues(vault, asSubject(corrected.subject), { ...on(corrected.subject), values: { surname: 'Новая' } })
  const id = (await authenticateCredential(vault, revoked))?.credential ?? ''
  await revokeCredential(vault, dpo, id)
  const off = (await listStaff(vault, dpo)).find((member) => member.pseudonym === 'dpo-9')
  await switchOffStaff(vault, dpo, off?.staff ?? '')
  const { moved, again, held, asked, ending, waiting: due, asking } = people
  await endDestructions(vault, [ending.subject])
  claims = { ...claims, asking: await claimOf(vault, asking) }
  for (const { subject } of [due, asking]) await destroyData(vault, dpo, { ...on(subject), compartments: null })
  await correctValues(vault, asSubject(moved.subject), { ...on(moved.subject), values: { email: `x.${moved.email}` } })
  await destroyAndCollect(vault, again)
  const { hold = '' } = await setHold(vault, dpo, { ...on(held.subject), ground: 'legal-hold', reason: 'dispute' })
  await confirmHold(vault, { ...dpo, pseudonym: 'dpo-2' }, { ...on(held.subject), hold })
  const request = { ...on(asked.subject), compartments: null }
  expect((await askDestruction(vault, asProved(asked.subject), request)).decision.effect).toBe('permit')
  await cancelDestruction(vault, dpo, on(asked.subject))
  // What gives, or takes back, no journal tells: a consent that keeps, an erasure that is wanted no more.
  const { snapshot } = await showForm(vault, 'registration')
  const evidence = { address: '127.0.0.1', agent: 'test', language: 'ru' }
  const consent = { ...on(people.kept.subject), purpose: 'marketing', form: 'registration', snapshot, evidence }
  expect((await giveConsent(vault, asSubject(people.kept.subject), consent)).decision.effect).toBe('permit')
  const recalled = await recallRequest(vault, asSubject(people.recalling.subject), waiting)
  expect(recalled.state).toBe('recalling')
  written = await paper(vault, { text: '', kinds: ['inaccuracy'], subject: people.written.subject })
  // Announced and committed; whoever should have confirmed it died. Its end is known.
  await vault.keys.query(`UPDATE journal SET pending = true WHERE kind = 'destruction-begun' AND holder_id = $1`, [
    partly.subject,
  ])
}

/** The old backup of the data beside the key store as it is today. */
async function olderData(): Promise<TestPlace> {
  const fresh = await emptyPlace(inject('adminUrl'))
  const place = { ...fresh, keystoreUrl: test.urls.keystoreUrl, kms, origin: TEST_ORIGIN }
  await restoreInto(place, await verifyBackup(backups.data), identitiesOf(identity))
  return place
}

const open = (place: TestPlace): Promise<Vault> =>
  openVault({ ...place, now: () => Date.now() }).then(async (vault) => {
    await loadPolicy(vault, netrackBundle())
    return vault
  })

async function expectNarrowed(vault: Vault): Promise<void> {
  const { withdrawn, blocked, closed, gone, partly, same } = people
  const newsletter = await asService(vault, 'newsletter', ['marketing'])
  const mail = (one: Someone): Promise<unknown> => see(vault, newsletter, one.subject, 'marketing', ['email'])
  expect(await mail(same)).toEqual({ email: same.email })
  expect(await mail(withdrawn)).toBeNull()
  expect(await mail(blocked)).toBeNull()
  expect(await mail(closed)).toBeNull()
  expect(await mail(gone)).toBeNull()
  expect(await mail(partly)).toBeNull()
  expect(await seeOwn(vault, gone.subject, ['email'])).toBeNull()
  expect(await seeOwn(vault, closed.subject, ['email'])).toEqual({ email: closed.email })
  expect(await authenticateCredential(vault, revoked)).toBeNull()
  const { unpublished } = people
  const ended = await describePerson(vault, asSubject(unpublished.subject), on(unpublished.subject))
  expect([ended.facts?.opened, ended.facts?.publications]).toEqual([[], []])
  const { facts } = await describePerson(vault, asSubject(partly.subject), on(partly.subject))
  expect(facts?.held).not.toContain('contact')
  expect((await vault.data.query('SELECT FROM record WHERE subject_id = $1', [gone.subject])).rowCount).toBe(0)
  expect(facts?.blocked).toBeNull()
  const off = (await listStaff(vault, dpo)).find(({ pseudonym }) => pseudonym === 'dpo-9')
  expect(off?.switchedOffAt).toBeGreaterThan(0)
  const { asked, held } = people
  const after = (await describePerson(vault, dpo, on(asked.subject))).facts
  expect([after?.erasure ?? null, after?.blocked]).toEqual([null, null])
  // A destruction that had begun ends, whatever had ended before it.
  expect(
    (
      await vault.keys.query('SELECT FROM key WHERE subject_id = $1 AND compartment = $2', [
        people.dying.subject,
        'contact',
      ])
    ).rowCount,
  ).toBe(0)
  const [hold] = (await describePerson(vault, dpo, on(held.subject))).facts?.holds ?? []
  expect(hold).toMatchObject({ setBy: dpo.pseudonym, confirmedBy: 'dpo-2' })
  expect((await liftHold(vault, dpo, { ...on(held.subject), hold: hold?.id ?? '' })).lifted).toBe(false)
}

describe('data of before, beside the key store of today', () => {
  it('serve nothing until the journal was replayed; killed at any write, the replay begins anew; all that was taken away stays so', async () => {
    const place = await olderData()
    await expect(open(place)).rejects.toMatchObject({ code: 'restore-pending' })
    const { gone } = people
    // What differs from confirmed data goes with its person, and so does who was signed in at that time.
    await queryOnce(
      place.dataUrl,
      `INSERT INTO conflict VALUES ('${gone.subject}', gen_random_uuid(), gen_random_uuid(), '{}', now());
       INSERT INTO session VALUES ('x', 'staff', '${dpo.staff}', '{}', now(), now() + interval '1 day')`,
    )
    await killAt(place, folder.path, place.dataUrl, 'record')
    await expect(open(place)).rejects.toMatchObject({ code: 'restore-pending' })
    // Committed in the data, and the key store does not know it yet.
    await killAt(place, folder.path, place.keystoreUrl, 'head')
    const vault = await open(place)
    await sweep(vault)
    await settle(vault)
    await expectNarrowed(vault)
    // Whoever came after the backup is nobody, and their keys wait for a better one.
    expect(await seeOwn(vault, late.subject, ['email'])).toBeNull()
    expect((await vault.keys.query('SELECT FROM key WHERE subject_id = $1', [late.subject])).rowCount).toBeGreaterThan(
      0,
    )

    // Who asked to be destroyed finds that it is over, whatever of it the backup knew.
    const acts = async (who: string): Promise<readonly unknown[]> =>
      (await erasureReceipts(vault, claims[who] ?? '')).map(({ body }) => (JSON.parse(body) as { act: string }).act)
    expect([await acts('ending'), await acts('waiting'), await acts('asking')]).toEqual([
      ['destroy-person', 'destroyed'],
      ['destroyed'],
      ['destroyed'],
    ])
    // The ledger goes on under another name over the tree that was kept, and never under the old one.
    expect(vault.origin).toBe(`${TEST_ORIGIN}/2`)
    expect(await verifyLedger(vault, undefined, [kept])).toMatchObject({ ok: true, origin: vault.origin })
    expect(await verifyLedger(vault, undefined, [published])).toMatchObject({ fault: { kind: 'earlier-checkpoint' } })
    const opening = (await ledgerBodies(vault)).find(({ act }) => act === 'open-ledger')
    expect(opening).toMatchObject({ detail: { follows: TEST_ORIGIN, checkpoint: published, kept: sizeOf(kept) } })
    const left = await vault.data.query('SELECT FROM conflict UNION ALL SELECT FROM session')
    expect(left.rowCount).toBe(0)
    await vault.close()
    await (await open(place)).close()
    await place.drop()
  }, 120_000)

  it('of before the ledger’s last renaming go on from the tree that they hold, under a name that was never used', async () => {
    const place = await olderData()
    const options = { ...place, now: () => Date.now() }
    await (await openReplayed(options)).close()
    const vault = await open(place)
    await settle(vault)
    expect(vault.origin).toBe(`${TEST_ORIGIN}/3`)
    expect(await verifyLedger(vault, undefined, [kept])).toMatchObject({ ok: true, origin: vault.origin })
    const opening = (await ledgerBodies(vault)).find(({ act }) => act === 'open-ledger')
    expect(opening).toMatchObject({ detail: { follows: `${TEST_ORIGIN}/2`, kept: sizeOf(kept) } })
    await vault.close()
    await place.drop()
  }, 60_000)
})

describe('older data, once they were replayed', () => {
  it('destroy nothing by themselves that was kept again or taken back since, and nobody is blocked for ever', async () => {
    const place = await olderData()
    let shift = 0
    const now = (): number => Date.now() + shift
    const told: Replayed[] = []
    await (await openReplayed({ ...place, now }, { onReplayed: (replayed) => void told.push(replayed) })).close()
    expect(told).toMatchObject([{ reopened: 1 }])
    const vault = await openVault({ ...place, now })
    await loadPolicy(vault, netrackBundle())
    const factsOf = async ({ subject }: Someone): Promise<Facts | undefined> =>
      (await vault.data.query<{ facts: Facts }>('SELECT facts FROM subject WHERE subject_id = $1', [subject])).rows[0]
        ?.facts

    // Due at the backup already: the law's term is the one that was counted then, and the officer sees what it runs into.
    expect(await keepRetention(vault, 14)).toMatchObject({ people: 0 })
    shift = 20 * 86_400_000
    expect(await keepRetention(vault, 14)).toMatchObject({ people: 0, planned: 0 })
    expect(dueAt).toBeGreaterThan(0)
    const kept = await planOf(vault, people.kept)
    expect(kept).toMatchObject({ dueAt })
    expect((kept?.goesAt ?? 0) - Date.now()).toBeGreaterThan(29 * 86_400_000)
    while ((await tendRequests(vault)) > 0);
    expect((await factsOf(people.kept))?.state).toBe('live')
    expect((await factsOf(people.recalling))?.state).toBe('live')
    // The person at their proved mailbox, and the officer, were told, once.
    const mail = (await listDevelopmentMail(vault)).filter(
      ({ subject }) => subject.includes('decide again') || subject.includes('decided anew'),
    )
    expect(mail.map(({ to }) => to).sort()).toEqual([people.recalling.email, 'info@netrack.ru'].sort())
    expect((await describeRequest(vault, dpo, waiting)).request.hindered).toMatchObject({ by: 'restored', told: true })
    // A letter about somebody who was destroyed since is about nobody any more.
    expect((await describeRequest(vault, dpo, about)).letter.subject).toBeNull()
    // Whoever decided decides again, and can be told by the person that they changed their mind.
    expect((await describeRequest(vault, dpo, waiting)).request).toMatchObject({ state: 'deciding', owner: 'staff' })
    const ended = await decideRequest(vault, dpo, { request: waiting, step: 'recalled' })
    expect([ended.state, (await factsOf(people.recalling))?.blocked]).toEqual(['recalling', null])

    // The letter did not come back; its block did, and is the officer's.
    expect(await factsOf(people.written)).toMatchObject({ blocked: { reason: 'claimed' } })
    expect((await factsOf(people.written))?.blocks).toBeUndefined()
    await unblockPerson(vault, dpo, on(people.written.subject))
    expect((await factsOf(people.written))?.blocked).toBeNull()
    // Its numbers were on paper already: they are given to nobody else.
    const next = await paper(vault, { text: '', kinds: ['inaccuracy'] })
    expect(next.letter.number > written.letter.number).toBe(true)
    expect((next.requests[0]?.number ?? '') > (written.requests[0]?.number ?? '')).toBe(true)

    shift = 31 * 86_400_000
    expect((await keepRetention(vault, 14))?.people).toBeGreaterThan(0)
    await vault.close()
    await place.drop()
  }, 60_000)
})

describe('a key store of before, beside the data of today', () => {
  it('loses again what was destroyed, is told again what was taken away, and says whom it has lost', async () => {
    const fresh = await emptyPlace(inject('adminUrl'))
    const place = { ...fresh, dataUrl: test.urls.dataUrl, kms, origin: TEST_ORIGIN }
    await restoreInto(place, await verifyBackup(backups.keys), identitiesOf(identity))
    const keysOf = async (subject: string, compartment: string): Promise<number> => {
      const sql = `SELECT FROM key WHERE subject_id = '${subject}' AND compartment = '${compartment}'`
      return (await queryOnce(place.keystoreUrl, sql)).length
    }
    const { gone, partly, again, moved } = people
    const tagged = async ({ subject }: Someone): Promise<number> =>
      (await queryOnce(place.keystoreUrl, `SELECT FROM tag WHERE subject_id = '${subject}' AND kind = 'email'`)).length
    expect([await tagged(partly), await tagged(again), await tagged(moved)]).toEqual([1, 1, 1])
    expect([await keysOf(gone.subject, 'contact'), await keysOf(partly.subject, 'contact')]).toEqual([1, 1])
    await expect(open(place)).rejects.toMatchObject({ code: 'restore-pending' })
    const told: Replayed[] = []
    const options = { ...place, now: () => Date.now() }
    // Ended between its steps: nothing of it may be taken for done.
    await queryOnce(
      place.keystoreUrl,
      `CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF old.subject_id = '${moved.subject}' THEN RAISE EXCEPTION USING ERRCODE = '53100'; END IF; RETURN old; END $$;
       CREATE TRIGGER stop BEFORE DELETE ON tag FOR EACH ROW EXECUTE FUNCTION stop()`,
    )
    await expect(openReplayed(options)).rejects.toMatchObject({ code: 'storage-unavailable' })
    await queryOnce(place.keystoreUrl, 'DROP TRIGGER stop ON tag; DROP FUNCTION stop')
    await (await openReplayed(options, { onReplayed: (replayed) => void told.push(replayed) })).close()
    expect(told).toMatchObject([
      { narrowings: 0, keys: { lost: 1, lostLetters: 1 }, ledger: { origin: `${TEST_ORIGIN}/2` } },
    ])
    expect([await tagged(partly), await tagged(again), await tagged(moved)]).toEqual([0, 0, 0])
    // The generation that was destroyed is gone again, and what was collected since cannot be opened: its key came after the copy.
    expect(await keysOf(again.subject, 'contact')).toBe(0)
    expect([await keysOf(gone.subject, 'contact'), await keysOf(partly.subject, 'contact')]).toEqual([0, 0])
    const vault = await open(place)
    await sweep(vault)
    await expectNarrowed(vault)
    // A letter whose key is lost is read no more; it is answered all the same.
    const [request] = written.requests
    await expect(readLetter(vault, dpo, written.letter.id)).rejects.toMatchObject({ code: 'key-missing' })
    await decideRequest(vault, dpo, { request: request?.id ?? '', step: 'rejected', reason: 'identity' })
    for (const repeat of [1, 2]) {
      const { reply } = await sendReply(vault, dpo, { request: request?.id ?? '', kind: 'refusal', channel: 'print' })
      expect([repeat, (await readReply(vault, dpo, reply.id)).pdf.length]).toEqual([repeat, reply.bytes])
      if (repeat === 2) expect((await markPosted(vault, dpo, reply.id)).request.state).toBe('refused')
    }
    await vault.close()
    // What the copy did not know, its journal knows now: an old backup of the data is narrowed by it as by the one that was lost.
    const kinds = await queryOnce(place.keystoreUrl, 'SELECT DISTINCT kind FROM journal ORDER BY kind')
    expect(kinds.map(({ kind }) => kind)).toEqual([
      ...[
        'blocked',
        'consent-withdrawn',
        'contract-ended',
        'credential-revoked',
        'destruction-begun',
        'destruction-done',
        'erasure-asked',
        'erasure-ended',
        'field-closed',
        'hold-confirmed',
        'hold-set',
        'identifier-changed',
        'made-public',
        'staff-switched-off',
      ],
    ])
    await fresh.drop()
  }, 60_000)
})

function sizeOf(checkpoint: string): number {
  return Number(checkpoint.split('\n')[1])
}
