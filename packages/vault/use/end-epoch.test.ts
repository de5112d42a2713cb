import { createSecretKey } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRootKeys, rootKeyFile } from '../../server/keys-folder.ts'
import { tagsOf } from '../guard/values.ts'
import { settlePassing } from '../guard/settle-passing.ts'
import { openVault, type Vault } from '../guard/vault.ts'
import { unwrapBound } from '../seal/bound-key.ts'
import type { Kms } from '../seal/kms.ts'
import { fileKms } from '../seal/kms-file.ts'
import { asStaff, SUPPORT_TICKET } from '../testing/callers.ts'
import { faultOf } from '../testing/fault.ts'
import { killPoints, type KilledPlan, runKilled } from '../testing/killed.ts'
import { codeTo, lettersTo } from '../testing/mailbox.ts'
import { netrackBundle, TEST_ORIGIN } from '../testing/netrack-bundle.ts'
import { openTestVault, registration, submit, subjectOf, type TestVault } from '../testing/open-test-vault.ts'
import { seeOwn, type Someone, someone } from '../testing/people.ts'
import { currentPolicy, refreshPolicy } from './adopt-policy.ts'
import { correctValues } from './correct-values.ts'
import { destroyData } from './destroy-data.ts'
import { endEpoch } from './end-epoch.ts'
import { findPerson } from './find-person.ts'
import { listDestructions } from './list-destructions.ts'
import { proveCode } from './prove-code.ts'
import { requestCode } from './request-code.ts'

const dpo = asStaff('dpo')
let folder: string
let test: TestVault
let vault: Vault
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doverie-epoch-'))
  await createRootKeys(folder)
  test = await openTestVault(netrackBundle(), fileKms(rootKeyFile(folder)))
  ;({ vault } = test)
})
afterAll(async () => {
  await test.close()
  await rm(folder, { recursive: true })
})

const find = async (by: Vault, email: string): Promise<unknown> => {
  const request = { kind: 'email', value: email, purpose: 'rights', entity: 'start', ticket: SUPPORT_TICKET } as const
  const found = await findPerson(by, dpo, request)
  return 'subjects' in found ? found.subjects : null
}

const versions = async (): Promise<readonly number[]> =>
  (await rootKeyFile(folder).read()).versions.map(({ version }) => version)

describe('an epoch ended', () => {
  it('leaves everybody opening, found by their identifiers, and the old root version gone', async () => {
    const people = [await someone(vault, { confirmed: true }), await someone(vault, { confirmed: true })]
    const other = await test.second()
    const [ended] = (await endEpoch(vault)) ?? []
    expect(await versions()).toEqual([2])
    expect(await vault.roots.epochs()).toMatchObject([
      { epoch: 1, state: 'ended', destroyed_at: new Date(ended?.destroyedAt ?? 0) },
      { epoch: 2, state: 'current', root: '2' },
    ])
    const fresh = await test.second()
    // `other` was opened in the former epoch and has not heard of the new one.
    for (const by of [vault, other, fresh]) {
      for (const { subject, email } of people) {
        expect(await seeOwn(by, subject, ['email'])).toEqual({ email })
        expect(await find(by, email)).toEqual([subject])
      }
      const { subject, email } = await someone(by, { confirmed: true })
      expect(await find(fresh, email)).toEqual([subject])
      expect(await seeOwn(fresh, subject, ['email'])).toEqual({ email })
    }
    const left = await vault.keys.query('SELECT FROM cell_key WHERE epoch < 2')
    expect(left.rowCount).toBe(0)
    const { rows } = await vault.keys.query<{ name: string }>(
      'SELECT name FROM secret WHERE epoch < 2 OR name LIKE $1',
      ['%-1'],
    )
    expect(rows).toEqual([])
  })

  it('keeps codes under way and letters that wait, and puts both under another key', async () => {
    const { email, subject } = await someone(vault)
    const before = await vault.data.query<{ target_hash: Buffer }>(
      'SELECT target_hash FROM sign_in WHERE holder_id = $1',
      [subject],
    )
    const other = await test.second()
    const { id } = await requestCode(vault, { email })
    const waiting = await vault.data.query<{ sealed: Buffer }>('SELECT sealed FROM outbox')
    await endEpoch(vault)
    const after = await vault.data.query<{ target_hash: Buffer }>(
      'SELECT target_hash FROM sign_in WHERE holder_id = $1',
      [subject],
    )
    expect(after.rows[0]?.target_hash).not.toEqual(before.rows[0]?.target_hash)
    const resealed = await vault.data.query<{ sealed: Buffer }>('SELECT sealed FROM outbox')
    const old = new Set(waiting.rows.map(({ sealed }) => sealed.toString('hex')))
    expect(resealed.rows.filter(({ sealed }) => old.has(sealed.toString('hex')))).toEqual([])
    expect((await lettersTo(other, email)).length).toBeGreaterThan(0)
    // The code went to somebody whose mailbox nobody has proved: it opens nothing, in either epoch alike.
    await faultOf(proveCode(other, { id, code: '000000' }), 'code-invalid')
    const registered = await submit(vault, 'registration', registration({ email: `fresh.${email}` }))
    const code = await codeTo(vault, `fresh.${email}`)
    await endEpoch(vault)
    const session = await proveCode(other, { id: registered.signIn?.id ?? '', code })
    expect(session.subject).toBe(subjectOf(registered))
  })

  it('tells of each destruction since when it is beyond recovery', async () => {
    const { subject } = await someone(vault)
    await destroyData(vault, dpo, { subject, entity: 'start', ticket: SUPPORT_TICKET, compartments: null })
    expect(await listDestructions(vault, dpo, { subject })).toMatchObject([
      { rootDestroyedAt: null, irrecoverableFrom: null },
    ])
    const [ended] = (await endEpoch(vault)) ?? []
    const [act] = await listDestructions(vault, dpo, { subject })
    expect(act).toMatchObject({ epoch: ended?.epoch, rootDestroyedAt: ended?.destroyedAt })
    expect(act?.irrecoverableFrom).toBe(ended?.irrecoverableFrom)
  })

  it('while people come, are corrected and are searched for loses no change of theirs', async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => someone(vault, { confirmed: true })))
    let stopped = false
    const made: Someone[] = []
    const corrected = new Map<string, string>()
    const busy = async (worker: number): Promise<void> => {
      const by = await test.second()
      for (let i = 0; !stopped; i++) {
        made.push(await someone(by, { confirmed: true }))
        const { subject } = people[worker] ?? people[0] ?? { subject: '' }
        const email = `changed.${worker}.${i}@example.org`
        const outcome = await correctValues(
          by,
          { kind: 'subject', subject, proved: ['email'] },
          { subject, entity: 'start', values: { email } },
        )
        expect(outcome.decision.effect).toBe('permit')
        corrected.set(subject, email)
      }
    }
    const workers = [busy(0), busy(1)]
    for (let i = 0; i < 3; i++) await endEpoch(vault)
    stopped = true
    await Promise.all(workers)
    const fresh = await test.second()
    for (const { subject, email } of [...made, ...people.slice(2)]) {
      expect(await seeOwn(fresh, subject, ['email'])).toEqual({ email })
      expect(await find(fresh, email)).toEqual([subject])
    }
    for (const [subject, email] of corrected) expect(await seeOwn(fresh, subject, ['email'])).toEqual({ email })
    const { rows } = await vault.keys.query<{ subject_id: string; n: string }>(
      'SELECT subject_id, kind, count(*) AS n FROM tag GROUP BY 1, 2 HAVING count(*) > 1',
    )
    expect(rows).toEqual([])
  }, 120_000)

  it('ends beside a server that starts and reads, whichever key that one is opening', async () => {
    const { subject } = await someone(vault, { confirmed: true })
    const policy = currentPolicy(vault) ?? undefined
    // Of a KMS that remembers nothing: what is destroyed opens for nobody from then on.
    const fresh = () => fileKms(rootKeyFile(folder))
    for (let at = 0; ; at += 1) {
      let asked = 0
      const unwrap: Kms['unwrap'] = async (...of) => {
        if (asked++ === at) await endEpoch(vault)
        return fresh().unwrap(...of)
      }
      const started = await openVault({ ...test.urls, kms: { ...fresh(), unwrap }, origin: TEST_ORIGIN, now: test.now })
      await refreshPolicy(started, policy)
      expect(await seeOwn(started, subject, ['email'])).toHaveProperty('email')
      await started.close()
      if (asked <= at) return
    }
  })

  it('is ended by one process at a time', async () => {
    const other = await test.second()
    const both = await Promise.all([endEpoch(vault), endEpoch(other)])
    expect(both.filter((one) => one === null).length).toBeLessThanOrEqual(1)
    expect(both.flatMap((one) => one ?? []).length).toBeGreaterThan(0)
  })

  it('with a cell’s key damaged destroys nothing, names it, and goes on once it is mended', async () => {
    await someone(vault)
    const before = await versions()
    const flip = 'UPDATE cell_key SET wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1)'
    await vault.keys.query(flip)
    await faultOf(endEpoch(vault), 'sealed-value-damaged')
    expect((await versions()).slice(0, 1)).toEqual(before)
    await vault.keys.query(`${flip} WHERE epoch = (SELECT min(epoch) FROM epoch WHERE state = 'closing')`)
    expect((await endEpoch(vault))?.length).toBe(1)
    expect(await versions()).not.toContain(before[0])
  })
})

describe('old data under a newer key store', () => {
  it('drop letters and codes whose key is gone, and write new ones under the current epoch', async () => {
    const { email } = await someone(vault)
    await vault.data.query('UPDATE passing_epoch SET epoch = 0; UPDATE outbox SET epoch = 0')
    await vault.data.query('UPDATE sign_in SET epoch = 0 WHERE epoch IS NOT NULL')
    const fresh = await test.second()
    expect(await lettersTo(fresh, email)).toEqual([])
    await requestCode(fresh, { email })
    expect(await lettersTo(fresh, email)).toHaveLength(1)
  })
})

describe('a server that starts while another ends the epoch', () => {
  it('takes nothing for an old copy that is newer than what it knows', async () => {
    const starting = await test.second()
    for (let i = 0; i < 2; i++) await endEpoch(vault)
    const { email } = await someone(vault)
    const passing = (): Promise<{ rows: unknown[] }> => vault.data.query('SELECT epoch FROM passing_epoch')
    const before = (await passing()).rows
    await settlePassing(starting.data, starting.secrets)
    expect((await passing()).rows).toEqual(before)
    expect(await lettersTo(vault, email)).toHaveLength(1)
    await requestCode(vault, { email })
  })
})

describe('an old copy of the key store', () => {
  it('gives, with today’s keys, neither a cell’s key, nor a secret of the epoch, nor a match of a guessed address', async () => {
    const { email, subject } = await someone(vault, { confirmed: true })
    const cells = await vault.keys.query<{ cell_id: string; version: number; wrapped: Buffer }>(
      'SELECT * FROM cell_key',
    )
    const secrets = await vault.keys.query<{ name: string; wrapped: Buffer }>('SELECT name, wrapped FROM secret')
    const tags = await vault.keys.query<{ tag: Buffer }>('SELECT tag FROM tag WHERE subject_id = $1', [subject])
    const guess = (by: Vault): readonly string[] =>
      tagsOf(by, 'email', email).map(({ tag }) => Buffer.from(tag).toString('hex'))
    const old = new Set(tags.rows.map(({ tag }) => tag.toString('hex')))
    // The attack is a real one: before the epoch's end it works.
    expect(guess(vault).some((tag) => old.has(tag))).toBe(true)
    expect(await opens(cells.rows, secrets.rows)).toBeGreaterThan(3)
    await endEpoch(vault)
    expect(guess(vault).some((tag) => old.has(tag))).toBe(false)
    expect(await opens(cells.rows, secrets.rows)).toBe(0)
  })

  /** How many of the old wrappings open under any root version of today. */
  async function opens(
    cells: readonly { readonly cell_id: string; readonly version: number; readonly wrapped: Buffer }[],
    secrets: readonly { readonly name: string; readonly wrapped: Buffer }[],
  ): Promise<number> {
    const roots = (await rootKeyFile(folder).read()).versions.map(({ key }) => createSecretKey(key))
    const wrapped = [
      ...cells.map((row) => ({ place: `cell|${row.cell_id}|${row.version}`, bytes: row.wrapped })),
      ...secrets.map((row) => ({ place: `secret|${row.name}`, bytes: row.wrapped })),
    ]
    return wrapped.filter(({ place, bytes }) =>
      roots.some((root) => {
        try {
          return unwrapBound(root, bytes, Buffer.from(place)).length === 32
        } catch {
          return false
        }
      }),
    ).length
  }
})

describe('an epoch’s end, its process killed with -9', () => {
  it('before any durable step is ended by the next call, and nobody is lost at any time', async () => {
    const people = [await someone(vault, { confirmed: true }), await someone(vault, { confirmed: true })]
    const { dataUrl, keystoreUrl } = test.urls
    const plan = (before: number | null): KilledPlan => ({
      urls: { dataUrl, keystoreUrl },
      keysDir: folder,
      act: 'end-epoch',
      subject: '',
      compartments: null,
      before,
    })
    const steps = (await runKilled(plan(null))) ?? []
    const points = killPoints(steps)
    expect(steps.filter((step) => step === 'kms destroy')).toHaveLength(1)
    expect(points.length).toBeGreaterThan(20)
    for (const point of points) {
      const { subject } = await someone(vault)
      await destroyData(vault, dpo, { subject, entity: 'start', ticket: SUPPORT_TICKET, compartments: null })
      // Others come in while the process runs and dies.
      const [, made] = await Promise.all([runKilled(plan(point)), someone(vault, { confirmed: true })])
      people.push(made)
      const fresh = await test.second()
      for (const one of people) expect(await seeOwn(fresh, one.subject, ['email'])).toEqual({ email: one.email })
      await endEpoch(fresh)
      for (const one of people) {
        expect([point, steps[point], await seeOwn(fresh, one.subject, ['email'])]).toEqual([
          point,
          steps[point],
          { email: one.email },
        ])
        expect(await find(fresh, one.email)).toEqual([one.subject])
      }
      await fresh.close()
      expect(await versions()).toHaveLength(1)
      const [act] = await listDestructions(vault, dpo, { subject })
      expect(act?.irrecoverableFrom).not.toBeNull()
    }
  }, 900_000)
})
