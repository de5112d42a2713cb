import { inspect } from 'node:util'
import { DoverieError, type ErrorCode } from '@doverie/core/base'
import { expect } from 'vitest'

/** Personal values that a test has put in, to be found nowhere they do not belong. */
const canaries = new Set<string>()

/** Marks values as personal: from now on no fault may show them. Gives them back. */
export function canary<T extends string>(value: T): T {
  canaries.add(value)
  return value
}

/** Fails where anything of a thrown fault (message, details, stack, cause) shows a canary, raw or in a usual coding. */
export function expectSilent(fault: unknown): void {
  const { message, stack, cause } = fault instanceof Error ? fault : new Error(String(fault))
  const own = [Object.entries(fault as object), message, stack, cause]
  const shown = `${JSON.stringify(own)}\n${inspect(fault, { depth: 10, showHidden: true })}`
  for (const value of canaries) {
    for (const form of formsOf(value)) {
      if (shown.includes(form)) expect.fail('a fault shows a personal value')
    }
  }
}

/** The fault that a call must throw, of this code, and silent about every canary. */
export async function faultOf(call: Promise<unknown> | (() => unknown), code: ErrorCode): Promise<DoverieError> {
  const fault = await outcomeOf(call)
  expectSilent(fault)
  expect(fault).toBeInstanceOf(DoverieError)
  expect((fault as DoverieError).code).toBe(code)
  return fault as DoverieError
}

async function outcomeOf(call: Promise<unknown> | (() => unknown)): Promise<unknown> {
  try {
    await (typeof call === 'function' ? call() : call)
  } catch (error) {
    return error
  }
  return expect.fail('nothing was thrown')
}

function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value)
  return [
    value,
    bytes.toString('hex'),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    encodeURIComponent(value),
  ]
}
