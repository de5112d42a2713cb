import { randomBytes } from 'node:crypto'
import { isDoverieError } from '@doverie/core/base'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type AwsPeer, awsPeer } from '../testing/aws-kms-peer.ts'
import type { KmsPeer } from '../testing/kms-peer.ts'
import { memoryKms } from '../testing/root-keys.ts'
import { type TransitPeer, transitPeer } from '../testing/transit-peer.ts'
import type { Kms } from './kms.ts'
import { awsKms } from './kms-aws.ts'
import { transitKms } from './kms-transit.ts'

const KEY = Buffer.alloc(32, 0x41)
const DAY = 86_400_000

async function codeOf(call: Promise<unknown>): Promise<string> {
  const fault: unknown = await call.then(
    () => 'nothing was thrown',
    (error: unknown) => error,
  )
  if (!isDoverieError(fault)) return String(fault)
  const shown = `${JSON.stringify(fault)} ${fault.message} ${fault.stack}`
  for (const secret of ['4141414141', 'AAAAAAAAAA', 'QUFBQUFB']) expect(shown).not.toContain(secret)
  return fault.code
}

let transit: TransitPeer
let aws: AwsPeer
let previous: NodeJS.ProcessEnv
beforeAll(async () => {
  transit = await transitPeer()
  aws = await awsPeer()
  previous = { ...process.env }
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: aws.accessKeyId, AWS_SECRET_ACCESS_KEY: aws.secretAccessKey })
})
afterAll(() => {
  transit.close()
  aws.close()
  process.env = previous
})

const overTransit = (token = transit.token, timeout = 2_000): Kms =>
  transitKms({ address: transit.address, mount: 'transit', key: 'doverie', timeout, token: () => token })
const overAws = (timeout = 2_000): Kms =>
  awsKms({ region: 'eu-central-1', name: 'test', deletionDays: 9, timeout, endpoint: aws.address })

const KINDS: readonly (readonly [string, () => Kms])[] = [
  ['a local file', () => memoryKms()],
  ['the transit engine', () => overTransit()],
  ['AWS KMS', () => overAws()],
]

describe.each(KINDS)('a root key in %s', (_, open) => {
  let kms: Kms
  let root: string
  beforeEach(async () => {
    kms = open()
    root = await kms.add()
  })

  it('opens what it wrapped, under that version and for that place only', async () => {
    const wrapped = await kms.wrap(root, KEY, 'cell|1|1')
    expect((await kms.unwrap(root, wrapped, 'cell|1|1')).equals(KEY)).toBe(true)
    expect(wrapped.includes(KEY)).toBe(false)
    expect(await codeOf(kms.unwrap(root, wrapped, 'cell|2|1'))).toBe('sealed-value-damaged')
    const next = await kms.add()
    expect(next).not.toBe(root)
    expect((await kms.unwrap(root, wrapped, 'cell|1|1')).equals(KEY)).toBe(true)
    expect(await codeOf(kms.unwrap(next, wrapped, 'cell|1|1'))).toBe('sealed-value-damaged')
  })

  it('names what is damaged, at any place, and cut', async () => {
    const wrapped = await kms.wrap(root, KEY, 'secret|mac')
    for (const at of [0, 5, 12, 30, wrapped.length - 1]) {
      const bad = Buffer.from(wrapped)
      bad[at] = (bad[at] ?? 0) ^ 1
      expect([at, await codeOf(kms.unwrap(root, bad, 'secret|mac'))]).toEqual([at, 'sealed-value-damaged'])
    }
    expect(await codeOf(kms.unwrap(root, wrapped.subarray(0, 39), 'secret|mac'))).toBe('sealed-value-damaged')
  })

  it('destroyed opens nothing any more, while the newer version opens; a second time tells the same', async () => {
    const old = await kms.wrap(root, KEY, 'p')
    const next = await kms.add()
    const fresh = await kms.wrap(next, KEY, 'p')
    const gone = await kms.destroy(root)
    expect(await kms.destroy(root)).toEqual(gone)
    expect(await codeOf(kms.unwrap(root, old, 'p'))).toBe('wrong-root-key')
    expect((await kms.unwrap(next, fresh, 'p')).equals(KEY)).toBe(true)
  })

  it('says wrong-root-key of a version that never was', async () => {
    const wrapped = await kms.wrap(root, KEY, 'p')
    const never = kms.kind === 'aws' ? 'arn:aws:kms:eu-central-1:111122223333:key/none' : '999'
    const other =
      kms.kind === 'transit' ? Buffer.from(wrapped.toString().replace(/^vault:v\d+/, 'vault:v999')) : wrapped
    expect(await codeOf(kms.unwrap(never, other, 'p'))).toBe('wrong-root-key')
  })
})

const SERVICES: readonly (readonly [string, () => Kms, () => KmsPeer])[] = [
  ['the transit engine', () => overTransit(transit.token, 150), () => transit],
  ['AWS KMS', () => overAws(150), () => aws],
]

describe.each(SERVICES)('%s', (_, open, peer) => {
  it('that does not answer in time is kms-unavailable, and answers again later', async () => {
    const kms = open()
    const root = await kms.add()
    const wrapped = await kms.wrap(root, KEY, 'p')
    peer().down()
    expect(await codeOf(kms.unwrap(root, wrapped, 'p'))).toBe('kms-unavailable')
    peer().up()
    expect((await kms.unwrap(root, wrapped, 'p')).equals(KEY)).toBe(true)
  })

  it('that is overloaded is asked again', async () => {
    const kms = open()
    const root = await kms.add()
    const wrapped = await kms.wrap(root, KEY, 'p')
    peer().next({ status: 503, body: { errors: ['Vault is sealed'], __type: 'KMSInternalException' } })
    expect((await kms.unwrap(root, wrapped, 'p')).equals(KEY)).toBe(true)
  })

  it('whose answer is nonsense is kms-unavailable', async () => {
    const kms = open()
    const root = await kms.add()
    peer().next({ status: 200, body: { data: { ciphertext: 'vault:v999:AAAA' } } })
    expect(await codeOf(kms.wrap(root, KEY, 'p'))).toBe('kms-unavailable')
  })

  it('of which nothing is there is kms-unavailable', async () => {
    const none = 'http://127.0.0.1:9'
    const away =
      open().kind === 'aws'
        ? awsKms({ region: 'eu-central-1', name: 'test', deletionDays: 7, timeout: 150, endpoint: none })
        : transitKms({ address: none, mount: 'transit', key: 'doverie', timeout: 150, token: () => 'x' })
    expect(await codeOf(away.add())).toBe('kms-unavailable')
  })
})

describe('the transit engine', () => {
  it('trims what is destroyed: no version below is left, and the newest is never destroyed', async () => {
    const kms = overTransit()
    const first = await kms.add()
    const second = await kms.add()
    await kms.destroy(first)
    expect(Math.min(...transit.versions())).toBe(Number(second))
    expect(await codeOf(kms.destroy(second))).toBe('kms-refused')
    expect(transit.versions()).toContain(Number(second))
  })

  it('wraps under the version that is asked for, though another is the latest', async () => {
    const kms = overTransit()
    const first = await kms.add()
    await kms.add()
    expect((await kms.wrap(first, KEY, 'p')).toString()).toMatch(new RegExp(`^vault:v${first}:`))
  })

  it('without rights, with a key that can be exported, or over plain HTTP to elsewhere is kms-refused', async () => {
    expect(await codeOf(overTransit('s.wrong').newest())).toBe('kms-refused')
    transit.set({ exportable: true })
    expect(await codeOf(overTransit().newest())).toBe('kms-refused')
    transit.set({ exportable: false })
    const address = 'http://bao.example:8200'
    const plain = (): Kms => transitKms({ address, mount: 'transit', key: 'doverie', timeout: 100, token: () => 'x' })
    expect(plain).toThrow(expect.objectContaining({ code: 'kms-refused' }))
  })

  it('has no key before one is made', async () => {
    const peer = await transitPeer('mounts/transit', 'other')
    const options = { address: peer.address, mount: 'mounts/transit', key: 'other', timeout: 1_000 }
    const kms = transitKms({ ...options, token: () => peer.token })
    expect(await kms.newest()).toBeNull()
    expect(await codeOf(kms.unwrap('1', Buffer.from(`vault:v1:${randomBytes(60).toString('base64')}`), 'p'))).toBe(
      'wrong-root-key',
    )
    expect([await kms.add(), await kms.newest(), await kms.add()]).toEqual(['1', '1', '2'])
    peer.close()
  })
})

describe('AWS KMS', () => {
  it('is asked under a signature that holds, and tells when a key is beyond its own recall', async () => {
    const kms = overAws()
    const root = await kms.add()
    const { irrecoverableFrom } = await kms.destroy(root)
    expect(Math.round(((irrecoverableFrom ?? 0) - Date.now()) / DAY)).toBe(9)
    expect(aws.states().at(-1)).toBe('PendingDeletion')
    expect(aws.unsigned()).toBe(0)
  })
})
