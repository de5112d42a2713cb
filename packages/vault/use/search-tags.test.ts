import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tagsOf } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { asStaff, asSubject, SUPPORT_TICKET } from '../testing/callers.ts'
import { canary, faultOf } from '../testing/fault.ts'
import { everything } from '../testing/observed.ts'
import { freshEmail, openTestVault, order, submit, type TestVault } from '../testing/open-test-vault.ts'
import { confirm, someone } from '../testing/people.ts'
import { type Corrected, correctValues } from './correct-values.ts'
import { destroyData } from './destroy-data.ts'
import { findPerson } from './find-person.ts'
import { openFields } from './open-fields.ts'
import { sweep } from './sweep.ts'

let test: TestVault
let vault: Vault
beforeAll(async () => {
  test = await openTestVault()
  ;({ vault } = test)
})
afterAll(() => test.close())

async function found(kind: 'email' | 'contract-number', value: string): Promise<readonly string[]> {
  const request = { kind, value, purpose: 'rights', entity: 'start', ticket: SUPPORT_TICKET }
  const outcome = await findPerson(vault, asStaff('support'), request)
  return 'subjects' in outcome ? outcome.subjects : []
}

const fresh = (): string => canary(freshEmail('tag'))

const correct = (subject: string, email: string, by = vault): Promise<Corrected> =>
  correctValues(by, asSubject(subject), { subject, entity: 'start', values: { email } })

/** The e-mail tags of a person as the key store has them, hex. */
async function tagsHeld(subject: string): Promise<readonly string[]> {
  const { rows } = await vault.keys.query<{ tag: string }>(
    `SELECT encode(tag, 'hex') AS tag FROM tag WHERE subject_id = $1 AND kind = 'email' ORDER BY 1`,
    [subject],
  )
  return rows.map(({ tag }) => tag)
}

const tagOf = (email: string): readonly string[] =>
  tagsOf(vault, 'email', email).map(({ tag }) => Buffer.from(tag).toString('hex'))

/** Lets a statement on tables fail (`RAISE`) or wait, as long as `work` runs. */
async function under<T>(by: 'data' | 'keys', event: string, body: string, work: () => Promise<T>): Promise<T> {
  await vault[by].query(`CREATE FUNCTION hinder() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body}; END $$;
    CREATE TRIGGER hinder BEFORE ${event} EXECUTE FUNCTION hinder()`)
  try {
    return await work()
  } finally {
    const table = /ON (\w+)/.exec(event)?.[1] ?? ''
    await vault[by].query(`DROP TRIGGER hinder ON ${table}; DROP FUNCTION hinder`)
  }
}

const CORRECTING = `INSERT ON ledger_batch FOR EACH ROW WHEN (position(convert_to('"act":"correct"', 'UTF8') in NEW.bodies) > 0)`

/** A correction whose data are committed, and whose tags nobody came to clear. */
async function crashAfterCommit(subject: string, email: string): Promise<void> {
  await under('keys', 'DELETE ON tag', `RAISE 'no'`, () => faultOf(correct(subject, email), 'storage-unavailable'))
}

/** A correction that came to the key store and was never committed. */
async function crashBeforeCommit(subject: string, email: string): Promise<void> {
  await under('data', CORRECTING, `RAISE 'no'`, () => faultOf(correct(subject, email), 'storage-unavailable'))
}

describe('an identifier that a correction replaced', () => {
  it('finds nobody from the commit on, also where a crash came right after it; the sweep removes it', async () => {
    const { subject, email } = await someone(vault, { confirmed: true })
    const next = fresh()
    await crashAfterCommit(subject, next)
    expect(await found('email', email)).toEqual([])
    await sweep(await test.second())
    expect(await tagsHeld(subject)).toEqual(tagOf(next))
    expect(await found('email', next)).toEqual([])
    await confirm(vault, subject)
    expect(await found('email', next)).toEqual([subject])
    expect(await found('email', email)).toEqual([])
  })

  it('stays the one where a crash came before the commit, and the new one is never found, confirmed or not', async () => {
    const { subject, email } = await someone(vault, { confirmed: true })
    const next = fresh()
    await crashBeforeCommit(subject, next)
    expect(await found('email', next)).toEqual([])
    await sweep(await test.second())
    expect(await tagsHeld(subject)).toEqual(tagOf(email))
    await confirm(vault, subject)
    expect(await found('email', email)).toEqual([subject])
    expect(await found('email', next)).toEqual([])
  })

  it('given again after such a crash must be confirmed again', async () => {
    const { subject, email } = await someone(vault, { confirmed: true })
    await crashAfterCommit(subject, fresh())
    await correct(subject, email)
    expect(await tagsHeld(subject)).toEqual(tagOf(email))
    expect(await found('email', email)).toEqual([])
    await confirm(vault, subject)
    expect(await found('email', email)).toEqual([subject])
  })

  it('is settled by the next correction, too, whatever crashed before it', async () => {
    const { subject } = await someone(vault, { confirmed: true })
    const [second, last] = [fresh(), fresh()]
    await crashAfterCommit(subject, second)
    await crashBeforeCommit(subject, fresh())
    await crashBeforeCommit(subject, fresh())
    await correct(subject, last)
    expect(await tagsHeld(subject)).toEqual(tagOf(last))
    const before = await everything(vault)
    await sweep(vault)
    expect(await everything(vault)).toEqual(before)
  })
})

/** Keeps a vault's clearing of tags back until it is released. */
function lateClearing(by: Vault): { readonly standing: Promise<void>; readonly release: () => void } {
  const query = by.keys.query.bind(by.keys) as (...args: unknown[]) => Promise<unknown>
  const stood = Promise.withResolvers<undefined>()
  const go = Promise.withResolvers<undefined>()
  Object.assign(by.keys, {
    query: async (...args: unknown[]) => {
      if (['tags-keep', 'tags-carry-out'].includes((args[0] as { name?: string }).name ?? '')) {
        stood.resolve(undefined)
        await go.promise
      }
      return query(...args)
    },
  })
  const release = (): void => {
    Reflect.deleteProperty(by.keys, 'query')
    go.resolve(undefined)
  }
  return { standing: stood.promise, release }
}

/** The key of the test's own lock, at which corrections wait before their commit. */
const GATE = 7_700_078

/** Runs `work` with a gate closed; corrections stand at it until the gate is opened. */
async function gated(
  work: (gate: { standing: () => Promise<void>; open: () => Promise<void> }) => Promise<void>,
): Promise<void> {
  const client = await vault.data.connect()
  const standing = async (): Promise<void> => {
    const waiting = 'SELECT FROM pg_locks WHERE objid = $1 AND NOT granted'
    await expect.poll(async () => (await vault.data.query(waiting, [GATE])).rowCount, { timeout: 10_000 }).toBe(1)
  }
  const open = async (): Promise<void> => {
    await client.query('SELECT pg_advisory_unlock_all()')
  }
  try {
    await client.query('SELECT pg_advisory_lock($1)', [GATE])
    await under('data', CORRECTING, `PERFORM pg_advisory_xact_lock_shared(${GATE}); RETURN NEW`, () =>
      work({ standing, open }).finally(open),
    )
  } finally {
    client.release()
  }
}

describe('of corrections of one person at the same time', () => {
  it('the one that committed last has its tags, where the other clears late', async () => {
    const { subject } = await someone(vault, { confirmed: true })
    const [other, last] = [await test.second(), fresh()]
    const late = lateClearing(other)
    const first = correct(subject, fresh(), other)
    await late.standing
    await correct(subject, last)
    late.release()
    await first
    expect(await tagsHeld(subject)).toEqual(tagOf(last))
  })

  it('the one under way has its tags, where the other clears in the middle of it', async () => {
    const { subject } = await someone(vault, { confirmed: true })
    const [other, last] = [await test.second(), fresh()]
    const late = lateClearing(other)
    const first = correct(subject, fresh(), other)
    await late.standing
    await gated(async ({ standing, open }) => {
      const second = correct(subject, last)
      await standing()
      late.release()
      await first
      await open()
      await second
    })
    expect(await tagsHeld(subject)).toEqual(tagOf(last))
  })

  it('whichever wins, its tags are the person’s and no others', async () => {
    const { subject } = await someone(vault, { confirmed: true })
    const vaults = [vault, await test.second(), await test.second()]
    await Promise.all(vaults.flatMap((by) => Array.from({ length: 5 }, () => correct(subject, fresh(), by))))
    const own = { subject, purpose: 'rights', entity: 'start', fields: ['email'] }
    const opened = await openFields(vault, asSubject(subject), own)
    if (!('values' in opened)) throw new Error('refused')
    expect(await tagsHeld(subject)).toEqual(tagOf(opened.values.get('email')?.reveal(opened.permit) as string))
    const before = await everything(vault)
    await sweep(vault)
    expect(await everything(vault)).toMatchObject({ 'keys.tag': before['keys.tag'] })
  })

  it('none is undone by a sweep that runs in the middle of it', async () => {
    const { subject } = await someone(vault, { confirmed: true })
    const [other, next] = [await test.second(), fresh()]
    await gated(async ({ standing, open }) => {
      const under = correct(subject, next)
      await standing()
      const swept = sweep(other)
      await expect(Promise.race([swept, new Promise((resolve) => setTimeout(resolve, 300, 'waits'))])).resolves.toBe(
        'waits',
      )
      await open()
      await Promise.all([under, swept])
    })
    expect(await tagsHeld(subject)).toEqual(tagOf(next))
  })
})

describe('an identifier that stays', () => {
  it('keeps its proof, and nothing is noted, where a correction gives what is there', async () => {
    const { subject, email } = await someone(vault, { confirmed: true })
    await correct(subject, email.toUpperCase())
    expect(await found('email', email)).toEqual([subject])
    const noted = await vault.data.query('SELECT FROM identifier_change WHERE subject_id = $1', [subject])
    expect(noted.rowCount).toBe(0)
  })

  it('keeps its proof where another of its kind is added', async () => {
    const { subject, number } = await someone(vault, { form: 'order-dedicated-server', confirmed: true })
    const again = await submit(vault, 'order-dedicated-server', order(), { subject })
    expect(await found('contract-number', number ?? '')).toEqual([subject])
    expect(await found('contract-number', again.contract?.number ?? '')).toEqual([subject])
  })
})

it('of a destroyed person nothing is left that tells of changed identifiers', async () => {
  const { subject } = await someone(vault)
  await correct(subject, fresh())
  await crashAfterCommit(subject, fresh())
  await destroyData(vault, asStaff('dpo'), { subject, entity: 'start', ticket: SUPPORT_TICKET, compartments: null })
  for (const [table, rows] of Object.entries(await everything(vault))) {
    if (['identifier_change', 'keys.tag'].includes(table)) expect(rows.join('\n')).not.toContain(subject)
  }
})
