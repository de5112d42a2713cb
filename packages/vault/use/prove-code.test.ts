import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asService, asStaff, asSubject, SUPPORT_TICKET } from '../testing/callers.ts'
import { canary, faultOf } from '../testing/fault.ts'
import { codeTo, lettersTo } from '../testing/mailbox.ts'
import { statementsOf } from '../testing/observed.ts'
import {
  freshEmail,
  openTestVault,
  registration,
  submit,
  subjectOf,
  type TestVault,
} from '../testing/open-test-vault.ts'
import { confirm, seeOwn, someone } from '../testing/people.ts'
import type { Vault } from '../guard/vault.ts'
import { correctValues } from './correct-values.ts'
import { describePerson } from './describe-person.ts'
import { destroyData } from './destroy-data.ts'
import { listConflicts } from './list-conflicts.ts'
import { proveCode, type Session } from './prove-code.ts'
import { requestCode, type SentCode } from './request-code.ts'
import { authenticateSession, leave } from './staff-access.ts'

let test: TestVault
let vault: Vault
beforeAll(async () => {
  test = await openTestVault()
  ;({ vault } = test)
})
afterAll(() => test.close())

/** A person just registered, their code on the way. */
async function registering(
  email = canary(freshEmail('reg')),
): Promise<{ subject: string; email: string; sent: SentCode }> {
  const made = await submit(vault, 'registration', registration({ email }))
  if (!made.signIn) throw new Error('no code was sent')
  return { subject: subjectOf(made), email, sent: made.signIn }
}

async function proved(): Promise<{ subject: string; email: string }> {
  const { subject, email, sent } = await registering()
  await proveCode(vault, { id: sent.id, code: await codeTo(vault, email) })
  return { subject, email }
}

const wrong = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0')
const prove = (id: string, code: string): Promise<Session & { subject: string }> => proveCode(vault, { id, code })
const provedKinds = async (subject: string): Promise<readonly string[] | undefined> =>
  (await describePerson(vault, asSubject(subject), { subject, entity: 'start' })).facts?.proved

describe('a code', () => {
  it('proves the mailbox it came to, and begins a session', async () => {
    const { subject, email, sent } = await registering()
    expect(await provedKinds(subject)).toEqual([])
    const session = await prove(sent.id, await codeTo(vault, email))
    expect(session.subject).toBe(subject)
    expect(await provedKinds(subject)).toEqual(['email'])
    expect(await authenticateSession(vault, session.token)).toEqual({
      ...asSubject(subject),
      session: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      steps: [],
    })
  })

  it('proves no data: what is unconfirmed stays unconfirmed', async () => {
    const { subject } = await proved()
    const { facts } = await describePerson(vault, asSubject(subject), { subject, entity: 'start' })
    expect(facts).toMatchObject({ confirmedAt: null, proved: ['email'] })
  })

  it('is refused where it is wrong, and good at the fifth attempt', async () => {
    const { email, sent } = await registering()
    const code = await codeTo(vault, email)
    for (let i = 0; i < 4; i++) await faultOf(prove(sent.id, wrong(code)), 'code-invalid')
    await expect(prove(sent.id, code)).resolves.toBeDefined()
  })

  it('is refused after five wrong attempts, even the right one, also where they come at once', async () => {
    for (const atOnce of [false, true]) {
      const { email, sent } = await registering()
      const code = await codeTo(vault, email)
      const attempts = (): Promise<unknown>[] =>
        Array.from({ length: 20 }, () => faultOf(prove(sent.id, wrong(code)), 'code-invalid'))
      if (atOnce) await Promise.all(attempts())
      else for (const attempt of attempts()) await attempt
      await faultOf(prove(sent.id, code), 'code-invalid')
    }
  })

  it('serves once, also where it is presented ten times at once', async () => {
    const { email, sent } = await registering()
    const code = await codeTo(vault, email)
    const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => prove(sent.id, code)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await faultOf(prove(sent.id, code), 'code-invalid')
  })

  it('is refused after ten minutes', async () => {
    const late = await openTestVault()
    try {
      const email = freshEmail('late')
      const made = await submit(late.vault, 'registration', registration({ email }))
      const code = await codeTo(late.vault, email)
      late.pass(10 * 60_000 + 1)
      await faultOf(proveCode(late.vault, { id: made.signIn?.id ?? '', code }), 'code-invalid')
    } finally {
      await late.close()
    }
  })

  it('is good only with the id of its own request', async () => {
    const [anna, boris] = [await registering(), await registering()]
    await faultOf(prove(boris.sent.id, await codeTo(vault, anna.email)), 'code-invalid')
    await faultOf(prove(vault.newId(), await codeTo(vault, anna.email)), 'code-invalid')
  })

  it.each(['', 'nonsense', '../../x', "'; DROP TABLE sign_in; --", '00000000-0000-4000-8000-00000000000G'])(
    'is refused with an id that is none: %j',
    async (id) => {
      await faultOf(prove(id, '123456'), 'code-invalid')
    },
  )

  it('is refused where the address was changed meanwhile', async () => {
    const { subject, email, sent } = await registering()
    const code = await codeTo(vault, email)
    await correctValues(vault, asSubject(subject), { subject, entity: 'start', values: { email: freshEmail('new') } })
    await faultOf(prove(sent.id, code), 'code-invalid')
    expect(await provedKinds(subject)).toEqual([])
  })

  it('is refused where the person was destroyed meanwhile', async () => {
    const { subject, email, sent } = await registering()
    const code = await codeTo(vault, email)
    await destroyData(vault, asStaff('dpo'), { subject, entity: 'start', ticket: SUPPORT_TICKET, compartments: null })
    await faultOf(prove(sent.id, code), 'code-invalid')
  })

  it('lies nowhere in the database that could be read without the vault’s secrets', async () => {
    const { email } = await registering()
    const code = await codeTo(vault, email)
    for (const table of ['sign_in', 'outbox']) {
      const { rows } = await vault.data.query<{ row: string }>(`SELECT t::text AS row FROM ${table} t`)
      const texts = rows.map(({ row }) =>
        row.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\d [\d:.+]+|\\+x[0-9a-f]+/g, ''),
      )
      expect(texts.some((text) => text.includes(code) || text.includes(email))).toBe(false)
    }
  })
})

describe('a sign-in by an address', () => {
  it('goes to the person who proved it', async () => {
    const { subject, email } = await proved()
    const sent = await requestCode(vault, { email })
    expect((await prove(sent.id, await codeTo(vault, email))).subject).toBe(subject)
  })

  it('goes to them whatever the case of the letters typed', async () => {
    const { subject, email } = await proved()
    const sent = await requestCode(vault, { email: email.toUpperCase() })
    expect((await prove(sent.id, await codeTo(vault, email))).subject).toBe(subject)
  })

  it('goes to the one who proved it where another’s data with the same address were only confirmed', async () => {
    for (let i = 0; i < 4; i++) {
      const { subject, email } = await proved()
      const other = await someone(vault, { values: { email, surname: 'Другой' }, confirmed: true })
      const sent = await requestCode(vault, { email })
      expect((await prove(sent.id, await codeTo(vault, email))).subject).toBe(subject)
      expect(await seeOwn(vault, subject, ['surname'])).toEqual({ surname: 'Петрова' })
      expect(await seeOwn(vault, other.subject, ['surname'])).toEqual({ surname: 'Другой' })
    }
  })

  it('never carries away a person whose data are confirmed: staff look who is who', async () => {
    const { subject, email } = await proved()
    const made = await submit(vault, 'registration', registration({ email, surname: 'Другой' }))
    const other = subjectOf(made)
    await confirm(vault, other)
    const session = await prove(made.signIn?.id ?? '', await codeTo(vault, email))
    expect(session.subject).toBe(subject)
    expect(await seeOwn(vault, subject, ['surname'])).toEqual({ surname: 'Петрова' })
    expect(await seeOwn(vault, other, ['surname'])).toEqual({ surname: 'Другой' })
    const conflicts = await listConflicts(vault, asStaff('dpo'))
    expect(conflicts.filter((one) => one.subject === subject)).toMatchObject([{ other, fields: ['email'] }])
  })

  it('runs the same statements and gives the same answer whether it is known or not', async () => {
    const { email } = await proved()
    const unproved = await registering()
    const addresses = [email, canary(freshEmail('unknown')), unproved.email]
    const seen: unknown[] = []
    for (const address of addresses) {
      const answers: SentCode[] = []
      const statements = await statementsOf(vault, async () => {
        answers.push(await requestCode(vault, { email: address }))
      })
      expect(statements).toContain('sign-in-insert')
      seen.push([statements, answers.map((answer) => Object.keys(answer).sort())])
    }
    expect(seen[1]).toEqual(seen[0])
    expect(seen[2]).toEqual(seen[0])
  })

  it('runs the same statements and gives the same fault for a wrong code, known or not', async () => {
    const { email } = await proved()
    const seen: unknown[] = []
    for (const address of [email, freshEmail('unknown')]) {
      const { id } = await requestCode(vault, { email: address })
      const statements = await statementsOf(vault, () => faultOf(prove(id, 'xxxxxx'), 'code-invalid'))
      seen.push(statements)
    }
    expect(seen[0]).toEqual(seen[1])
  })

  it('that is unknown gets a letter without a code, and no code opens it', async () => {
    const email = canary(freshEmail('stranger'))
    const { id } = await requestCode(vault, { email })
    const [letter] = await lettersTo(vault, email)
    expect(letter).toBeDefined()
    expect(letter).not.toMatch(/\b\d{6}\b/)
    await faultOf(prove(id, '000000'), 'code-invalid')
    const { rows } = await vault.data.query('SELECT FROM sign_in WHERE sign_in_id = $1', [id])
    expect(rows).toHaveLength(1)
  })

  it('is not begun for a text that is no address, and the fault does not repeat it', async () => {
    for (const email of ['', 'нет', canary('anna petrova'), canary('секрет@'), 'x'.repeat(10_000)]) {
      await faultOf(requestCode(vault, { email }), 'invalid-value')
    }
  })
})

describe('a session', () => {
  it('ends when it is left, and after its term', async () => {
    const one = await openTestVault()
    try {
      const email = freshEmail('session')
      const made = await submit(one.vault, 'registration', registration({ email }))
      const { token } = await proveCode(one.vault, { id: made.signIn?.id ?? '', code: await codeTo(one.vault, email) })
      expect(await authenticateSession(one.vault, token)).not.toBeNull()
      one.pass(12 * 3_600_000 + 1)
      expect(await authenticateSession(one.vault, token)).toBeNull()
    } finally {
      await one.close()
    }
    const { email, sent } = await registering()
    const { token } = await prove(sent.id, await codeTo(vault, email))
    await leave(vault, token)
    expect(await authenticateSession(vault, token)).toBeNull()
  })

  it('is known to the database by a hash only, and no other token passes for it', async () => {
    const { email, sent } = await registering()
    const { token } = await prove(sent.id, await codeTo(vault, email))
    const { rows } = await vault.data.query<{ row: string }>('SELECT s::text AS row FROM session s')
    expect(rows.some(({ row }) => row.includes(token) || row.includes(Buffer.from(token).toString('hex')))).toBe(false)
    for (const other of ['', token.slice(1), `${token}x`, token.toLowerCase()]) {
      expect(await authenticateSession(vault, other)).toBeNull()
    }
  })

  it('of a person ends with their destruction', async () => {
    const { subject, email, sent } = await registering()
    const { token } = await prove(sent.id, await codeTo(vault, email))
    await destroyData(vault, asStaff('dpo'), { subject, entity: 'start', ticket: SUPPORT_TICKET, compartments: null })
    expect(await authenticateSession(vault, token)).toBeNull()
  })
})

describe('a change of address', () => {
  it('makes the new one unproved, and what needs a proved one refuses from then on', async () => {
    const { subject } = await proved()
    const site = await asService(vault, 'site', ['rights'])
    const correct = (surname: string) => correctValues(vault, site, { subject, entity: 'start', values: { surname } })
    expect((await correct('Первая')).decision.effect).toBe('permit')
    await correctValues(vault, asSubject(subject), { subject, entity: 'start', values: { email: freshEmail('moved') } })
    expect(await provedKinds(subject)).toEqual([])
    expect((await correct('Вторая')).decision).toMatchObject({ effect: 'refuse', causes: [{ reason: 'not-proved' }] })
  })

  it('takes the old one’s sign-in away: its mailbox is a stranger’s from then on', async () => {
    const { subject, email } = await proved()
    await correctValues(vault, asSubject(subject), { subject, entity: 'start', values: { email: freshEmail('moved') } })
    await requestCode(vault, { email })
    expect((await lettersTo(vault, email))[0]).not.toMatch(/\b\d{6}\b/)
  })
})
