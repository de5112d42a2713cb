import { describe, expect, it } from 'vitest'
import { bankAccountMatchesBik, normaliseBankAccount } from './bank-account.ts'
import { normaliseBik } from './bik.ts'

describe('bankAccountMatchesBik', () => {
  it.each([
    ['a correspondent account', '044525225', '30101810400000000225'],
    ['a correspondent account of another bank', '044525593', '30101810200000000593'],
    ['a settlement account', '044525225', '40702810938000000001'],
    ['the single account of the treasury', '017003983', '40102810445370000059'],
    ['a treasury account, which has no key', '017003983', '03100643000000018500'],
  ])('holds for %s', (_what, bik, account) => {
    expect(bankAccountMatchesBik(bik, account)).toBe(true)
  })

  it('fails for every other digit in any place of an account', () => {
    for (const account of ['40702810938000000001', '30101810400000000225']) {
      for (let place = 3; place < 20; place++) {
        for (let by = 1; by < 10; by++) {
          const changed =
            account.slice(0, place) + String((Number(account[place]) + by) % 10) + account.slice(place + 1)
          expect(bankAccountMatchesBik('044525225', changed)).toBe(false)
        }
      }
    }
  })

  it.each([
    ['another bank', '044525226', '40702810938000000001'],
    ['a short BIK', '04452522', '40702810938000000001'],
    ['a short account', '044525225', '4070281093800000000'],
    ['letters', '044525225', '4070281093800000000A'],
    ['nothing', '', ''],
  ])('rejects %s', (_what, bik, account) => {
    expect(bankAccountMatchesBik(bik, account)).toBe(false)
  })
})

describe('bank requisites', () => {
  it('are taken with spaces', () => {
    expect(normaliseBankAccount(' 40702 810 9 3800 0000001 ')).toEqual({ ok: true, value: '40702810938000000001' })
    expect(normaliseBik('044 525 225')).toEqual({ ok: true, value: '044525225' })
  })

  it.each(['144525225', '04452522', '0445252255', '04452522a', '０４４５２５２２５', '', 44525225])(
    'reject the BIK %j',
    (raw) => {
      expect(normaliseBik(raw).ok).toBe(false)
    },
  )

  it.each(['4070281093800000000', '407028109380000000012', '4070281A938000000001', '', {}])(
    'reject the account %j',
    (raw) => {
      expect(normaliseBankAccount(raw).ok).toBe(false)
    },
  )
})
