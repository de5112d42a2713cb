import { describe, expect, it } from 'vitest'
import { parseBundle } from './bundle.ts'
import { decide } from './decide.ts'
import { formContract } from './form-contract.ts'
import type { Policy } from './policy.ts'
import { act, customer, DAY, netrack, netrackFiles, NOW } from './testing/netrack.ts'

const SERVER = 'services/dedicated-server.yaml'

/** The shipped policy whose dedicated server comes into force on a day. */
function comingInto(day: string): ReturnType<typeof parseBundle> {
  const source = (netrackFiles().get(SERVER) ?? '').replace(
    '  numbered: true\n',
    `  numbered: true\n  effective: ${day}\n`,
  )
  return parseBundle(new Map([...netrackFiles(), [SERVER, source]]))
}

function from(day: string): Policy {
  const parsed = comingInto(day)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
  return parsed.value
}

describe('a supplement that comes into force later than its bundle', () => {
  const policy = from('2026-12-01')
  const first = Date.parse('2026-12-01T00:00:00+03:00')
  const ask = act('provisioning extract performance', ['access-addresses'])

  it('permits nothing before its first day on the operator’s wall, and says from when on', () => {
    for (const facts of [customer(), null]) {
      const before = decide(policy, { ...ask, now: first - 1 }, facts)
      expect(before).toMatchObject({ effect: 'refuse', until: first, causes: [{ reason: 'not-in-force' }] })
    }
    expect(decide(policy, { ...ask, now: first }, customer()).effect).toBe('permit')
    expect(decide(netrack(), ask, customer()).effect).toBe('permit')
  })

  it('leaves the base policy as it is', () => {
    expect(decide(policy, act('site extract identification', ['surname']), customer()).effect).toBe('permit')
  })

  it('offers its form from that day on', () => {
    expect(formContract(policy, 'order-dedicated-server', first - 1)).toMatchObject({ error: { code: 'unknown-form' } })
    expect(formContract(policy, 'order-dedicated-server', first + DAY).ok).toBe(true)
    expect(formContract(policy, 'registration', NOW).ok).toBe(true)
  })

  it('is refused for a day that does not exist', () => {
    expect(comingInto('2026-02-30')).toMatchObject({
      ok: false,
      error: [{ file: SERVER, message: 'there is no day 2026-02-30' }],
    })
  })
})
