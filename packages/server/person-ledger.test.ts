import { auditEntries, formatVerifierKey } from '@doverie/core/log'
import { readConsentReceipt } from '@doverie/core/policy'
import { type Client, contract, DoverieProblem } from '@doverie/sdk'
import { proveReceipt, verifyConsentReceipt, verifyReceipt } from '@doverie/sdk/verify'
import { noteSigner } from '@doverie/vault'
import { createLocalJWKSet, flattenedVerify, type JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { CHROMIUM, startBrowser } from './testing/browser.ts'
import { asService, asStaff, register, type TestPerson } from './testing/people.ts'
import { asOfficer, latestCode, startTestServer, type TestServer, until } from './testing/test-server.ts'

let server: TestServer
let officer: Client
let person: TestPerson
let stranger: TestPerson
let trust: { readonly policy: string }

beforeAll(async () => {
  server = await startTestServer(inject('adminUrl'))
  officer = await asOfficer(server)
  person = await register(server)
  stranger = await register(server)
  const billing = await asService(server, officer, 'billing', ['identification', 'payment'])
  const asked = { subject: person.subject, entity: 'start' }
  await billing.open({ ...asked, purpose: 'identification', fields: ['phone'] })
  await billing.open({ ...asked, purpose: 'payment', fields: ['phone'] }).catch(() => undefined)
  await until(async () => (await person.client.history()).some(({ body }) => body.includes('"reasons"')))
  trust = { policy: await (await fetch(`${server.url}/log/policy`)).text() }
})
afterAll(() => server.stop())

/** The policy of trust with a quorum that nobody fulfils. */
const unseen = (): { readonly policy: string } => {
  const { verifier } = noteSigner('w1.example', Buffer.alloc(32, 9), 4)
  const quorum = `witness w1 ${formatVerifierKey(verifier)}\nquorum w1`
  return { policy: trust.policy.replace('quorum none', () => quorum) }
}

const read = async (path: string): Promise<Uint8Array | null> => {
  const answer = await fetch(`${server.url}/log/${path}`)
  return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : null
}

describe('the history of a person', () => {
  it('tells each entry in plain words of both languages: who, what, for which purpose, which data, under which clauses', async () => {
    const entries = await person.client.history()
    for (const { words } of entries) {
      expect(words?.clauses.every(({ title }) => title.ru !== '' && title.en !== '')).toBe(true)
      for (const told of [words?.who, words?.what]) expect(told?.ru).toMatch(/[а-яё]/i)
    }
    const [opened] = entries.filter(({ body }) => body.includes('"act":"open"') && body.includes('"permit"'))
    expect(opened?.words?.who.ru).toContain('служба: ')
    expect(opened?.words?.what.en).toContain('opened data')
    expect(opened?.words?.data?.ru).toMatch(/телефон/i)
    expect(opened?.words?.reasons).toEqual([])
    const [refused] = entries.filter(({ body }) => body.includes('"act":"open"') && body.includes('"refuse"'))
    expect(refused?.words?.what.ru).toMatch(/^отказано: /)
    expect(refused?.words?.reasons.length).toBeGreaterThan(0)
  })

  it('gives for each entry a receipt that verifies offline, and whose it is', async () => {
    const secret = await person.client.ledgerSecret()
    // That it was given out is in the history that it opens, once the entry has its place.
    await expect
      .poll(
        async () =>
          (await person.client.history()).filter(({ body }) => body.includes('"act":"show-ledger-secret"')).length,
      )
      .toBe(1)
    const foreign = await stranger.client.ledgerSecret()
    for (const { place, body } of await person.client.history()) {
      const file = await person.client.proof(place)
      const verified = await verifyReceipt(file, { ...trust, secret })
      expect(verified).toMatchObject({ place, own: true, body: JSON.parse(body) as object })
      expect((await verifyReceipt(file, { ...trust, secret: foreign })).own).toBe(false)
    }
  })
})

describe('the receipt of a consent', () => {
  it('says what was agreed to, signed, and stands in the ledger', async () => {
    const subscriber = await register(server, ['marketing'])
    const receipt = await subscriber.client.consentReceipt('marketing', 'start')
    const { keys } = (await (await fetch(`${server.url}/log/jwks.json`)).json()) as { readonly keys: readonly JWK[] }
    const secret = await subscriber.client.ledgerSecret()
    const { consent, entry } = await verifyConsentReceipt(receipt, keys, { ...trust, secret })
    expect(entry).toMatchObject({ own: true, body: { act: 'consent-receipt' } })
    await expect(verifyConsentReceipt(receipt, keys, { ...unseen(), secret })).rejects.toMatchObject({
      details: { field: 'witnesses' },
    })
    const read = readConsentReceipt(consent)
    expect(read.ok && read.value.records[0]?.process.purpose).toBe('marketing')
    expect(JSON.stringify(consent)).not.toContain(subscriber.email)
    // The same by a library that nobody here wrote.
    const { payload: signed, protected: head, signature } = receipt
    const known = createLocalJWKSet({ keys: [...keys] })
    const { payload } = await flattenedVerify({ payload: signed, protected: head, signature }, known)
    expect(JSON.parse(new TextDecoder().decode(payload))).toEqual(consent)
    for (const forged of [
      { ...receipt, payload: `${receipt.payload.slice(0, -4)}AAAA` },
      { ...receipt, signature: `${receipt.signature.slice(0, -4)}AAAA` },
      { ...receipt, header: { ...receipt.header, proof: null } },
      {
        ...receipt,
        header: { ...receipt.header, proof: await person.client.proof((await person.client.history())[0]?.place ?? 0) },
      },
    ]) {
      await expect(verifyConsentReceipt(forged, keys, trust)).rejects.toThrow()
    }
    await subscriber.client.withdraw('marketing', { entity: 'start' })
    await expect(subscriber.client.consentReceipt('marketing', 'start')).rejects.toThrow(DoverieProblem)
  })
})

describe('an auditor', () => {
  it('is given every entry of a period, which is an entry itself; nobody else is', async () => {
    const auditor = await asStaff(server, officer, 'auditor')
    const query = { from: '0', to: String(Date.now() + 60_000) }
    const { entries, next } = await auditor.call(contract.auditLedger, { query })
    expect(next).toBeNull()
    expect(entries.map(({ place }) => place)).toEqual(entries.map((_, i) => i))
    const checkpoint = await (await fetch(`${server.url}/log/checkpoint`)).text()
    const size = Number(checkpoint.split('\n')[1])
    expect(await auditEntries(entries, read, { size, tolerance: 600_000 })).toEqual([])
    expect(entries.some(({ body }) => body.includes(person.email) || body.includes(person.subject))).toBe(false)
    // Also who begins behind the first place, as if a page had gone before, is entered.
    await until(async () =>
      (await auditor.call(contract.auditLedger, { query: { ...query, after: '0' } })).entries.some(
        ({ body }) => body.includes('"act":"audit"') && body.includes('"after":0'),
      ),
    )
    for (const client of [officer, person.client]) {
      await expect(client.call(contract.auditLedger, { query })).rejects.toThrow(DoverieProblem)
    }
  })
})

describe('a destruction', () => {
  it('gives receipts that prove its begin and its end by the public ledger, when nobody can sign in any more', async () => {
    const leaver = await register(server)
    const {
      id,
      receipts,
      person: gone,
    } = await officer.call(contract.destroyData, {
      params: { subject: leaver.subject },
      body: { entity: 'start', ticket: 'T-1', compartments: null },
    })
    expect([gone, receipts.length]).toEqual([true, 2])
    await expect(leaver.client.history()).rejects.toThrow(DoverieProblem)
    const files: string[] = []
    for (const receipt of receipts) {
      await until(async () => (await proveReceipt(receipt, read, trust)) !== null)
      files.push((await proveReceipt(receipt, read, trust)) ?? '')
    }
    const [begun, ended] = await Promise.all(files.map((file) => verifyReceipt(file, trust)))
    expect(begun?.body).toMatchObject({ id, act: 'destroy-person', effect: 'permit' })
    expect(ended?.body).toMatchObject({ act: 'destroyed' })
    expect(ended?.place).toBeGreaterThan(begun?.place ?? Infinity)
  })
})

describe.skipIf(CHROMIUM === null)('the page of the history, in a real browser', () => {
  it('signs a person in, tells every entry and verifies it there; afterwards it sees a ledger that was changed', async () => {
    const browser = await startBrowser(CHROMIUM ?? '')
    try {
      const { email } = person
      await browser.open(`${server.url}/my/history`)
      const type = (text: string): Promise<null> =>
        browser.evaluate(
          `document.querySelector('#sign-in input').value = ${JSON.stringify(text)}, document.querySelector('#sign-in form').requestSubmit(), null`,
        )
      await browser.until(`!document.getElementById('sign-in').hidden`)
      await type(email)
      await browser.until(`document.querySelector('#sign-in output').dataset.state === 'waits'`)
      await type(await latestCode(server.url, email))
      await browser.until(`document.getElementById('count')?.dataset.state !== undefined`)
      const states = await browser.evaluate<readonly string[]>(
        `[...document.querySelectorAll('#ledger, #count, #entries .state')].map((one) => one.dataset.state)`,
      )
      const told = await browser.evaluate<number>(`document.querySelectorAll('#entries article').length`)
      expect(told).toBeGreaterThan(3)
      expect(states.length).toBe(told + 2)
      expect(new Set(states)).toEqual(new Set(['ok']))
      const shot = process.env['DOVERIE_SCREENSHOTS']
      if (shot !== undefined)
        await (await import('node:fs/promises')).writeFile(shot, await browser.screenshot(), 'base64')

      // Other keys or witnesses than those it kept: to the browser a ledger that is not the one it saw.
      await browser.evaluate(`localStorage.setItem('doverie/ledger-policy', ${JSON.stringify(unseen().policy)})`)
      await browser.open(`${server.url}/my/history`)
      await browser.until(`document.getElementById('ledger')?.dataset.state === 'wrong'`)
      // What no witness saw, whom the kept policy asks for, is not said to be verified.
      await browser.until(`document.getElementById('count')?.dataset.state === 'waits'`)
    } finally {
      await browser.close()
    }
  })
})
