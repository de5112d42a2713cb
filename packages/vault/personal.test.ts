import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { format, inspect } from 'node:util'
import { serialize } from 'node:v8'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { takePermitIssuer } from './permit.ts'
import { Personal } from './personal.ts'

const issue = takePermitIssuer()
const SECRET = 'anna.petrova@example.org'
const scope = {
  subject: '11111111-1111-4111-8111-111111111111',
  fields: ['email'],
  compartments: ['contact'],
  decision: '22222222-2222-4222-8222-222222222222',
}
const permit = issue(scope)
const one = new Personal(SECRET, 'email', permit)
const list = new Personal([SECRET, SECRET], 'email', permit)

function sink(): { readonly stream: Writable; readonly text: () => string } {
  let text = ''
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString()
      done()
    },
  })
  return { stream, text: () => text }
}

function throughConsole(value: Personal): string {
  const { stream, text } = sink()
  const console = new Console(stream, stream)
  console.log(value, { value }, [value])
  console.log('%s %o %O %j', value, value, value, value)
  console.dir(value, { showHidden: true, depth: 10 })
  console.table([{ value }])
  console.error(new Error(String(value), { cause: value }))
  return text()
}

function throughPino(value: Personal): string {
  const { stream, text } = sink()
  const log = pino({}, stream)
  log.info({ value, nested: { value } }, 'with %s and %o and %j', value, value, value)
  log.error({ err: new Error(String(value), { cause: value }) })
  log.child({ value }).warn(value)
  return text()
}

const ways: readonly (readonly [string, (value: Personal) => string])[] = [
  ['String', (value) => String(value)],
  // eslint-disable-next-line @typescript-eslint/restrict-template-expressions -- the rule forbids what is tried here
  ['a template', (value) => `${value}`],
  ['concatenation', (value) => ['', value].join('')],
  ['toLocaleString', (value) => value.toLocaleString()],
  ['JSON', (value) => JSON.stringify({ value, list: [value] }, null, 2)],
  ['util.inspect', (value) => inspect(value) + inspect({ value })],
  [
    'util.inspect that shows everything',
    (value) => inspect(value, { showHidden: true, customInspect: false, depth: 10, getters: true, showProxy: true }),
  ],
  ['util.format', (value) => format('%s %d %i %f %j %o %O', value, value, value, value, value, value, value)],
  ['console', throughConsole],
  ['pino', throughPino],
  ['an Error', (value) => inspect(new Error(String(value), { cause: value }), { depth: 10, showHidden: true })],
  ['Object.entries', (value) => inspect([Object.entries(value), Object.getOwnPropertyDescriptors(value)])],
  ['a structured clone', (value) => inspect(structuredClone(value))],
  ['v8 serialisation', (value) => serialize(value).toString('latin1')],
  ['a query string', (value) => new URLSearchParams({ value: String(value) }).toString()],
]

describe('a personal value', () => {
  it.each(ways)('does not show through %s', (_, shown) => {
    for (const value of [one, list]) {
      const text = shown(value)
      for (const form of [
        SECRET,
        'petrova',
        Buffer.from(SECRET).toString('base64'),
        Buffer.from(SECRET).toString('hex'),
      ])
        expect(text).not.toContain(form)
    }
  })

  it('says that something personal stands there', () => {
    expect([String(one), JSON.stringify(one), inspect(one)]).toEqual(['[personal]', '"[personal]"', '[personal]'])
  })

  it('opens to the very permit it was unsealed under, and to no other', () => {
    expect(one.reveal(permit)).toBe(SECRET)
    const invalid = expect.objectContaining({ code: 'permit-invalid' }) as Error
    expect(() => one.reveal(issue(scope))).toThrow(invalid)
    expect(() => new Personal(SECRET, 'phone', permit).reveal(permit)).toThrow(invalid)
  })
})
