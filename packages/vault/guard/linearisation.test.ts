import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asService, asStaff, asSubject as me, SUPPORT_TICKET, tokenFor } from '../testing/callers.ts'
import { deafen } from '../testing/deafen.ts'
import { forkHammer } from '../testing/hammer-process.ts'
import { hammer, type HammerAsk, type HammerRead, monotonic } from '../testing/hammer.ts'
import { type HeldReads, holdReads } from '../testing/held-reads.ts'
import { ledgerBodies } from '../testing/ledger-bodies.ts'
import {
  EVIDENCE,
  freshEmail,
  openTestVault,
  registration,
  submit,
  subjectOf,
  type TestVault,
} from '../testing/open-test-vault.ts'
import { blockPerson, unblockPerson } from '../use/block-person.ts'
import { confirmData } from '../use/confirm-data.ts'
import { authenticateCredential, revokeCredential } from '../use/credentials.ts'
import { destroyData } from '../use/destroy-data.ts'
import { endContract } from '../use/end-contract.ts'
import { giveConsent } from '../use/give-consent.ts'
import { openFields } from '../use/open-fields.ts'
import { setConfidentiality } from '../use/set-confidentiality.ts'
import { showForm } from '../use/show-form.ts'
import { withdrawConsent } from '../use/withdraw-consent.ts'
import type { ServiceCaller } from './caller.ts'
import type { Vault } from './vault.ts'

const dpo = asStaff('dpo')
const T = SUPPORT_TICKET

let test: TestVault
let vault: Vault
beforeAll(async () => {
  test = await openTestVault()
  ;({ vault } = test)
})
afterAll(() => test.close())

interface Someone {
  readonly subject: string
  readonly email: string
  readonly contract: string
}

/** A confirmed person with an account and a live consent to marketing. */
async function someone(email = freshEmail('p')): Promise<Someone> {
  const collected = await submit(vault, 'registration', registration({ email }), { consents: ['marketing'] })
  const subject = subjectOf(collected)
  const confirmed = await confirmData(vault, dpo, { subject, entity: 'start', ticket: T, form: 'paper' })
  expect(confirmed.decision.effect).toBe('permit')
  return { subject, email, contract: collected.contract?.id ?? '' }
}

const on = (subject: string): { subject: string; entity: string } => ({ subject, entity: 'start' })
interface Reading {
  readonly purpose: string
  readonly fields: readonly string[]
}
const MARKETING: Reading = { purpose: 'marketing', fields: ['given-name', 'email'] }
const IDENTIFICATION: Reading = { purpose: 'identification', fields: ['surname', 'email'] }

/** Every act after which some read is forbidden, and one read that it forbids. */
const narrowings: readonly (readonly [
  string,
  Reading,
  (person: Someone, reader: ServiceCaller) => Promise<unknown>,
])[] = [
  [
    'a withdrawal',
    MARKETING,
    ({ subject }) => withdrawConsent(vault, me(subject), { ...on(subject), purpose: 'marketing', allEntities: true }),
  ],
  [
    'a block',
    IDENTIFICATION,
    ({ subject }) => blockPerson(vault, dpo, { ...on(subject), ticket: T, reason: 'unlawful' }),
  ],
  [
    'a closed field',
    MARKETING,
    ({ subject }) => setConfidentiality(vault, me(subject), { ...on(subject), field: 'email', closedTo: ['*'] }),
  ],
  [
    'the end of a contract',
    IDENTIFICATION,
    ({ subject, contract }) => endContract(vault, me(subject), { ...on(subject), contract }),
  ],
  [
    'a destruction',
    IDENTIFICATION,
    ({ subject }) => destroyData(vault, dpo, { ...on(subject), ticket: T, compartments: null }),
  ],
  [
    'the destruction of one compartment',
    IDENTIFICATION,
    ({ subject }) => destroyData(vault, dpo, { ...on(subject), ticket: T, compartments: ['contact'] }),
  ],
  ['a revoked credential', IDENTIFICATION, (_, { credential }) => revokeCredential(vault, dpo, credential)],
]

const readerOf = ({ purpose }: { readonly purpose: string }): Promise<ServiceCaller> =>
  asService(vault, purpose === 'marketing' ? 'newsletter' : 'site', [purpose])

/** `permit`, `refuse` or the fault's code. */
async function read(by: Vault, reader: ServiceCaller, subject: string, ask: Reading): Promise<string> {
  try {
    return (await openFields(by, reader, { subject, entity: 'start', ...ask })).decision.effect
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

describe('a read in the middle', () => {
  let held: HeldReads
  beforeAll(async () => {
    held = await holdReads(test.urls.dataUrl)
  })
  afterAll(() => held.close())

  it.each(narrowings)('keeps %s from being acknowledged until it has committed', async (_, ask, narrow) => {
    const person = await someone()
    const reader = await readerOf(ask)
    expect(await read(vault, reader, person.subject, ask)).toBe('permit')
    await held.hold()
    try {
      const reading = read(vault, reader, person.subject, ask)
      await held.standing()
      let acknowledged = false
      const narrowing = narrow(person, reader).then(() => (acknowledged = true))
      await sleep(400)
      expect(acknowledged).toBe(false)
      await held.release()
      expect(await reading).toBe('permit')
      await narrowing
    } finally {
      await held.release()
    }
    expect(await read(vault, reader, person.subject, ask)).not.toBe('permit')
  })
})

describe('a server that hears of nothing', () => {
  it.each(narrowings)('refuses after %s elsewhere, whatever it remembers of the person', async (_, ask, narrow) => {
    const person = await someone()
    const reader = await readerOf(ask)
    const second = await test.second()
    await deafen(vault)
    expect(await read(second, reader, person.subject, ask)).toBe('permit')
    await narrow(person, reader)
    expect(second.people.cached(person.subject, test.now())).toBeDefined()
    expect(await read(second, reader, person.subject, ask)).not.toBe('permit')
  })
})

/** From the acknowledgement of a narrowing to the moment something widened it again, reads of these kinds are refused. */
interface Closed {
  readonly person: number | null
  readonly asks: readonly number[]
  readonly from: number
  to: number
}

describe('under load, with two server processes', () => {
  it('an acknowledged narrowing always wins over reads that start later, and calls never mix', {
    timeout: 300_000,
  }, async () => {
    const PEOPLE = 40
    const REVOCABLE = 6
    const ROUNDS = 4
    const people: Someone[] = []
    for (let i = 0; i < PEOPLE; i++) people.push(await someone())
    const tokens = [
      await tokenFor(vault, 'newsletter', ['marketing']),
      await tokenFor(vault, 'site', ['identification']),
      ...(await Promise.all(Array.from({ length: REVOCABLE }, () => tokenFor(vault, 'billing', ['identification'])))),
    ]
    const asks: HammerAsk[] = tokens.map((token, i) => ({ token, ...(i === 0 ? MARKETING : IDENTIFICATION) }))
    const ALL = asks.map((_, i) => i)
    const revocable = await Promise.all(tokens.slice(2).map((token) => authenticateCredential(vault, token)))
    const plan = { urls: test.urls, people, asks, concurrency: 24 }
    const stopOther = await forkHammer(plan)
    let stopped = false
    const own = hammer(vault, plan, () => stopped)

    const closed: Closed[] = []
    const close = async (
      person: number | null,
      kinds: readonly number[],
      act: () => Promise<unknown>,
    ): Promise<Closed> => {
      await act()
      const one = { person, asks: kinds, from: monotonic(), to: Number.POSITIVE_INFINITY }
      closed.push(one)
      return one
    }
    const widen = async (one: Closed, act: () => Promise<unknown>): Promise<void> => {
      one.to = monotonic()
      await act()
    }
    const { snapshot } = await showForm(vault, 'registration')
    const live = async (i: number): Promise<void> => {
      const subject = people[i]?.subject ?? ''
      for (let round = 0; round < ROUNDS; round++) {
        const consent = await close(i, [0], () =>
          withdrawConsent(vault, me(subject), { ...on(subject), purpose: 'marketing', allEntities: round % 2 === 0 }),
        )
        await sleep(Math.random() * 40)
        const blocked = await close(i, ALL, () =>
          blockPerson(vault, dpo, { ...on(subject), ticket: T, reason: 'inaccuracy' }),
        )
        await sleep(Math.random() * 40)
        await widen(blocked, () => unblockPerson(vault, dpo, { ...on(subject), ticket: T }))
        await widen(consent, () =>
          giveConsent(vault, me(subject), {
            ...on(subject),
            purpose: 'marketing',
            form: 'registration',
            snapshot,
            evidence: EVIDENCE,
          }),
        )
        const hidden = await close(i, ALL, () =>
          setConfidentiality(vault, me(subject), { ...on(subject), field: 'email', closedTo: ['*'] }),
        )
        await sleep(Math.random() * 40)
        await widen(hidden, () =>
          setConfidentiality(vault, me(subject), { ...on(subject), field: 'email', closedTo: [] }),
        )
      }
      if (i % 2 === 0)
        await close(i, ALL, () => destroyData(vault, dpo, { ...on(subject), ticket: T, compartments: null }))
    }
    const revoking = (async () => {
      for (const [i, caller] of revocable.entries()) {
        await sleep(500)
        await close(null, [2 + i], () => revokeCredential(vault, dpo, caller?.credential ?? ''))
      }
    })()
    const waiting = people.map((_, i) => i)
    const workers = Array.from({ length: 6 }, async () => {
      for (let i = waiting.pop(); i !== undefined; i = waiting.pop()) await live(i)
    })
    await Promise.all([...workers, revoking])
    await sleep(300)
    stopped = true
    const processes: (readonly HammerRead[])[] = [await own, await stopOther()]

    expect(closed.length).toBeGreaterThan(450)
    let forbidden = 0
    for (const reads of processes) {
      const late = reads.filter((read) =>
        closed.some(
          ({ person, asks: kinds, from, to }) =>
            (person === null || person === read.person) &&
            kinds.includes(read.ask) &&
            read.start > from &&
            read.end < to,
        ),
      )
      forbidden += late.length
      expect(late.length).toBeGreaterThan(500)
      expect(late.filter(({ outcome }) => outcome === 'permit')).toEqual([])
      expect(reads.filter(({ outcome }) => outcome === 'permit').length).toBeGreaterThan(500)
      // A revoked credential finds no place in any batch; nothing else may go wrong.
      const faults = reads.filter(({ outcome, ask }) => !['permit', 'refuse'].includes(outcome) && ask < 2)
      expect(faults).toEqual([])
    }
    const answered = processes.flat().filter(({ outcome }) => outcome === 'permit' || outcome === 'refuse')
    const entries = (await ledgerBodies(vault)).filter(({ act }) => act === 'open')
    const effects = new Map(entries.map(({ id, effect }) => [id, effect]))
    expect(effects.size).toBe(entries.length)
    expect(answered.filter(({ id, outcome }) => effects.get(id) !== outcome)).toEqual([])
    expect(forbidden).toBeGreaterThan(2_000)
  })
})
