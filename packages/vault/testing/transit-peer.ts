import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type KmsPeer, type PeerAnswer, startPeer } from './kms-peer.ts'

/**
 * The transit engine of OpenBao and Vault as its documentation has it (API of keys, encrypt, decrypt, config, rotate, trim):
 * paths, fields, limits between the minima, and the words of its refusals. Not the real server, which no package here brings.
 */
export interface TransitPeer extends KmsPeer {
  readonly token: string
  readonly versions: () => readonly number[]
  /** Sets something of the key, as its operator might. */
  readonly set: (change: Partial<TransitKey>) => void
}

interface TransitKey {
  versions: Map<number, Buffer>
  latest: number
  minDecryption: number
  minEncryption: number
  minAvailable: number
  exportable: boolean
}

type Fields = Readonly<Record<string, unknown>>
const ok = (data: unknown): PeerAnswer => ({ status: 200, body: { data } })
const refuse = (status: number, ...errors: readonly string[]): PeerAnswer => ({ status, body: { errors } })

export async function transitPeer(mount = 'transit', name = 'doverie'): Promise<TransitPeer> {
  const token = `s.${randomBytes(12).toString('hex')}`
  let key: TransitKey | null = null
  const operations: Readonly<Record<string, (fields: Fields, method: string) => PeerAnswer>> = {
    [`keys/${name}`]: (fields, method) => {
      if (method === 'GET') return key === null ? refuse(404) : ok(described(key))
      if (fields['type'] !== undefined && fields['type'] !== 'aes256-gcm96') return refuse(400, 'unknown key type')
      key ??= fresh(fields['exportable'] === true)
      return ok(described(key))
    },
    [`keys/${name}/rotate`]: () => {
      if (key === null) return refuse(400, 'key not found')
      key.latest += 1
      key.versions.set(key.latest, randomBytes(32))
      return ok(described(key))
    },
    [`keys/${name}/config`]: (fields) => (key === null ? refuse(400, 'key not found') : configure(key, fields)),
    [`keys/${name}/trim`]: (fields) => (key === null ? refuse(400, 'invalid key name') : trimmed(key, fields)),
    [`encrypt/${name}`]: (fields) => (key === null ? refuse(400, 'encryption key not found') : encrypted(key, fields)),
    [`decrypt/${name}`]: (fields) => (key === null ? refuse(400, 'encryption key not found') : decrypted(key, fields)),
  }
  const peer = await startPeer((request: IncomingMessage, body: string) => {
    if (request.headers['x-vault-token'] !== token) return refuse(403, 'permission denied')
    const operation = operations[(request.url ?? '').replace(`/v1/${mount}/`, '')]
    if (operation === undefined) return refuse(404)
    return operation(body === '' ? {} : (JSON.parse(body) as Fields), request.method ?? '')
  })
  return {
    ...peer,
    token,
    versions: () => [...(key?.versions.keys() ?? [])],
    set: (change) => {
      key ??= fresh(false)
      Object.assign(key, change)
    },
  }
}

function fresh(exportable: boolean): TransitKey {
  const versions = new Map([[1, randomBytes(32)]])
  return { versions, latest: 1, minDecryption: 1, minEncryption: 0, minAvailable: 0, exportable }
}

function described(key: TransitKey): object {
  return {
    type: 'aes256-gcm96',
    derived: false,
    exportable: key.exportable,
    allow_plaintext_backup: false,
    keys: Object.fromEntries([...key.versions.keys()].map((version) => [version, 1_442_851_412])),
    latest_version: key.latest,
    min_decryption_version: key.minDecryption,
    min_encryption_version: key.minEncryption,
    min_available_version: key.minAvailable,
    supports_encryption: true,
  }
}

function configure(key: TransitKey, fields: Fields): PeerAnswer {
  const decryption = Number(fields['min_decryption_version'] ?? key.minDecryption)
  const encryption = Number(fields['min_encryption_version'] ?? key.minEncryption)
  if (decryption > key.latest || encryption > key.latest)
    return refuse(400, 'cannot set a minimum above the latest version')
  if (encryption !== 0 && encryption < decryption)
    return refuse(400, 'cannot set min encryption version below min decryption')
  if (decryption < key.minAvailable) return refuse(400, 'min decryption version below min available version')
  key.minDecryption = decryption
  key.minEncryption = encryption
  return ok(described(key))
}

function trimmed(key: TransitKey, fields: Fields): PeerAnswer {
  const least = Number(fields['min_available_version'])
  if (!(least > 0)) return refuse(400, 'minimum available version should be positive')
  if (least < key.minAvailable) return refuse(400, 'minimum available version cannot be decremented')
  if (key.minEncryption === 0) {
    return refuse(400, 'minimum available version cannot be set when minimum encryption version is not set')
  }
  if (least > Math.min(key.minEncryption, key.minDecryption)) {
    return refuse(400, 'minimum available version cannot be greater than minimum decryption version')
  }
  key.minAvailable = least
  for (const version of key.versions.keys()) if (version < least) key.versions.delete(version)
  return ok(described(key))
}

function encrypted(key: TransitKey, fields: Fields): PeerAnswer {
  const version = Number(fields['key_version'] ?? 0) || key.latest
  if (version > key.latest) return refuse(400, 'requested version for encryption is higher than the latest key version')
  if (version < key.minEncryption) {
    return refuse(400, 'requested version for encryption is less than the minimum encryption key version')
  }
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key.versions.get(version) ?? Buffer.alloc(32), nonce)
  cipher.setAAD(bytes(fields['associated_data']))
  const sealed = Buffer.concat([nonce, cipher.update(bytes(fields['plaintext'])), cipher.final(), cipher.getAuthTag()])
  return ok({ ciphertext: `vault:v${version}:${sealed.toString('base64')}`, key_version: version })
}

function decrypted(key: TransitKey, fields: Fields): PeerAnswer {
  const [, number, rest = ''] = /^vault:v(\d+):(.+)$/.exec(String(fields['ciphertext'])) ?? []
  if (number === undefined) return refuse(400, 'invalid ciphertext: no prefix')
  const version = Number(number)
  if (version > key.latest) return refuse(400, 'invalid ciphertext: version is too new')
  if (version < key.minDecryption) {
    return refuse(400, 'ciphertext or signature version is disallowed by policy (too old)')
  }
  try {
    const sealed = bytes(rest)
    const decipher = createDecipheriv(
      'aes-256-gcm',
      key.versions.get(version) ?? Buffer.alloc(32),
      sealed.subarray(0, 12),
    )
    decipher.setAAD(bytes(fields['associated_data'])).setAuthTag(sealed.subarray(-16))
    const plain = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()])
    return ok({ plaintext: plain.toString('base64') })
  } catch {
    return refuse(400, 'cipher: message authentication failed')
  }
}

function bytes(value: unknown): Buffer {
  return Buffer.from(typeof value === 'string' ? value : '', 'base64')
}
