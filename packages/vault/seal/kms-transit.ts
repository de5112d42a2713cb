import { DoverieError } from '@doverie/core/base'
import { damagedKey } from './bound-key.ts'
import type { Kms } from './kms.ts'
import { type KmsAnswer, type KmsCall, kmsCaller, type KmsWire } from './kms-http.ts'

/** One key of OpenBao's or Vault's transit engine. */
export interface TransitOptions extends KmsWire {
  /** The server's address, `https://bao.example:8200`. Plain HTTP is for loopback only. */
  readonly address: string
  /** The path under which the engine is mounted. */
  readonly mount: string
  readonly key: string
  readonly namespace?: string | undefined
  /** Asked for at each call, so that whoever renews it (an agent writing a file) may do so at any time. */
  readonly token: () => string
}

/** Of the answer to GET keys/:name, what matters here. */
interface KeyState {
  readonly type: string
  readonly latest: number
  readonly minDecryption: number
  readonly minEncryption: number
  readonly minAvailable: number
}

const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost']

/**
 * Root keys in the transit engine of OpenBao or Vault: versions of one `aes256-gcm96` key, the place as associated data.
 * Destroying one raises `min_decryption_version` and trims: by the engine's documentation what is trimmed cannot be had again.
 * Copies of the engine's own storage are its operator's affair. A key that can be exported or backed up in plain text is refused.
 */
export function transitKms(options: TransitOptions): Kms {
  const { address, mount, key } = options
  const base = new URL(address)
  if (base.protocol === 'http:' && !LOOPBACK.includes(base.hostname)) {
    throw new DoverieError('kms-refused', 'The KMS is reached over plain HTTP; use https.')
  }
  const call = transitCaller(options)
  const path = (...parts: readonly string[]): string => ['v1', mount, ...parts].join('/')
  const state = (): Promise<KeyState | null> => keyState(call, path('keys', key))
  return {
    kind: 'transit',
    newest: async () => {
      const now = await state()
      return now === null ? null : String(now.latest)
    },
    add: async () => {
      const body = { type: 'aes256-gcm96', exportable: false, allow_plaintext_backup: false }
      // Making a key that is there already changes nothing, so its first version is made only once.
      if ((await state()) === null) await call(path('keys', key), body, false)
      else await call(path('keys', key, 'rotate'), {}, false)
      const made = await state()
      if (made === null) throw new DoverieError('kms-unavailable')
      return String(made.latest)
    },
    wrap: async (root, secret, place) => {
      const body = { plaintext: base64(secret), associated_data: base64(Buffer.from(place)), key_version: Number(root) }
      const sealed = text(await call(path('encrypt', key), body), 'ciphertext')
      if (!sealed.startsWith(`vault:v${root}:`)) throw new DoverieError('kms-unavailable')
      return Buffer.from(sealed)
    },
    unwrap: async (root, wrapped, place) => {
      const ciphertext = Buffer.from(wrapped).toString('latin1')
      if (!ciphertext.startsWith(`vault:v${root}:`)) throw damagedKey('format')
      const body = { ciphertext, associated_data: base64(Buffer.from(place)) }
      const opened = Buffer.from(text(await call(path('decrypt', key), body), 'plaintext'), 'base64')
      if (opened.length !== 32) throw damagedKey('truncated')
      return opened
    },
    destroy: async (root) => {
      await trim(call, path('keys', key), Number(root), await state())
      return { irrecoverableFrom: null }
    },
  }
}

type Call = (path: string, body?: object, repeatable?: boolean) => Promise<Readonly<Record<string, unknown>> | null>

/** Destroys every version up to this one. The two minima must be raised first; each step may be repeated. */
async function trim(call: Call, path: string, version: number, now: KeyState | null): Promise<void> {
  if (now === null) throw new DoverieError('wrong-root-key', 'The KMS has no such key.')
  if (version >= now.latest) throw new DoverieError('kms-refused', 'The newest version of a key is not destroyed.')
  const next = version + 1
  if (now.minDecryption < next || now.minEncryption < next) {
    const raised = { min_decryption_version: Math.max(next, now.minDecryption) }
    await call(`${path}/config`, { ...raised, min_encryption_version: Math.max(next, now.minEncryption) })
  }
  if (now.minAvailable < next) await call(`${path}/trim`, { min_available_version: next })
  const after = await keyState(call, path)
  if (after === null || after.minAvailable < next) {
    throw new DoverieError('kms-refused', 'The KMS kept a version that it was told to destroy.')
  }
}

function transitCaller(options: TransitOptions): Call {
  const send = kmsCaller(options)
  return async (path, body, repeatable = true) => {
    const headers = {
      'x-vault-token': options.token(),
      'x-vault-request': 'true',
      ...(options.namespace === undefined ? {} : { 'x-vault-namespace': options.namespace }),
    }
    const request: KmsCall = {
      method: body === undefined ? 'GET' : 'POST',
      url: new URL(path, options.address),
      headers,
      repeatable,
    }
    return dataOf(await send(body === undefined ? request : { ...request, body }))
  }
}

/** The answer's data, null where there is no such thing, or the fault that it tells. */
function dataOf({ status, body }: KmsAnswer): Readonly<Record<string, unknown>> | null {
  const { data, errors } = (body ?? {}) as { readonly data?: unknown; readonly errors?: unknown }
  if (status >= 200 && status < 300) return (data ?? {}) as Readonly<Record<string, unknown>>
  const said = Array.isArray(errors) ? errors.join(' ') : ''
  if (status === 404) return null
  if (status === 400 && /too old|too new|key not found/i.test(said)) {
    throw new DoverieError('wrong-root-key', 'The KMS does not have that version of the root key.')
  }
  if (status === 400 && /authentication failed|invalid ciphertext|could not decrypt/i.test(said))
    throw damagedKey('wrapping')
  if (status === 400 || status === 401 || status === 403 || status === 405) {
    throw new DoverieError('kms-refused', `The KMS refuses (${status}).`, { status })
  }
  throw new DoverieError('kms-unavailable', `The KMS answers ${status}.`, { status })
}

async function keyState(call: Call, path: string): Promise<KeyState | null> {
  const data = await call(path)
  if (data === null) return null
  if (data['type'] !== 'aes256-gcm96' || data['derived'] === true) {
    throw new DoverieError('kms-refused', 'The transit key must be an aes256-gcm96 key, not derived.')
  }
  if (data['exportable'] === true || data['allow_plaintext_backup'] === true) {
    throw new DoverieError(
      'kms-refused',
      'The transit key can be exported or backed up: what it wraps could never be destroyed.',
    )
  }
  const number = (name: string): number => (typeof data[name] === 'number' ? data[name] : 0)
  return {
    type: 'aes256-gcm96',
    latest: number('latest_version'),
    minDecryption: number('min_decryption_version'),
    minEncryption: number('min_encryption_version'),
    minAvailable: number('min_available_version'),
  }
}

function text(data: Readonly<Record<string, unknown>> | null, name: string): string {
  const value = data?.[name]
  if (data === null) throw new DoverieError('wrong-root-key', 'The KMS has no such key.')
  if (typeof value !== 'string') throw new DoverieError('kms-unavailable')
  return value
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
