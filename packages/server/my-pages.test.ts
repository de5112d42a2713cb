import { writeFile } from 'node:fs/promises'
import { type Client, contract } from '@doverie/sdk'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Browser, CHROMIUM, startBrowser } from './testing/browser.ts'
import { proveByPhone, register, type TestPerson } from './testing/people.ts'
import { asOfficer, latestCode, latestLetter, startTestServer, type TestServer } from './testing/test-server.ts'

let server: TestServer
let officer: Client

beforeAll(async () => {
  server = await startTestServer(inject('adminUrl'))
  officer = await asOfficer(server)
})
afterAll(() => server.stop())

const press = (selector: string): string => `document.querySelector('${selector}').click()`
const shown = (selector: string): string => `(document.querySelector('${selector}')?.textContent ?? '')`
const pressSaying = (words: string): string =>
  `[...document.querySelectorAll('button')].find((one) => one.textContent.includes('${words}')).click()`
const type = (selector: string, value: string): string =>
  `{ const one = document.querySelector('${selector}'); one.value = ${JSON.stringify(value)}; one.dispatchEvent(new Event('change')) }`

async function picture(browser: Browser, name: string): Promise<void> {
  const folder = process.env['DOVERIE_SCREENSHOTS']
  if (folder !== undefined) await writeFile(`${folder}/${name}.png`, Buffer.from(await browser.screenshot(), 'base64'))
}

async function signedIn(browser: Browser, person: TestPerson, path: string): Promise<void> {
  await browser.open(`${server.url}/policy`)
  await browser.until(`location.pathname === '/policy'`)
  await browser.evaluate(`fetch('/v1/session', { method: 'DELETE' }).then(() => true)`)
  await browser.open(server.url + path)
  await browser.until(`document.querySelector('#sign-in')?.hidden === false`)
  await browser.evaluate(`${type('[name=typed]', person.email)}; ${press('#by-code button')}`)
  await browser.until(`${shown('#said')}.includes('Код отправлен')`)
  await browser.evaluate(
    `${type('[name=typed]', await latestCode(server.url, person.email))}; ${press('#by-code button')}`,
  )
  await browser.until(`document.querySelector('#mine')?.hidden === false`)
}

describe('letters to people', () => {
  it('name the page of this server that they speak of, and it is there', async () => {
    const { client, email, values } = await register(server)
    await proveByPhone(server, client, values['phone'] ?? '')
    await client.call(contract.destroyMine, { body: { entity: 'start', compartments: null } })
    const { text } = await latestLetter(server.url, email)
    const page = /http\S+/.exec(text)?.[0] ?? ''
    expect(page).toBe(`${server.url}/my/data`)
    expect((await latestLetter(server.url, values['phone'] ?? '')).text).toContain(page)
    expect(await (await fetch(page)).text()).toContain('Мои данные')
  })
})

describe.runIf(CHROMIUM !== null)('a person in a real browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser(CHROMIUM ?? '')
  })
  afterAll(() => browser.close())

  it('asks for information, sees by when, and takes the answer as document and for machines', async () => {
    const person = await register(server)
    await signedIn(browser, person, '/my/requests')
    await browser.evaluate(type('[name=kind]', 'feedback'))
    expect(await browser.evaluate(`document.querySelector('[name=text]').required`)).toBe(true)
    await browser.evaluate(`${type('[name=kind]', 'information')}; ${press('#ask button')}`)
    await browser.until(`${shown('#said')}.includes('Зарегистрировано: №')`)
    await browser.until(`${shown('#requests')}.includes('Ход за оператором')`)
    expect(await browser.evaluate<string>(shown('#requests'))).toMatch(/осталось дней: \d+/)
    const { requests } = await person.client.call(contract.listMine, {})
    const params = { request: requests[0]?.id ?? '' }
    const { reply } = await officer.call(contract.sendReply, { params, body: { kind: 'answer' } })
    expect((await latestLetter(server.url, person.email)).text).toContain(`${server.url}/my/requests`)
    await browser.open(`${server.url}/my/requests`)
    await browser.until(`${shown('.replies')}.includes('CSV')`)
    const taken = `Promise.all([...document.querySelectorAll('.replies a')].map(async ({ href, download }) =>
      [download, (await fetch(href)).headers.get('content-type')]))`
    expect(await browser.evaluate(taken)).toEqual([
      [`${reply.number}.pdf`, 'application/pdf'],
      [`${reply.number}.json`, 'application/json; charset=utf-8'],
      [`${reply.number}.csv`, 'text/csv; charset=utf-8'],
    ])
    await picture(browser, 'my-requests')
  })

  it('asks to be destroyed, proves more by the code to the phone, and cancels it before its day', async () => {
    const person = await register(server)
    await signedIn(browser, person, '/my/requests')
    await browser.evaluate(`${type('[name=kind]', 'erasure')}; ${press('#ask button')}`)
    await browser.until(`document.querySelector('.proof') !== null`)
    await picture(browser, 'my-erasure')
    await browser.evaluate(pressSaying('Прислать код'))
    await browser.until(`document.querySelector('.proof form')?.hidden === false`)
    const { text } = await latestLetter(server.url, person.values['phone'] ?? '')
    const code = /Code: (\d{6})/.exec(text)?.[1] ?? ''
    await browser.evaluate(`${type('[name=code]', code)}; ${press('.proof form button')}`)
    await browser.until(`${shown('#said')}.includes('идёт дальше')`)
    await browser.until(`document.querySelector('.proof') === null`)
    await browser.open(`${server.url}/my/data`)
    await browser.until(`${shown('#waiting')}.includes('просят уничтожить')`)
    await browser.evaluate(pressSaying('Отменить уничтожение'))
    await browser.until(`${shown('#waiting')} === ''`)
    expect((await person.client.me('start')).facts.blocked).toBeNull()
  })

  it('sees what is held, corrects it, withdraws one consent, and reads in Russian which field is wrong', async () => {
    const person = await register(server, ['marketing'])
    await signedIn(browser, person, '/my/data')
    expect(await browser.evaluate<string>(shown('#shown'))).toBe('')
    await browser.evaluate(press('#look'))
    await browser.until(`${shown('#shown')}.includes('Аграфена')`)
    await picture(browser, 'my-data')
    const save = (label: string, value: string): string =>
      `{ const one = document.querySelector('[aria-label="${label}"]'); one.value = '${value}'; one.nextElementSibling.click() }`
    await browser.evaluate(save('Телефон', '12'))
    await browser.until(`${shown('#said')}.startsWith('Значение не подходит по виду: «Телефон»')`)
    await browser.evaluate(save('Имя', 'Глафира'))
    await browser.until(`${shown('#shown')}.includes('Имя: Глафира')`)
    await browser.evaluate(pressSaying('Отозвать'))
    await browser.until(`${shown('#said')}.includes('отозвано')`)
    expect((await person.client.me('start')).facts.consents).toEqual([])
  })
})
