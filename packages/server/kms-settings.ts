import { readFileSync } from 'node:fs'
import { DoverieError } from '@doverie/core/base'
import { awsKms, fileKms, type Kms, transitKms } from '@doverie/vault'
import { rootKeyFile } from './keys-folder.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Where the root key is held: in the keys folder, or by a key management service named in `KMS_URL`. */
type Holder =
  | { readonly kind: 'file' }
  | { readonly kind: 'transit'; readonly address: string; readonly mount: string; readonly key: string }
  | { readonly kind: 'aws'; readonly region: string; readonly name: string }

/** True where the root key file of the keys folder is used: as the holder of new versions, or still of older ones. */
export function usesRootKeyFile(env: Env): { readonly own: boolean; readonly previous: boolean } {
  return { own: ownHolder(env).kind === 'file', previous: previousHolder(env)?.kind === 'file' }
}

/**
 * The key management services of an installation: the one that makes new versions (`KMS_URL`; without it the keys folder), and,
 * while it moves from another, the former one (`KMS_PREVIOUS_URL`). Throws `invalid-request` naming the setting.
 */
export function openKms(keysDir: string, env: Env): readonly Kms[] {
  const own = ownHolder(env)
  const previous = previousHolder(env)
  if (previous?.kind === own.kind) {
    throw new DoverieError('invalid-request', 'KMS_PREVIOUS_URL must name another kind of service than KMS_URL.')
  }
  return [own, ...(previous === null ? [] : [previous])].map((holder) => opened(holder, keysDir, env))
}

function ownHolder(env: Env): Holder {
  return holderOf('KMS_URL', env['KMS_URL']) ?? { kind: 'file' }
}

function previousHolder(env: Env): Holder | null {
  return holderOf('KMS_PREVIOUS_URL', env['KMS_PREVIOUS_URL'])
}

function holderOf(name: string, value: string | undefined): Holder | null {
  if (value === undefined || value === '') return null
  if (value === 'file') return { kind: 'file' }
  const [, service, rest = ''] = /^(transit|aws):(.+)$/.exec(value) ?? []
  if (service === 'aws') {
    const [, region, tag] = /^([a-z0-9-]+)\/([A-Za-z0-9_-]{1,64})$/.exec(rest) ?? []
    if (region !== undefined && tag !== undefined) return { kind: 'aws', region, name: tag }
  }
  if (service === 'transit' && /^https?:\/\//.test(rest) && URL.canParse(rest)) {
    const url = new URL(rest)
    const parts = url.pathname.split('/').filter((part) => part !== '')
    const key = parts.at(-1)
    if (key !== undefined && parts.length > 1 && url.username === '' && url.search === '') {
      return { kind: 'transit', address: url.origin, mount: parts.slice(0, -1).join('/'), key }
    }
  }
  // What was given is not repeated: somebody may have put a token into it.
  const forms = 'file, transit:https://HOST:PORT/MOUNT/KEY or aws:REGION/NAME'
  throw new DoverieError('invalid-request', `${name} must be ${forms}.`, { field: name })
}

function opened(holder: Holder, keysDir: string, env: Env): Kms {
  const timeout = wholeNumber(env, 'KMS_TIMEOUT_MS', 5_000, 100, 60_000)
  if (holder.kind === 'file') return fileKms(rootKeyFile(keysDir))
  if (holder.kind === 'aws') {
    const deletionDays = wholeNumber(env, 'KMS_DELETION_DAYS', 7, 7, 30)
    return awsKms({
      region: holder.region,
      name: holder.name,
      deletionDays,
      timeout,
      endpoint: given(env['KMS_ENDPOINT']),
    })
  }
  const { address, mount, key } = holder
  const caFile = given(env['KMS_CA_FILE'])
  const ca = caFile === undefined ? undefined : readSetting('KMS_CA_FILE', caFile)
  const namespace = given(env['KMS_NAMESPACE'])
  return transitKms({ address, mount, key, timeout, namespace, ca, token: () => tokenOf(env) })
}

/** The token of this moment: an agent that renews it writes the file anew. */
function tokenOf(env: Env): string {
  const file = given(env['KMS_TOKEN_FILE'])
  const token = file === undefined ? given(env['KMS_TOKEN']) : readSetting('KMS_TOKEN_FILE', file).trim()
  if (token === undefined || !/^[\x21-\x7e]+$/.test(token)) {
    throw new DoverieError(
      'kms-refused',
      'There is no token for the key management service: set KMS_TOKEN_FILE or KMS_TOKEN.',
    )
  }
  return token
}

function readSetting(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new DoverieError('kms-refused', `The file that ${name} names cannot be read (${code ?? 'unknown reason'}).`)
  }
}

function wholeNumber(env: Env, name: string, usual: number, least: number, most: number): number {
  const text = given(env[name])
  const number = text === undefined ? usual : Number(text)
  if (Number.isSafeInteger(number) && number >= least && number <= most) return number
  throw new DoverieError('invalid-request', `${name} must be a whole number from ${least} to ${most}.`, { field: name })
}

function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value
}
