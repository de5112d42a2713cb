import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { levelReached, PROOF_FRESH } from '@doverie/core/request'
import type { PersonCaller, SubjectCaller } from '../guard/caller.ts'
import { loadFacts } from '../store/subjects.ts'
import { asStaff, SUPPORT_TICKET } from '../testing/callers.ts'
import { Authenticator, type DeviceSite } from '../testing/authenticator.ts'
import { faultOf } from '../testing/fault.ts'
import { lettersTo } from '../testing/mailbox.ts'
import { openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { provedSomeone } from '../testing/people.ts'
import { destroyData } from './destroy-data.ts'
import { askDestruction, cancelDestruction } from './erasure.ts'
import {
  addPasskey,
  beginPasskey,
  beginPasskeySignIn,
  listPasskeys,
  proveByPasskey,
  removePasskey,
  renamePasskey,
  signInByPasskey,
} from './passkeys.ts'
import { endOtherSessions } from './end-sessions.ts'
import { noteBounced } from './note-fact.ts'
import { beginSession } from './prove-code.ts'
import { proofsOf } from './requests/identity.ts'
import { authenticateSession } from './staff-access.ts'

const DAY = 86_400_000
const SITE = { rpId: 'privacy.example', origins: ['https://privacy.example'], name: 'NETRACK' }
const AT: DeviceSite = { rpId: SITE.rpId, origin: 'https://privacy.example' }
let test: TestVault

beforeAll(async () => {
  test = await openTestVault()
})
afterAll(() => test.close())

interface Owner {
  readonly subject: string
  readonly email: string
  readonly who: () => Promise<SubjectCaller>
  readonly device: Authenticator
  readonly key: string
}

async function sessionFor(subject: string, token?: string): Promise<() => Promise<SubjectCaller>> {
  const begun =
    token ?? (await beginSession(test.vault, test.vault.data, 'subject', subject, ['email'], 99 * DAY)).token
  return async () => {
    const caller = await authenticateSession(test.vault, begun)
    if (caller?.kind !== 'subject') throw new Error('signed out')
    return caller
  }
}

/** Somebody with a key that counts already, or that was added just now. */
async function owner(settled = true): Promise<Owner> {
  const { subject, email } = await provedSomeone(test.vault)
  const who = await sessionFor(subject)
  const device = new Authenticator()
  const { id, options } = await beginPasskey(test.vault, await who(), SITE, 'add')
  const given = { id, name: 'Телефон', response: device.create(options, AT) }
  const { id: key } = await addPasskey(test.vault, await who(), SITE, given)
  if (settled) test.pass(3 * DAY)
  return { subject, email, who, device, key }
}

async function step({ who, device }: Owner, site: DeviceSite = AT): Promise<{ readonly counts: boolean }> {
  const { id, options } = await beginPasskey(test.vault, await who(), SITE, 'step')
  return proveByPasskey(test.vault, await who(), SITE, { id, response: device.sign(options, site) })
}

async function signedIn(one: Owner): Promise<() => Promise<SubjectCaller>> {
  const { id, options } = await beginPasskeySignIn(test.vault, SITE)
  const { token } = await signInByPasskey(test.vault, SITE, { id, response: one.device.sign(options, AT) })
  return sessionFor(one.subject, token)
}

const destroy = async ({ subject, who }: Owner) =>
  askDestruction(test.vault, await who(), { subject, entity: 'start', compartments: null })

describe('a passkey', () => {
  it('proves in its session who is signed in, and is told to the mailbox when it comes and goes', async () => {
    const one = await owner()
    expect((await lettersTo(test.vault, one.email))[0]).toContain('добавлен ключ входа')
    await faultOf(destroy(one), 'proof-needed')
    expect(await step(one)).toEqual({ counts: true })
    expect((await destroy(one)).waits).toBeDefined()
    await cancelDestruction(test.vault, await one.who(), { subject: one.subject, entity: 'start' })
    await renamePasskey(test.vault, await one.who(), { id: one.key, name: 'Ноутбук' })
    expect(await listPasskeys(test.vault, await one.who())).toMatchObject([{ id: one.key, name: 'Ноутбук' }])
    await removePasskey(test.vault, await one.who(), one.key)
    expect((await lettersTo(test.vault, one.email))[0]).toContain('удалён ключ входа')
    expect(await listPasskeys(test.vault, await one.who())).toEqual([])
  })

  it('signs in without a name, in a session that has proved as much', async () => {
    const one = await owner()
    const { id, options } = await beginPasskeySignIn(test.vault, SITE)
    expect(options['allowCredentials']).toEqual([])
    const session = await signInByPasskey(test.vault, SITE, { id, response: one.device.sign(options, AT) })
    expect(session.subject).toBe(one.subject)
    const who = await sessionFor(one.subject, session.token)
    expect((await who()).proved).toEqual([])
    expect((await destroy({ ...one, who })).waits).toBeDefined()
  })

  it('proves no mailbox: a session that it began says so, alone and for whom it acts, and the mailbox stays in doubt', async () => {
    const one = await owner()
    await noteBounced(test.vault, one.subject, 'email', test.now())
    const methods = (caller: PersonCaller) => proofsOf(caller, test.now()).map(({ method }) => method)
    const who = await signedIn(one)
    expect(methods(await who())).toEqual(['passkey-session', 'passkey'])
    expect(
      methods({ ...(await who()), kind: 'representative', representative: '', person: one.subject, scope: null }),
    ).toEqual(['passkey-session', 'passkey'])
    const facts = (await loadFacts(test.vault.data, [one.subject])).get(one.subject)?.facts
    expect(facts?.bounced).toEqual(['email'])
    test.pass(PROOF_FRESH)
    expect(methods(await who())).toEqual(['passkey-session'])
    // A step is no sign-in: with the mailbox in one session and the key in another two things are shown, as they are.
    expect(methods(await one.who())).toEqual(['session'])
  })

  it('added by a session of the mailbox begins one that shows the mailbox, however it is added up', async () => {
    const one = await owner(false)
    const by = proofsOf(await (await signedIn(one))(), test.now())
    const all = [...by, ...proofsOf(await one.who(), test.now())]
    expect(all.map(({ method }) => method)).toEqual(['new-passkey-session', 'session'])
    expect(levelReached(all)).toBe(1)
  })

  it('that a session has just added shows no more than that session, for three days', async () => {
    const one = await owner(false)
    expect(await step(one)).toEqual({ counts: false })
    await faultOf(destroy(one), 'proof-needed')
    test.pass(3 * DAY)
    expect(await step(one)).toEqual({ counts: true })
  })

  it('added by who has proved more already counts at once', async () => {
    const one = await owner()
    await step(one)
    const device = new Authenticator()
    const { id, options } = await beginPasskey(test.vault, await one.who(), SITE, 'add')
    const given = { id, name: 'Второй', response: device.create(options, AT) }
    await addPasskey(test.vault, await one.who(), SITE, given)
    expect(await step({ ...one, device })).toEqual({ counts: true })
  })

  it('is gone with its person, and opens from no row of theirs', async () => {
    const one = await owner()
    const { rows } = await test.vault.data.query<{ sealed: Buffer }>(
      'SELECT sealed FROM passkey WHERE holder_id = $1',
      [one.subject],
    )
    expect(rows).toHaveLength(1)
    expect(rows[0]?.sealed.includes(Buffer.from('Телефон'))).toBe(false)
    const on = { subject: one.subject, entity: 'start', ticket: SUPPORT_TICKET, compartments: null }
    await destroyData(test.vault, asStaff('dpo'), on)
    const left = await test.vault.data.query('SELECT FROM passkey WHERE holder_id = $1', [one.subject])
    const keys = await test.vault.keys.query('SELECT FROM key WHERE subject_id = $1', [one.subject])
    expect([left.rowCount, keys.rowCount]).toEqual([0, 0])
    const { id, options } = await beginPasskeySignIn(test.vault, SITE)
    await faultOf(signInByPasskey(test.vault, SITE, { id, response: one.device.sign(options, AT) }), 'code-invalid')
  })
})

describe('a session of somebody else', () => {
  it('ends with the key that it added, and by a word of the owner', async () => {
    const one = await owner()
    const [thief, left] = [await sessionFor(one.subject), await sessionFor((await owner()).subject)]
    const device = new Authenticator()
    const { id, options } = await beginPasskey(test.vault, await thief(), SITE, 'add')
    const given = { id, name: 'Чужой', response: device.create(options, AT) }
    const { id: key } = await addPasskey(test.vault, await thief(), SITE, given)
    await removePasskey(test.vault, await one.who(), key)
    await expect(thief()).rejects.toThrow('signed out')
    const again = await sessionFor(one.subject)
    expect(await endOtherSessions(test.vault, await one.who())).toBe(1)
    await expect(again()).rejects.toThrow('signed out')
    expect(await listPasskeys(test.vault, await one.who())).toHaveLength(1)
    await left()
  })

  it('that was ended while it asked ends no other', async () => {
    const one = await owner()
    const thief = await (await sessionFor(one.subject))()
    await endOtherSessions(test.vault, await one.who())
    await faultOf(endOtherSessions(test.vault, thief), 'unauthenticated')
    await faultOf(removePasskey(test.vault, thief, one.key), 'unauthenticated')
    await one.who()
  })
})

describe('an answer is refused', () => {
  it.each<[string, Partial<DeviceSite>]>([
    ['from a page of another origin', { origin: 'https://privacy.example.evil' }],
    ['under another site’s name', { rpId: 'evil.example' }],
    ['whose signature was changed', { flipped: true }],
    ['of a device that nobody unlocked', { unverified: true }],
  ])('%s', async (_, wrong) => {
    await faultOf(step(await owner(), { ...AT, ...wrong }), 'code-invalid')
  })

  it('twice: a challenge serves once, and a counter that stands still proves nothing', async () => {
    const one = await owner()
    const { id, options } = await beginPasskey(test.vault, await one.who(), SITE, 'step')
    const response = one.device.sign(options, AT)
    await proveByPasskey(test.vault, await one.who(), SITE, { id, response })
    await faultOf(proveByPasskey(test.vault, await one.who(), SITE, { id, response }), 'code-invalid')
    one.device.counter -= 1
    await faultOf(step(one), 'code-invalid')
  })

  it('to a challenge of another act, another session, of before, or made up', async () => {
    const [one, other] = [await owner(), await owner()]
    const signed = async (act: 'step' | 'sign-in', who = one.who) => {
      const begun =
        act === 'step'
          ? await beginPasskey(test.vault, await who(), SITE, 'step')
          : await beginPasskeySignIn(test.vault, SITE)
      return { id: begun.id, response: one.device.sign(begun.options, AT) }
    }
    const prove = async (answer: { readonly id: string; readonly response: Record<string, unknown> }) =>
      proveByPasskey(test.vault, await one.who(), SITE, answer)
    await faultOf(prove(await signed('sign-in')), 'code-invalid')
    await faultOf(prove(await signed('step', other.who)), 'code-invalid')
    await faultOf(prove(await signed('step', await sessionFor(one.subject))), 'code-invalid')
    const late = await signed('step')
    test.pass(5 * 60_000 + 1)
    await faultOf(prove(late), 'code-invalid')
    const { id } = await beginPasskey(test.vault, await one.who(), SITE, 'step')
    await faultOf(prove({ id, response: one.device.sign({ challenge: 'AAAA' }, AT) }), 'code-invalid')
    for (const response of [{}, { id: 7 }, { id: 'x'.repeat(5000) }, { id: 'unknown' }])
      await faultOf(prove({ id, response }), 'code-invalid')
  })

  it('by a key of somebody else, or one that was removed', async () => {
    const [one, other] = [await owner(), await owner()]
    const { id, options } = await beginPasskey(test.vault, await one.who(), SITE, 'step')
    const theirs = { id, response: other.device.sign(options, AT) }
    await faultOf(proveByPasskey(test.vault, await one.who(), SITE, theirs), 'code-invalid')
    await faultOf(removePasskey(test.vault, await one.who(), other.key), 'not-found')
    await faultOf(renamePasskey(test.vault, await one.who(), { id: other.key, name: 'x' }), 'not-found')
    const begun = await beginPasskeySignIn(test.vault, SITE)
    await removePasskey(test.vault, await one.who(), one.key)
    const gone = { id: begun.id, response: one.device.sign(begun.options, AT) }
    await faultOf(signInByPasskey(test.vault, SITE, gone), 'code-invalid')
  })
})
