import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { AT_ONCE, resting } from './pace.ts'

const spent = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

describe('the pace of a long run of work', () => {
  it('rests so many times as long as the step itself took', async () => {
    let step = 0
    const all = await spent(() =>
      resting(4)(async () => {
        step = await spent(() => delay(20))
      }),
    )
    expect(all).toBeGreaterThanOrEqual(4.9 * step)
  })

  it('gives what the step gives, and its fault at once', async () => {
    expect(await resting(1)(() => Promise.resolve(7))).toBe(7)
    await expect(resting(1)(() => Promise.reject(new Error('this one')))).rejects.toThrow('this one')
  })

  it('does not rest where it is to rest no time', () => {
    expect(resting(0)).toBe(AT_ONCE)
  })
})
