import { DoverieError } from '@doverie/core/base'
import { expect, it } from 'vitest'
import { faultLine } from './fault-line.ts'

it('tells a known fault in one line with its code', () => {
  const fault = new DoverieError('storage-unavailable', 'PostgreSQL did not start:\n  FATAL')
  expect(faultLine(fault)).toBe('doverie: PostgreSQL did not start: FATAL [storage-unavailable]')
})

it.each([
  ['an error', new TypeError('Иванов cannot be read\n    at Ivanov (x/y.ts:1:1)')],
  ['an error of the system', Object.assign(new Error('Ivanov'), { code: 'EIO' })],
  ['no error at all', 'Ivanov'],
])('never repeats what %s says, which may quote its input', (_, error) => {
  const line = faultLine(error)
  expect(line).toMatch(/^doverie: a fault of the program.*\[internal\]$/)
  expect(line).not.toMatch(/Ivanov|Иванов/)
})
