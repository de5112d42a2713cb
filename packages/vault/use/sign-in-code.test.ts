import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canary, faultOf } from '../testing/fault.ts'
import { CODE, codeTo, lettersTo } from '../testing/mailbox.ts'
import { statementsOf } from '../testing/observed.ts'
import {
  freshEmail,
  openTestVault,
  registration,
  submit,
  subjectOf,
  type TestVault,
} from '../testing/open-test-vault.ts'
import type { Vault } from '../guard/vault.ts'
import { proveCode } from './prove-code.ts'
import { requestCode, type SentCode } from './request-code.ts'
import { sweep } from './sweep.ts'

const MINUTE = 60_000
const SHORT = /^\d{6}$/
const LONG = /^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/

let test: TestVault
let vault: Vault
beforeAll(async () => {
  test = await openTestVault()
  ;({ vault } = test)
})
afterAll(() => test.close())

/** Somebody whose mailbox is proved. */
async function owner(): Promise<{ subject: string; email: string }> {
  const email = canary(freshEmail('owner'))
  const made = await submit(vault, 'registration', registration({ email }))
  await proveCode(vault, { id: made.signIn?.id ?? '', code: await codeTo(vault, email) })
  return { subject: subjectOf(made), email }
}

const ask = (email: string): Promise<SentCode> => requestCode(vault, { email })

/** Asks for codes without ever using one, as a stranger does. */
async function flood(email: string, times: number): Promise<readonly SentCode[]> {
  const sent: SentCode[] = []
  for (let i = 0; i < times; i++) sent.push(await ask(email))
  return sent
}

/** The codes that letters to an address told, newest first. */
const codesTo = async (email: string): Promise<readonly string[]> =>
  (await lettersTo(vault, email)).flatMap((text) => CODE.exec(text)?.[0] ?? [])

describe('a stranger who asks for codes without end', () => {
  it('keeps the owner of the mailbox out at no time', async () => {
    const { subject, email } = await owner()
    for (let i = 0; i < 4; i++) {
      await flood(email, 15)
      const { id } = await ask(email)
      expect((await proveCode(vault, { id, code: await codeTo(vault, email) })).subject).toBe(subject)
      test.pass(3 * MINUTE)
    }
  })

  it('keeps nobody from proving the mailbox they register with, by registering it themselves', async () => {
    const email = canary(freshEmail('squatted'))
    for (let i = 0; i < 14; i++) await submit(vault, 'registration', registration({ email }))
    const made = await submit(vault, 'registration', registration({ email, surname: 'Своя' }))
    const session = await proveCode(vault, { id: made.signIn?.id ?? '', code: await codeTo(vault, email) })
    expect(session.subject).toBe(made.subject)
  })

  it('as one who is not known yet keeps nobody out either', async () => {
    const email = canary(freshEmail('early'))
    await flood(email, 25)
    const made = await submit(vault, 'registration', registration({ email }))
    const session = await proveCode(vault, { id: made.signIn?.id ?? '', code: await codeTo(vault, email) })
    expect(session.subject).toBe(made.subject)
  })

  it('gets ten codes of six digits in a day, also where they ask at once, and then long ones', async () => {
    const { email } = await owner()
    const before = (await codesTo(email)).length
    await Promise.all(Array.from({ length: 30 }, () => ask(email)))
    const codes = (await codesTo(email)).slice(0, -before)
    expect(codes.filter((code) => SHORT.test(code))).toHaveLength(10)
    expect(codes.filter((code) => LONG.test(code))).toHaveLength(1)
    test.pass(60 * MINUTE)
    await sweep(vault)
    await flood(email, 3)
    expect((await codesTo(email)).filter((code) => SHORT.test(code))).toHaveLength(10 + before)
    test.pass(24 * 60 * MINUTE)
    await sweep(vault)
    await ask(email)
    expect((await codesTo(email))[0]).toMatch(SHORT)
  })

  it('fills no mailbox: of long codes a letter goes in five minutes', async () => {
    const { email } = await owner()
    await flood(email, 10)
    const before = (await codesTo(email)).length
    for (let minute = 0; minute < 15; minute++) {
      await flood(email, 3)
      test.pass(MINUTE)
    }
    expect((await codesTo(email)).length - before).toBe(3)
  })

  it('sees no difference between a known and an unknown address, in answers or statements', async () => {
    const { email } = await owner()
    const seen: unknown[] = []
    for (const address of [email, canary(freshEmail('unknown'))]) {
      const began = test.now()
      const answers: unknown[] = []
      const statements = await statementsOf(vault, async () => {
        for (const { expiresAt, ...rest } of await flood(address, 14)) {
          answers.push([Object.keys(rest), Math.round((expiresAt - began) / MINUTE)])
        }
      })
      seen.push([statements, answers])
    }
    expect(seen[0]).toEqual(seen[1])
  })
})

describe('a long code', () => {
  async function asked(): Promise<{ email: string; sent: readonly SentCode[]; code: string }> {
    const { email } = await owner()
    const sent = (await flood(email, 14)).slice(10)
    return { email, sent, code: await codeTo(vault, email) }
  }

  it('serves once, whoever of those who share it comes first', async () => {
    const { sent, code } = await asked()
    const outcomes = await Promise.allSettled(sent.map(({ id }) => proveCode(vault, { id, code })))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const { id } of sent) await faultOf(proveCode(vault, { id, code }), 'code-invalid')
  })

  it('is good however it is typed', async () => {
    const { sent, code } = await asked()
    const typed = ` ${code.toLowerCase().replace('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')} `
    await expect(proveCode(vault, { id: sent[1]?.id ?? '', code: typed })).resolves.toBeDefined()
  })

  it('dies for a request after five wrong attempts, and for no other', async () => {
    const { sent, code } = await asked()
    for (let i = 0; i < 5; i++) {
      await faultOf(proveCode(vault, { id: sent[0]?.id ?? '', code: 'AAAAA-AAAAA' }), 'code-invalid')
    }
    await faultOf(proveCode(vault, { id: sent[0]?.id ?? '', code }), 'code-invalid')
    await expect(proveCode(vault, { id: sent[1]?.id ?? '', code })).resolves.toBeDefined()
  })

  it('is no code of six digits, and fits no request before it', async () => {
    const { email } = await owner()
    const first = await flood(email, 10)
    const { id } = await ask(email)
    const [code = '', short = ''] = await codesTo(email)
    expect([LONG.test(code), SHORT.test(short)]).toEqual([true, true])
    await faultOf(proveCode(vault, { id: first[9]?.id ?? '', code }), 'code-invalid')
    await faultOf(proveCode(vault, { id, code: short }), 'code-invalid')
  })
})
