import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type KmsPeer, type PeerAnswer, startPeer } from './kms-peer.ts'

/**
 * AWS KMS as its documentation has it, for the operations that are used: JSON 1.1 over POST, the signature (SigV4) checked with
 * code of our own, encryption contexts, states of keys. Not the real service, which is no program to be run.
 */
export interface AwsPeer extends KmsPeer {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly states: () => readonly string[]
  /** Requests whose signature did not hold. */
  readonly unsigned: () => number
}

interface AwsKey {
  readonly arn: string
  readonly key: Buffer
  deletion: number | null
}

type Fields = Readonly<Record<string, unknown>>
const REGION = 'eu-central-1'
const DAY = 86_400

const refuse = (type: string, status = 400): PeerAnswer => ({ status, body: { __type: type, message: 'refused' } })

export async function awsPeer(): Promise<AwsPeer> {
  const accessKeyId = 'AKIDEXAMPLE'
  const secretAccessKey = randomBytes(20).toString('hex')
  const keys = new Map<string, AwsKey>()
  let unsigned = 0
  const peer = await startPeer((request, body) => {
    if (!holds(request, body, accessKeyId, secretAccessKey)) {
      unsigned += 1
      return refuse('InvalidSignatureException')
    }
    const fields = JSON.parse(body) as Fields
    const operation = String(request.headers['x-amz-target']).replace('TrentService.', '')
    if (operation === 'CreateKey') return created(keys)
    const key = keys.get(String(fields['KeyId']))
    if (key === undefined) return refuse('NotFoundException')
    if (operation === 'DescribeKey') return { status: 200, body: { KeyMetadata: metadata(key) } }
    if (key.deletion !== null) return refuse('KMSInvalidStateException')
    if (operation === 'ScheduleKeyDeletion') return scheduled(key, fields)
    if (operation === 'Encrypt') return encrypted(key, fields)
    return operation === 'Decrypt' ? decrypted(key, fields) : refuse('UnknownOperationException')
  }, 'application/x-amz-json-1.1')
  return {
    ...peer,
    accessKeyId,
    secretAccessKey,
    unsigned: () => unsigned,
    states: () => [...keys.values()].map(({ deletion }) => (deletion === null ? 'Enabled' : 'PendingDeletion')),
  }
}

function created(keys: Map<string, AwsKey>): PeerAnswer {
  const arn = `arn:aws:kms:${REGION}:111122223333:key/${randomUUID()}`
  const key: AwsKey = { arn, key: randomBytes(32), deletion: null }
  keys.set(arn, key)
  return { status: 200, body: { KeyMetadata: metadata(key) } }
}

function metadata(key: AwsKey): object {
  const state =
    key.deletion === null ? { KeyState: 'Enabled' } : { KeyState: 'PendingDeletion', DeletionDate: key.deletion }
  return { Arn: key.arn, KeyId: key.arn.split('/')[1], KeySpec: 'SYMMETRIC_DEFAULT', ...state }
}

function scheduled(key: AwsKey, fields: Fields): PeerAnswer {
  const days = Number(fields['PendingWindowInDays'] ?? 30)
  if (!(days >= 7 && days <= 30)) return refuse('ValidationException')
  key.deletion = Math.floor(Date.now() / 1000) + days * DAY
  return { status: 200, body: { KeyId: key.arn, DeletionDate: key.deletion, KeyState: 'PendingDeletion' } }
}

/** What the ciphertext is bound to: the context's pairs in the order of their names. */
function context(fields: Fields): Buffer {
  return Buffer.from(JSON.stringify(Object.entries((fields['EncryptionContext'] ?? {}) as Fields).sort()))
}

function encrypted(key: AwsKey, fields: Fields): PeerAnswer {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key.key, nonce).setAAD(context(fields))
  const plain = Buffer.from(String(fields['Plaintext']), 'base64')
  const blob = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  return { status: 200, body: { KeyId: key.arn, CiphertextBlob: blob.toString('base64') } }
}

function decrypted(key: AwsKey, fields: Fields): PeerAnswer {
  try {
    const blob = Buffer.from(String(fields['CiphertextBlob']), 'base64')
    const decipher = createDecipheriv('aes-256-gcm', key.key, blob.subarray(0, 12)).setAAD(context(fields))
    const plain = Buffer.concat([
      decipher.setAuthTag(blob.subarray(-16)).update(blob.subarray(12, -16)),
      decipher.final(),
    ])
    return { status: 200, body: { KeyId: key.arn, Plaintext: plain.toString('base64') } }
  } catch {
    return refuse('InvalidCiphertextException')
  }
}

/** True where the request is signed as AWS Signature Version 4 says, by this key. */
function holds(request: IncomingMessage, body: string, accessKeyId: string, secret: string): boolean {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/kms\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/
  const [, id, day = '', region = '', signed = '', signature] = form.exec(request.headers.authorization ?? '') ?? []
  if (id !== accessKeyId) return false
  const headers = signed.split(';')
  if (!headers.includes('host') || !headers.includes('x-amz-target') || !headers.includes('x-amz-date')) return false
  const canonical = [
    request.method,
    request.url,
    '',
    ...headers.map((name) => `${name}:${String(request.headers[name]).trim()}`),
    '',
    signed,
    createHash('sha256').update(body).digest('hex'),
  ].join('\n')
  const scope = `${day}/${region}/kms/aws4_request`
  const text = [
    'AWS4-HMAC-SHA256',
    request.headers['x-amz-date'],
    scope,
    createHash('sha256').update(canonical).digest('hex'),
  ]
  const mac = (key: string | Buffer, message: string): Buffer => createHmac('sha256', key).update(message).digest()
  const key = [region, 'kms', 'aws4_request'].reduce(mac, mac(`AWS4${secret}`, day))
  return mac(key, text.join('\n')).toString('hex') === signature
}
