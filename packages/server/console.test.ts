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
    await browser.until(`document.querySelector('#check') !== null`)
    await browser.evaluate(
      `document.querySelector('#check').closest('details').open = true; ${say('#check [name=method]', 'contract-words')}; ${press('#check [value=true]')}`,
    )
    await browser.until(`document.querySelector('#checks')?.dataset.reached === '1'`)
    expect(await browser.evaluate<string>(shown('#checks'))).toMatch(/номер договора и кодовое слово.*clerk/)
    expect(await browser.evaluate<string>(shown('#checks .state[data-state=waits]'))).toContain('предъявленный лично')
    await picture(browser, 'checks')
    expect(await describeOf(request)).toMatchObject({
      request: { state: 'registered', levelNeeded: 2 },
      letter: { id: letter.id, levelReached: 1, proof: [{ method: 'contract-words', by: 'clerk', passed: true }] },
    })
    await browser.evaluate(`${say('#check [name=method]', 'document-in-person')}; ${press('#check [value=true]')}`)
    await browser.until(`document.querySelector('#checks')?.dataset.reached === '3'`)
    expect(await browser.evaluate<boolean>(`document.querySelector('#check') === null`)).toBe(true)
    expect((await describeOf(request)).request.state).toBe('deciding')
  })
})
