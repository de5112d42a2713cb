import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normaliseAccessAddresses } from './access-addresses.ts'
import { canonicalNetwork } from './ip-address.ts'

describe('normaliseAccessAddresses', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1,192.0.2.1;\n198.51.100.0/24', '192.0.2.1, 198.51.100.0/24'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:0db8::1/128', '2001:db8::1'],
    ['192.0.2.1/32', '192.0.2.1'],
    ['2001:db8::/32', '2001:db8::/32'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::ffff:c000:0201', '::ffff:192.0.2.1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['10.128.0.0/9', '10.128.0.0/9'],
  ])('reads %j as %j', (typed, expected) => {
    expect(normaliseAccessAddresses(typed)).toEqual({ ok: true, value: expected })
  })

  it.each([
    '',
    ', ;',
    '192.0.2',
    '192.0.2.256',
    '192.0.2.01',
    '0x7f.0.0.1',
    '192.0.2.1/33',
    '192.0.2.1/24',
    '192.0.2.0/024',
    '192.0.2.0/',
    '192.0.2.0/24/8',
    '2001:db8::1::2',
    '2001:db8:1',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    ':1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:',
    ':::',
    '2001:db8::12345',
    '2001:db8::1/129',
    '2001:db8::1/64',
    'fe80::1%eth0',
    '::192.0.2.1:1',
    '[::1]',
    'example.com',
    '192.0.2.1 # home',
    '1'.repeat(10_000),
    null,
  ])('rejects %j', (typed) => {
    expect(normaliseAccessAddresses(typed)).toMatchObject({ ok: false, error: { code: 'invalid-value' } })
  })
})

describe('canonicalNetwork', () => {
  it('writes an IPv6 address as URL hosts are written, apart from IPv4-mapped ones', () => {
    const sparse = fc
      .array(fc.constantFrom('0', '0', '0', '1', '0A', 'ffff'), { minLength: 8, maxLength: 8 })
      .map((groups) => groups.join(':'))
    fc.assert(
      fc.property(fc.oneof(fc.ipV6(), sparse), (address) => {
        const host = new URL(`http://[${address}]/`).hostname.slice(1, -1)
        fc.pre(!host.startsWith('::ffff:'))
        expect(canonicalNetwork(address)).toBe(host)
      }),
    )
  })
})
