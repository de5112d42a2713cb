import { writeFile } from 'node:fs/promises'
import { contract } from '@doverie/sdk'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Browser, CHROMIUM, startBrowser } from './testing/browser.ts'
import { register } from './testing/people.ts'
import { queryOnce } from './testing/query.ts'
import { latestCode, latestLetter, startTestServer, type TestServer } from './testing/test-server.ts'

let server: TestServer
/** The same server under a name: browsers take no passkey for an address of numbers. */
let site: string

beforeAll(async () => {
  server = await startTestServer(inject('adminUrl'))
  site = server.url.replace('127.0.0.1', 'localhost')
})
afterAll(() => server.stop())

const say = (selector: string, value: string): string =>
  `document.querySelector('${selector}').value = ${JSON.stringify(value)}`
const press = (selector: string): string => `document.querySelector('${selector}').click()`
const shown = (selector: string): string => `document.querySelector('${selector}').textContent`

async function enterByCode(browser: Browser, email: string): Promise<void> {
  await browser.until(`!document.querySelector('#sign-in').hidden`)
  await browser.evaluate(`${say('#by-code input', email)}; ${press('#by-code button')}`)
  await browser.until(`${shown('#said')}.includes('Код отправлен')`)
  await browser.evaluate(`${say('#by-code input', await latestCode(server.url, email))}; ${press('#by-code button')}`)
  await browser.until(`!document.querySelector('#mine').hidden`)
}

describe.runIf(CHROMIUM !== null)('a person in a real browser with a real passkey', () => {
  it('adds it, waits until it counts, proves by it, signs in by it, and removes it', async () => {
    const { email, client } = await register(server)
    const browser = await startBrowser(CHROMIUM ?? '')
    try {
      await browser.command('WebAuthn.enable')
      await browser.command('WebAuthn.addVirtualAuthenticator', {
        options: {
          protocol: 'ctap2',
          transport: 'internal',
          hasResidentKey: true,
          hasUserVerification: true,
          isUserVerified: true,
          automaticPresenceSimulation: true,
        },
      })
      await browser.open(`${site}/my/security`)
      await enterByCode(browser, email)
      await browser.evaluate(`${say('#add input', 'Рабочий ноутбук')}; ${press('#add button')}`)
      await browser.until(`${shown('#keys')}.includes('Рабочий ноутбук')`)
      expect((await latestLetter(server.url, email)).subject).toContain('Ключ входа добавлен')
      await browser.evaluate(press('#step'))
      await browser.until(`${shown('#said')}.includes('пока не считается')`)
      // Three days later.
      await queryOnce(server.dataUrl, `UPDATE passkey SET counts_from = counts_from - interval '4 days'`)
      await browser.evaluate(press('#step'))
      await browser.until(`${shown('#proofs')}.includes('ключ входа')`)
      const picture = process.env['DOVERIE_SCREENSHOTS']
      if (picture !== undefined) await writeFile(`${picture}/my-security.png`, await browser.screenshot(), 'base64')
      await browser.evaluate(press('#leave'))
      await browser.until(`!document.querySelector('#sign-in').hidden`)
      await browser.evaluate(press('#by-passkey'))
      await browser.until(`!document.querySelector('#mine').hidden && ${shown('#keys')}.includes('использован')`)
      const { passkeys } = await client.call(contract.showSecurity, {})
      expect(passkeys).toMatchObject([{ name: 'Рабочий ноутбук' }])
      await browser.evaluate(`document.querySelectorAll('#keys button')[1].click()`)
      await browser.until(`${shown('#keys')} === ''`)
      expect((await latestLetter(server.url, email)).subject).toContain('Ключ входа удалён')
      expect(server.logged()).not.toContain('Рабочий ноутбук')
    } finally {
      await browser.close()
    }
  })
})

it('says plainly that passkeys need a name', async () => {
  const { client } = await register(server)
  await expect(client.call(contract.beginPasskey, { body: { act: 'add' } })).rejects.toMatchObject({
    code: 'channel-absent',
  })
  await expect(client.call(contract.beginPasskeySignIn, {})).rejects.toMatchObject({ code: 'channel-absent' })
})
