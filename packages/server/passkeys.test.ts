import { writeFile } from 'node:fs/promises'
import { contract } from '@doverie/sdk'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Browser, CHROMIUM, startBrowser } from './testing/browser.ts'
import { register } from './testing/people.ts'
import { queryOnce } from './testing/query.ts'
import { asOfficer, latestCode, latestLetter, startTestServer, type TestServer } from './testing/test-server.ts'

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

/** Under the address of numbers, where the officer's session is a cookie of its own. */
async function officerEnters(
  browser: Browser,
  { url, path }: { readonly url: string; readonly path: string },
): Promise<void> {
  await browser.open(`${url}${path}`)
  await browser.until(`document.querySelector('button')?.disabled === false`)
  await browser.evaluate(press('button'))
  await browser.until(`document.querySelector('output').textContent.includes('Вы вошли')`)
}

describe.runIf(CHROMIUM !== null)('a person in a real browser with a real passkey', () => {
  it('adds it, waits until it counts, proves by it, cancels the change of a mailbox that is not lost, signs in by it, and removes it', async () => {
    const { email, client, subject } = await register(server)
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
      // Staff write down that this mailbox is lost: its owner sees it, and cancels it.
      const officer = await asOfficer(server)
      const { path } = await officer.call(contract.addStaff, { body: { pseudonym: 'dpo-2', role: 'dpo' } })
      await officerEnters(browser, { url: server.url, path })
      await browser.open(`${server.url}/console/mailboxes`)
      await browser.until(`document.querySelector('#mailbox') !== null`)
      const next = 'new.mailbox@canary.example'
      const fill = { subject, email: next, ticket: 'LOST-1' }
      for (const [name, value] of Object.entries(fill)) await browser.evaluate(say(`#mailbox [name=${name}]`, value))
      await browser.evaluate(press('#mailbox button'))
      await browser.until(`!document.querySelector('#mailbox-code').hidden`)
      const told = /Your code: (\d{6})/.exec((await latestLetter(server.url, next)).text)?.[1] ?? ''
      await browser.evaluate(`${say('#mailbox-code input', told)}; ${press('#mailbox-code button')}`)
      await browser.until(`document.body.textContent.includes('Новый адрес подтверждён кодом')`)
      expect(await browser.evaluate<string>('document.body.innerHTML')).not.toContain(next)
      if (picture !== undefined) await writeFile(`${picture}/mailboxes.png`, await browser.screenshot(), 'base64')
      expect((await officer.call(contract.listMailboxes, {})).waiting).toMatchObject([{ subject, dueAt: null }])
      // The second types what the owner told: who proposed it is refused, whatever they type.
      const confirming = `${say('[data-mailbox] [name=ticket]', 'LOST-1')}; ${say('[data-mailbox] [name=email]', next)}`
      await browser.evaluate(`${confirming}; ${press('[data-mailbox-act=confirmation]')}`)
      await browser.until(`document.querySelector('#said').dataset.state === 'wrong'`)
      await browser.open(`${site}/my/security`)
      await browser.until(`!document.querySelector('#mailbox').hidden`)
      await browser.evaluate(press('#mailbox-cancel'))
      await browser.until(`document.querySelector('#mailbox').hidden`)
      expect((await officer.call(contract.listMailboxes, {})).waiting).toEqual([])
      await browser.evaluate(press('#leave'))
      await browser.until(`!document.querySelector('#sign-in').hidden`)
      await browser.evaluate(press('#by-passkey'))
      await browser.until(`!document.querySelector('#mine').hidden && ${shown('#keys')}.includes('использован')`)
      const { passkeys } = await client.call(contract.showSecurity, {})
      expect(passkeys).toMatchObject([{ name: 'Рабочий ноутбук' }])
      await browser.evaluate(press('#end-others'))
      await browser.until(`${shown('#said')}.includes('Завершено')`)
      await expect(client.call(contract.showSecurity, {})).rejects.toMatchObject({ code: 'unauthenticated' })
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
