import { writeFile } from 'node:fs/promises'
import { type Client, contract } from '@doverie/sdk'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Browser, CHROMIUM, startBrowser } from './testing/browser.ts'
import { register } from './testing/people.ts'
import { asOfficer, startTestServer, type TestServer } from './testing/test-server.ts'

let server: TestServer
let officer: Client

beforeAll(async () => {
  server = await startTestServer(inject('adminUrl'))
  officer = await asOfficer(server)
})
afterAll(() => server.stop())

const paper = (letter: Partial<contract.NewLetter>): Promise<contract.LetterRegistered> =>
  officer.call(contract.registerLetter, { body: { channel: 'paper', text: 'Прошу', ...letter } })
const describeOf = (request: string): Promise<contract.DescribedRequest> =>
  officer.call(contract.describeRequest, { params: { request } })

const say = (selector: string, value: string): string =>
  `document.querySelector('${selector}').value = ${JSON.stringify(value)}`
const press = (selector: string): string => `document.querySelector('${selector}').click()`
/** True once an element is there, and the page's script with it. */
const there = (selector: string): string =>
  `document.readyState === 'complete' && document.querySelector('${selector}') !== null`
const gone = (selector: string): string =>
  `document.readyState === 'complete' && document.querySelector('${selector}') === null`
const shown = (selector: string): string => `document.querySelector('${selector}').textContent`

async function picture(browser: Browser, name: string): Promise<void> {
  const folder = process.env['DOVERIE_SCREENSHOTS']
  if (folder !== undefined) await writeFile(`${folder}/${name}.png`, Buffer.from(await browser.screenshot(), 'base64'))
}

describe.runIf(CHROMIUM !== null)('the console in a real browser', () => {
  let browser: Browser

  beforeAll(async () => {
    const { path } = await officer.call(contract.addStaff, { body: { pseudonym: 'clerk', role: 'support' } })
    browser = await startBrowser(CHROMIUM ?? '')
    await browser.open(`${server.url}${path}`)
    await browser.until(`document.querySelector('button')?.disabled === false`)
    await browser.evaluate(press('button'))
    await browser.until(`${shown('output')}.includes('Вы вошли')`)
  })
  afterAll(() => browser.close())

  it('asks on for who wrote until the level that the request needs is reached, and shows every check with who made it', async () => {
    const { subject } = await register(server)
    const { letter, requests } = await paper({ kinds: ['erasure'], subject })
    const request = requests[0]?.id ?? ''
    await browser.open(`${server.url}/console/requests/${request}`)
    await browser.until(there('#check'))
    await browser.evaluate(
      `document.querySelector('#check').closest('details').open = true; ${say('#check [name=method]', 'contract-words')}; ${press('#check [value=true]')}`,
    )
    await browser.until(there('#checks[data-reached="1"]'))
    expect(await browser.evaluate<string>(shown('#checks'))).toMatch(/номер договора и кодовое слово.*clerk/)
    expect(await browser.evaluate<string>(shown('#checks .state[data-state=waits]'))).toContain('предъявленный лично')
    await picture(browser, 'checks')
    expect(await describeOf(request)).toMatchObject({
      request: { state: 'registered', levelNeeded: 2 },
      letter: { id: letter.id, levelReached: 1, proof: [{ method: 'contract-words', by: 'clerk', passed: true }] },
    })
    await browser.evaluate(`${say('#check [name=method]', 'document-in-person')}; ${press('#check [value=true]')}`)
    await browser.until(there('#checks[data-reached="3"]'))
    expect(await browser.evaluate<boolean>(`document.querySelector('#check') === null`)).toBe(true)
    expect((await describeOf(request)).request.state).toBe('deciding')
  })
  it('asks for a proof of identity by a document, which counts once it was posted', async () => {
    const { requests } = await paper({ kinds: ['copy'], sender: { name: 'Пётр', address: 'Тверь, ул. Новая, 1' } })
    const request = requests[0]?.id ?? ''
    await browser.open(`${server.url}/console/requests/${request}`)
    await browser.until(there('[data-reply=identity]'))
    await browser.evaluate(press('[data-reply=identity]'))
    await browser.until(there('[data-posted]'))
    await browser.evaluate(press('[data-posted]'))
    await browser.until(gone('[data-reply=identity]'))
    expect((await describeOf(request)).request.state).toBe('identifying')
  })

  it('takes values that are right and settings of confidentiality for a request that was accepted', async () => {
    const { client } = await register(server)
    const { requests } = await client.call(contract.askMine, {
      body: { kinds: ['correction', 'confidentiality'], text: 'Я Иванова; телефон никому' },
    })
    const idOf = (kind: string): string => requests.find((one) => one.kind === kind)?.id ?? ''
    await browser.open(`${server.url}/console/requests/${idOf('correction')}`)
    await browser.until(there('[data-step=accepted]'))
    await browser.evaluate(press('[data-step=accepted]'))
    await browser.until(there('#correct'))
    await browser.evaluate(say('[data-field=surname]', 'Иванова'))
    await picture(browser, 'correct')
    await browser.evaluate(press('#correct button'))
    await browser.until(there('[data-step=told]'))
    await browser.open(`${server.url}/console/requests/${idOf('confidentiality')}`)
    await browser.until(there('[data-step=accepted]'))
    await browser.evaluate(press('[data-step=accepted]'))
    await browser.until(there('#settle'))
    await browser.evaluate(
      `${press('#more-settings')}; const [one, two] = document.querySelectorAll('.setting'); one.querySelector('select').value = 'phone'; one.querySelector('input').checked = true; two.querySelector('select').value = 'surname'; two.querySelector('[value=marketing]').checked = true`,
    )
    await picture(browser, 'settle')
    await browser.evaluate(press('#settle button:last-of-type'))
    await browser.until(there('[data-reply=answer]'))
    const me = await client.me('start')
    expect(me.values['surname']).toBe('Иванова')
    expect(me.facts.closed).toMatchObject({ phone: ['*'], surname: ['marketing'] })
  })

  it('tells that a request repeats one that was answered, and refuses it with the law’s ground for that', async () => {
    const { client } = await register(server)
    const ask = async (): Promise<contract.RegisteredRequest> => {
      const body = { kinds: ['information'], text: 'Что у вас есть?' } as const
      const [request] = (await client.call(contract.askMine, { body })).requests
      return request ?? expect.fail('nothing was asked')
    }
    const first = await ask()
    expect((await describeOf(first.id)).repeats).toBeNull()
    await officer.call(contract.sendReply, { params: { request: first.id }, body: { kind: 'answer' } })
    const second = await ask()
    expect(await describeOf(second.id)).toMatchObject({
      request: { state: 'answering' },
      repeats: { number: first.number, receivedAt: first.receivedAt },
    })
    await browser.open(`${server.url}/console/requests/${second.id}`)
    await browser.until(there('#repeats'))
    expect(await browser.evaluate<string>(shown('#repeats'))).toContain(first.number)
    await picture(browser, 'repeats')
    await browser.evaluate(press('#refuse button'))
    await browser.until(there('[data-reply=refusal]'))
    await browser.evaluate(press('[data-reply=refusal]'))
    await browser.until(gone('[data-reply]'))
    expect((await describeOf(second.id)).request).toMatchObject({ state: 'refused', refusal: 'repeated', late: false })
  })
})
