import {
  ARCHIVE_FILES,
  ARCHIVE_FORMAT,
  type ArchivedTree,
  type ArchiveManifest,
  canonical,
  concat,
  hex,
  unpackZip,
  utf8,
  zipEntries,
  ZipWriter,
} from '@doverie/core/base'
import { formatTrustPolicy, NO_WITNESSES, signNote } from '@doverie/core/log'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyArchive } from '../../../sdk/archive/index.ts'
import type { StaffCaller } from '../../guard/caller.ts'
import type { Vault } from '../../guard/vault.ts'
import { sha256 } from '../../seal/sha256.ts'
import { insertStaff } from '../../store/access.ts'
import { asProved, asStaff } from '../../testing/callers.ts'
import { canary, faultOf } from '../../testing/fault.ts'
import { ledgerBodies } from '../../testing/ledger-bodies.ts'
import { openTestVault, type TestVault } from '../../testing/open-test-vault.ts'
import { confirm, provedSomeone, someone } from '../../testing/people.ts'
import { ask, paper } from '../../testing/requests.ts'
import { askForDemand } from '../demands/answer-demand.ts'
import { registerDemand } from '../demands/register-demand.ts'
import { appointDeputy } from '../deputies/deputy.ts'
import { destroyData } from '../destroy-data.ts'
import { draftNotice } from '../incidents/draft-notice.ts'
import { openIncident } from '../incidents/open-incident.ts'
import { stepIncident } from '../incidents/step-incident.ts'
import { integrateLedger } from '../integrate-ledger.ts'
import { setHold } from '../legal-hold.ts'
import { keysFor, ledgerKeys } from '../ledger-keys.ts'
import { keepDuties } from '../operator-duties/keep-duties.ts'
import { listDuties } from '../operator-duties/read-duties.ts'
import { stepDuty } from '../operator-duties/step-duty.ts'
import { finalTree } from '../published-tree.ts'
import { ledgerPolicy } from '../read-ledger.ts'
import { sendReply } from '../requests/send-reply.ts'
import { makeArchive, type MadeArchive } from './make-archive.ts'
import { numberOnly } from './registers.ts'

const HOUR = 3_600_000
const TICKET = 'SD-77120'
const dpo = asStaff('dpo')
const support: StaffCaller = { ...asStaff('support'), staff: '00000000-0000-4000-8000-000000000005' }
const auditor: StaffCaller = { ...dpo, name: 'auditor', pseudonym: 'auditor-1' }

/** Values that are somebody's, wherever they were written down. */
const VALUES = [
  ...['Белозубцева', 'Милолика', 'Отказывайка', 'Скоропадская', 'запискадежурного', 'кляузавписьме', 'Тихоновецкий'],
  ...['Громыхайлов', 'Подписанцев', 'nina.zamestitel@example.org', 'Дом-под-горой', '4509 123456', 'ФСБ-Ёлкина'],
].map((value) => canary(value))

let test: TestVault
let vault: Vault
let today: string
let people: readonly string[]
let early: string
let archive: Uint8Array
let made: MadeArchive
beforeAll(async () => {
  test = await openTestVault()
  ;({ vault } = test)
  today = dayNow()
  await place()
  early = (await finalTree(vault))?.checkpoint ?? ''
  people = await fill()
  await place()
  ;({ made, archive } = await make())
})
afterAll(() => test.close())

function dayNow(): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: vault.policy()?.zone ?? 'UTC' }).format(vault.now())
}

async function place(): Promise<void> {
  for (let more = true; more; ) ({ more } = await integrateLedger(vault))
}

async function make(from = today, to = today): Promise<{ readonly made: MadeArchive; readonly archive: Uint8Array }> {
  const parts: Uint8Array[] = []
  const done = await makeArchive(vault, dpo, { from, to }, (bytes) => Promise.resolve(void parts.push(bytes)))
  return { made: done, archive: Buffer.concat(parts) }
}

/** Fills every register with what people and staff wrote. Gives the ids of the people. */
async function fill(): Promise<readonly string[]> {
  for (const { staff, pseudonym, name } of [dpo, support])
    await insertStaff(vault.data, { staff_id: staff, pseudonym, role: name }, test.now())
  const names = { surname: 'Белозубцева', 'given-name': 'Милолика' }
  const anna = await provedSomeone(vault, names)
  const doomed = await someone(vault, { values: { surname: 'Отказывайка' } })
  const held = await someone(vault, { form: 'order-dedicated-server', values: names })
  await someone(vault, { consents: ['marketing'], values: names })
  await confirm(vault, held.subject)
  const on = { entity: 'start', ticket: TICKET }
  await setHold(vault, dpo, { ...on, subject: held.subject, ground: 'legal-hold', reason: 'dispute' })
  const information = await ask(vault, anna.subject, 'information', { text: 'кляузавписьме от Белозубцевой' })
  await sendReply(vault, dpo, { request: information.id, kind: 'answer', channel: 'print', note: 'запискадежурного' })
  await paper(vault, { text: 'Я Скоропадская, кляузавписьме', kinds: ['feedback'], subject: doomed.subject })
  const demand = await registerDemand(vault, dpo, {
    ...{ recipient: 'tax-service', norm: 'documents-on-a-client', reference: 'ФСБ-Ёлкина 4509 123456', dated: today },
    ...{ entity: 'start', channel: 'paper', text: 'о Тихоновецкий', broughtBy: 'Громыхайлов' },
  })
  await askForDemand(vault, dpo, { demand: demand.id, subject: held.subject, scope: [] })
  const what = 'запискадежурного: Громыхайлов вынес диск'
  const incident = await openIncident(vault, dpo, { detectedAt: vault.now() - HOUR, what })
  await stepIncident(vault, dpo, { incident: incident.id, step: 'assessed', risk: 'low', harm: what })
  await draftNotice(vault, dpo, { incident: incident.id, kind: 'incident-first' })
  await keepDuties(vault)
  const place_ = (await listDuties(vault, dpo)).find(({ kind }) => kind === 'localisation')
  const until = vault.now() + 1000 * HOUR
  const words = { place: 'Дом-под-горой', signatory: 'Подписанцев' }
  await stepDuty(vault, dpo, { duty: place_?.id ?? '', step: 'in-force', until, country: 'RU', ...words })
  await appointDeputy(vault, dpo, { staff: support.staff, until, email: 'nina.zamestitel@example.org' })
  const gone = await destroyData(vault, dpo, { ...on, subject: doomed.subject, compartments: null })
  expect(gone.decision.effect).toBe('permit')
  return [anna.subject, doomed.subject, held.subject]
}

function unzipped(bytes: Uint8Array): Record<string, Uint8Array> {
  return Object.fromEntries(
    zipEntries(bytes).map((entry) => {
      const chunks: Uint8Array[] = []
      unpackZip(entry, (chunk) => {
        chunks.push(chunk)
      })
      return [entry.name, concat(...chunks)]
    }),
  )
}

let unpacked: Record<string, Uint8Array> | undefined
const files = (): Record<string, Uint8Array> => (unpacked ??= unzipped(archive))
const text = (path: string): string => Buffer.from(files()[path] ?? []).toString()
const register = (name: string): readonly Record<string, unknown>[] =>
  JSON.parse(text(`registers/${name}.json`)) as readonly Record<string, unknown>[]

describe('an archive of a period', () => {
  it('has nothing of anybody in any file: no value, no id of a person, no word that somebody wrote', () => {
    const rows = [
      'requests',
      'documents',
      'demands',
      'handings',
      'incidents',
      'duties',
      'deputies',
      'destructions',
      'holds',
    ]
    expect(rows.filter((name) => (made.manifest.registers[name] ?? 0) === 0)).toEqual([])
    for (const [path, bytes] of Object.entries(files())) {
      const content = Buffer.from(bytes).toString('utf8').toLowerCase()
      const found = [...VALUES, ...people, TICKET].filter((value) => content.includes(value.toLowerCase()))
      expect([path, found]).toEqual([path, []])
    }
  })

  it('shows what the registers have, in Russian for a spreadsheet and whole for a machine', () => {
    const information = register('requests').find(({ kind }) => kind === 'information')
    expect(information).toMatchObject({ channel: 'portal', whoWrote: 'proved', late: false, law: 'ru-152fz' })
    const documents = register('documents').filter(({ about }) => about === information?.['number'])
    expect(documents[0]).toMatchObject({
      register: 'requests',
      kind: 'answer',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    })
    expect(register('demands')[0]).toMatchObject({
      recipient: 'tax-service',
      reference: null,
      dated: today,
      handings: 1,
    })
    expect(register('duties').find(({ kind }) => kind === 'localisation')).toMatchObject({
      state: 'in-force',
      country: 'RU',
    })
    expect(register('staff').map(({ pseudonym }) => pseudonym)).toEqual(expect.arrayContaining(['dpo-1', 'support-1']))
    expect(register('consents')).toContainEqual(
      expect.objectContaining({ purpose: 'marketing', version: vault.policy()?.id, standing: 1, givenInPeriod: 1 }),
    )
    expect(register('holds')).toEqual([
      expect.objectContaining({ ground: 'legal-hold', reason: 'dispute', standing: 1, setInPeriod: 1 }),
    ])
    const table = text('registers/requests.csv')
    expect(table.startsWith('\ufeff"Номер";"Письмо";"Вид"')).toBe(true)
    expect(table).toMatch(/"запрос сведений об обработке";"портал".*"подтверждена";"(ответ направлен|в работе)"/)
    const policies = `policies/${vault.policy()?.id ?? ''}`
    expect(hex(sha256(files()[`${policies}/bundle.json`] ?? new Uint8Array()))).toBe(
      register('policy-versions')[0]?.['bundle'],
    )
    expect(JSON.parse(text(`${policies}/forms.json`))).toContainEqual(expect.objectContaining({ form: 'registration' }))
    expect(text('README.txt')).toMatch(/^АРХИВ ДЛЯ ПРОВЕРКИ[\s\S]*ARCHIVE FOR AN INSPECTION/)
  })

  it('holds by itself and by the published keys, with the entry of every line that has one', async () => {
    // Two members of staff were put in by hand here, by no act.
    const given = verifyArchive(archive, { policy: Buffer.from(ledgerPolicy(vault)).toString() })
    expect(given).toMatchObject({ trusted: true, witnessed: null, unproved: 2, manifest: made.manifest })
    expect(given.proved).toBeGreaterThan(10)
    expect(verifyArchive(archive)).toMatchObject({ trusted: false, proved: given.proved })
    const bodies = await ledgerBodies(vault)
    const entries = bodies.filter(({ act }) => act === 'make-archive')
    const { sha256: hash, bytes } = made
    expect(entries).toMatchObject([
      { detail: { from: today, to: today, sha256: hash, bytes, size: made.manifest.ledger.size } },
    ])
    expect(hex(sha256(archive))).toBe(made.sha256)
  })

  it('is the same, file by file, for the same period at the same checkpoint', async () => {
    test.pass(5000)
    const again = unzipped((await make()).archive)
    const content = (all: Record<string, Uint8Array>): Record<string, string> =>
      Object.fromEntries(
        Object.entries(all)
          .filter(([path]) => !path.startsWith('manifest'))
          .map(([path, bytes]) => [path, hex(sha256(bytes))]),
      )
    expect(content(again)).toEqual(content(files()))
  })

  it('of a year ago is empty of lines, and still proves itself', async () => {
    const { archive: old, made: empty } = await make('2020-01-01', '2020-06-30')
    expect(Object.values(empty.manifest.registers).every((lines) => lines === 0)).toBe(true)
    expect(verifyArchive(old)).toMatchObject({ proved: 0, unproved: 0 })
  })

  it.each([
    ['2026-02-30', '2026-03-01', 'from'],
    ['', '2026-03-01', 'from'],
    ['2026-01-01', 'x', 'to'],
    ['2026-02-01', '2026-01-01', 'to'],
    ['2026-01-01', '2999-01-01', 'to'],
    ['2999-01-01', '2999-01-02', 'from'],
  ])('is refused for %s to %s', async (from, to, field) => {
    expect((await faultOf(make(from, to), 'invalid-request')).details.field).toBe(field)
  })

  it('is made for the officer and an auditor, and for nobody else', async () => {
    const sink = (): Promise<void> => Promise.resolve()
    const period = { from: today, to: today }
    await faultOf(makeArchive(vault, support, period, sink), 'forbidden')
    await faultOf(makeArchive(vault, asProved(people[0] ?? ''), period, sink), 'forbidden')
    const both = [makeArchive(vault, auditor, period, sink), makeArchive(vault, auditor, period, sink)]
    const settled = (await Promise.allSettled(both)).sort((a, b) => (a.status < b.status ? -1 : 1))
    expect(settled).toMatchObject([{ value: { manifest: { madeBy: 'auditor-1' } } }, { reason: { code: 'conflict' } }])
    expect(await makeArchive(vault, null, period, sink)).toMatchObject({ manifest: { madeBy: 'machine:holder' } })
  })

  it.each([
    ['07-15/1234', '07-15/1234'],
    ['№ ЦЛ-12', '№ ЦЛ-12'],
    ['исх. 12', null],
    ['4512 №345678', null],
    ['8.916.123.45.67', null],
    ['Ёлкина-1', null],
    ['Ё-л к и н а 1', null],
    ['4509 123456', null],
    ['без номера', null],
  ])('shows %s of somebody else’s document as %s', (reference, shown) => {
    expect(numberOnly(reference)).toBe(shown)
  })
})

it('an archive of a later day begins with what the ledger had signed before it, and proves that it goes on from there', async () => {
  await place()
  const before = await finalTree(vault)
  test.pass(36 * HOUR)
  await make()
  await place()
  const later = dayNow()
  const { archive: next } = await make(later, later)
  const tree = JSON.parse(Buffer.from(unzipped(next)[ARCHIVE_FILES.tree] ?? []).toString()) as ArchivedTree
  expect([tree.begin.size, tree.begin.checkpoint]).toEqual([before?.size, before?.checkpoint])
  expect(tree.end.size).toBeGreaterThan(tree.begin.size)
  expect(verifyArchive(next).manifest.period.from).toBe(later)
})

type Change = (all: Map<string, Uint8Array>) => void

/** The archive with other files, under its own manifest. */
function repacked(change: Change, also: readonly string[] = []): Uint8Array {
  const all = new Map(Object.entries(files()))
  change(all)
  const parts: Uint8Array[] = []
  const zip = new ZipWriter(vault.now(), (bytes) => parts.push(bytes))
  for (const [name, bytes] of [...all, ...also.map((one) => [one, utf8('x')] as const)]) {
    const file = zip.file(name)
    file.write(bytes)
    file.end()
  }
  zip.end()
  return Buffer.concat(parts)
}

/** The same as its maker would sign it, who lies. */
function resigned(change: Change, say: (manifest: ArchiveManifest) => ArchiveManifest = (one) => one): Uint8Array {
  return repacked((all) => {
    change(all)
    const listed = [...all].filter(([path]) => !path.startsWith('manifest'))
    const own = listed.map(([path, bytes]) => ({ path, bytes: bytes.length, sha256: hex(sha256(bytes)) }))
    sign(all, say({ ...made.manifest, files: own }))
  })
}

function sign(all: Map<string, Uint8Array>, manifest: ArchiveManifest, signers = ledgerKeys(vault).signers): void {
  const body = canonical(manifest as never)
  all.set(ARCHIVE_FILES.manifest, utf8(body))
  all.set(ARCHIVE_FILES.signed, utf8(signNote(`${ARCHIVE_FORMAT}\n${body}\n`, signers.slice(0, 1))))
}

const edit =
  (path: string, say: (content: string) => string): Change =>
  (all) =>
    void all.set(path, utf8(say(Buffer.from(all.get(path) ?? []).toString())))
const REQUESTS = 'registers/requests.json'
const stranger = (): ReturnType<typeof keysFor> => keysFor(Buffer.alloc(32, 7), vault.origin)

describe('an archive is refused', () => {
  it.each<readonly [string, string, () => Uint8Array]>([
    ['that is cut short', 'archive', () => archive.subarray(0, -100)],
    ['with something before it', 'archive', () => Buffer.concat([Buffer.from('MZ'), archive])],
    ['with something after it', 'archive', () => Buffer.concat([archive, Buffer.from('x')])],
    ['that is no archive', 'archive', () => Buffer.from('<html>')],
    [
      'with a changed line',
      REQUESTS,
      () => repacked(edit(REQUESTS, (all) => all.replace('"late":false', '"late":true '))),
    ],
    ['without a file', REQUESTS, () => repacked((all) => void all.delete(REQUESTS))],
    ['with one more file', 'registers/more.json', () => repacked(() => undefined, ['registers/more.json'])],
    ['with a file named twice', 'archive', () => repacked(() => undefined, ['README.txt'])],
    ['with two names that are one on Windows', 'readme.TXT', () => repacked(() => undefined, ['readme.TXT'])],
    ['with a way out of its folder', 'archive', () => repacked(() => undefined, ['../evil'])],
    ['with a way out in the middle', 'archive', () => repacked(() => undefined, ['registers/../../evil'])],
    ['with a path from the root', 'archive', () => repacked(() => undefined, ['/etc/evil'])],
    ['with a path of Windows', 'archive', () => repacked(() => undefined, ['C:\\evil'])],
    [
      'with a manifest that is not the signed one',
      'manifest.json',
      () => repacked(edit('manifest.json', (all) => all.replace('dpo-1', 'dpo-2'))),
    ],
    [
      'with a changed signature',
      'manifest.note',
      () => repacked(edit('manifest.note', (all) => all.replace('dpo-1', 'dpo-2'))),
    ],
    ['without its manifest', 'manifest.note', () => repacked((all) => void all.delete('manifest.note'))],
    [
      'signed by somebody else',
      'manifest.note',
      () =>
        repacked((all) => {
          sign(all, made.manifest, stranger().signers)
        }),
    ],
    [
      'of another period than its tree',
      'ledger/tree.json',
      () =>
        resigned(
          () => undefined,
          (one) => ({ ...one, period: { ...one.period, from: '2020-01-01' } }),
        ),
    ],
    [
      'with a tree that its checkpoint does not continue',
      'ledger/tree.json',
      () => resigned(edit('ledger/tree.json', (all) => all.replace(/"root":"..../g, '"root":"AAAA'))),
    ],
    [
      'with a beginning that the ledger signed of another tree',
      'ledger/tree.json',
      () =>
        resigned(
          edit('ledger/tree.json', (all) =>
            all.replace(/"end":\{"checkpoint":null/, `"end":{"checkpoint":${JSON.stringify(early)}`),
          ),
        ),
    ],
    [
      'with another checkpoint of the same ledger',
      'ledger/checkpoint',
      () => resigned((all) => void all.set('ledger/checkpoint', utf8(early))),
    ],
    [
      'with a changed checkpoint',
      'ledger/checkpoint',
      () => resigned(edit('ledger/checkpoint', (all) => all.replace(/\n\d+\n/, '\n1\n'))),
    ],
    [
      'with an entry that is not in the tree',
      'ledger/entries.json',
      () => resigned(edit('ledger/entries.json', (all) => all.replace(/"leaf":"..../, '"leaf":"AAAA'))),
    ],
    [
      'with a line that names another entry',
      REQUESTS,
      () => resigned(edit(REQUESTS, (all) => all.replace(/"leaf":"....../, '"leaf":"000000'))),
    ],
    ['with a line left out', REQUESTS, () => resigned(edit(REQUESTS, (all) => all.replace(/\n\{.*\},\n/, '\n')))],
    [
      'with other files of a version',
      'policies/',
      () =>
        resigned((all) => {
          for (const path of all.keys()) if (path.endsWith('bundle.json')) all.set(path, utf8('{}'))
        }),
    ],
    ['that says to be smaller than it is', 'README.txt', () => lying(0)],
    ['that says to be vast', 'archive', () => lying(0xffff_0000)],
  ])('%s', (_, field, make_) => {
    const fault = caught(() => verifyArchive(make_(), { sha256 }))
    expect(fault).toMatchObject({ code: 'invalid-value' })
    expect(fault?.details.field).toMatch(new RegExp(`^${field}`))
  })

  it('by keys that are not its ledger’s, whatever it says of its own', () => {
    const keys = stranger().verifiers.map((key) => ({ key, url: null }))
    const policy = Buffer.from(formatTrustPolicy({ ...NO_WITNESSES, logs: keys })).toString()
    const forged = repacked((all) => {
      all.set(ARCHIVE_FILES.trust, utf8(policy))
      const listed = made.manifest.files.map((file) =>
        file.path === ARCHIVE_FILES.trust ? { ...file, bytes: policy.length, sha256: hex(sha256(utf8(policy))) } : file,
      )
      sign(all, { ...made.manifest, files: listed }, stranger().signers)
    })
    for (const [bytes, trust] of [
      [archive, policy],
      [forged, Buffer.from(ledgerPolicy(vault)).toString()],
    ] as const)
      expect(caught(() => verifyArchive(bytes, { policy: trust, sha256 }))?.details.field).toBe('manifest.note')
  })
})

/** The first file of the archive under another length in the directory. */
function lying(size: number): Uint8Array {
  const bytes = Buffer.from(archive)
  const directory = bytes.readUInt32LE(bytes.length - 6)
  bytes.writeUInt32LE(size, directory + 24)
  return bytes
}

function caught(call: () => unknown): { readonly code: string; readonly details: { readonly field?: string } } | null {
  try {
    call()
    return null
  } catch (fault) {
    return fault as { code: string; details: { field?: string } }
  }
}
