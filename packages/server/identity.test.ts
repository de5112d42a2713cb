import { writeFile } from 'node:fs/promises'
import { contract } from '@doverie/sdk'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Browser, CHROMIUM, startBrowser } from './testing/browser.ts'
import { register } from './testing/people.ts'
import { asOfficer, startTestServer, type TestServer } from './testing/test-server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer(inject('adminUrl'))
})
afterAll(() => server.stop())

const say = (selector: string, value: string): string =>
  `document.querySelector('${selector}').value = ${JSON.stringify(value)}`
const press = (selector: string): string => `document.querySelector('${selector}').click()`
const shown = (selector: string): string => `document.querySelector('${selector}').textContent`

async function picture(browser: Browser, name: string): Promise<void> {
  const folder = process.env['DOVERIE_SCREENSHOTS']
  if (folder !== undefined) await writeFile(`${folder}/${name}.png`, Buffer.from(await browser.screenshot(), 'base64'))
}

describe.runIf(CHROMIUM !== null)('staff in a real browser', () => {
  it('find by surname and the end of a phone, see name and contacts masked, and are told to say more than a surname', async () => {
    const { subject, values } = await register(server)
    const tail = (values['phone'] ?? '').slice(-4)
    const officer = await asOfficer(server)
    const { path } = await officer.call(contract.addStaff, { body: { pseudonym: 'finder', role: 'support' } })
    const browser = await startBrowser(CHROMIUM ?? '')
    try {
      await browser.open(`${server.url}${path}`)
      await browser.until(`document.querySelector('button')?.disabled === false`)
      await browser.evaluate(press('button'))
      await browser.until(`${shown('output')}.includes('Вы вошли')`)
      await browser.open(`${server.url}/console/people`)
      await browser.until(`document.querySelector('#people button')?.disabled === false`)
      await browser.evaluate(
        `${say('[name=surname]', values['surname'] ?? '')}; ${say('[name=ticket]', 'T-77')}; ${press('#people button')}`,
      )
      await browser.until(`${shown('#said')}.includes('кроме фамилии')`)
      await browser.evaluate(`${say('[data-beside=phone]', tail)}; ${press('#people button')}`)
      await browser.until(`${shown('#said')}.includes('Найдено: 1')`)
      const found = await browser.evaluate<string>(shown('#candidates'))
      expect(found).toContain(subject)
      expect(found).toContain('З***а')
      expect(found).not.toContain(tail)
      expect(found).not.toMatch(/Заболоцкая|Аграфена/)
      expect(await browser.evaluate<string>('location.href')).not.toContain(tail)
      await picture(browser, 'people')
      // A letter that is registered shows what to stamp on it, and is found by that.
      await browser.open(`${server.url}/console/letters/new`)
      await browser.until(`document.querySelector('#letter-form button')?.disabled === false`)
      await browser.evaluate(`${say('#letter-form [name=text]', 'Прошу исправить')}; ${press('#letter-form button')}`)
      await browser.until(`document.querySelector('#stamp')?.hidden === false`)
      const stamp = await browser.evaluate<string>(shown('.stamp'))
      expect(stamp).toMatch(/^Вх\. № \S+ от \d\d\.\d\d\.\d{4}$/)
      await picture(browser, 'stamp')
      await browser.open(`${server.url}/console/requests`)
      await browser.until(`document.querySelector('#register button') !== null`)
      await browser.evaluate(
        `${say('#register [name=number]', /№ (\S+)/.exec(stamp)?.[1] ?? '')}; ${press('#register button')}`,
      )
      await browser.until(`location.search.includes('number=')`)
      await browser.until(`document.querySelector('.queue li') !== null`)
      await picture(browser, 'register')
      await browser.evaluate(press('.queue a'))
      await browser.until(`(document.body.textContent ?? '').includes('Что было')`)
      expect(await browser.evaluate<string>('document.body.textContent')).toMatch(
        /\d\d\.\d\d\.\d{4}, \d\d:\d\d: получено/,
      )
    } finally {
      await browser.close()
    }
  })
})
