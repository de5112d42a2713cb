import { DoverieError } from '@doverie/core/base'
import type * as AwsKms from '@aws-sdk/client-kms'
import { damagedKey } from './bound-key.ts'
import type { Kms } from './kms.ts'

export interface AwsOptions {
  readonly region: string
  /** What the keys are tagged with (`doverie`): whoever looks through the account knows whose they are. */
  readonly name: string
  /** Days that AWS waits before it deletes a key that was scheduled for deletion: 7 to 30. */
  readonly deletionDays: number
  /** A private endpoint of the service; its public one if absent. */
  readonly endpoint?: string | undefined
  readonly timeout: number
}

const DAY = 86_400_000

/**
 * Root keys in AWS KMS: a symmetric key of its own for each version, since KMS never destroys one version of a key alone. The
 * place is the encryption context, which CloudTrail shows: it holds ids of cells and names, no person's. Scheduled for deletion a key opens
 * nothing at once, but can be brought back until the waiting days are over: what it tells of that is told on. Credentials and
 * signatures are those of the official client.
 */
export function awsKms(options: AwsOptions): Kms {
  let opened: Promise<Aws> | null = null
  const aws = (): Promise<Aws> => (opened ??= openClient(options))
  return {
    kind: 'aws',
    // Every epoch has a key of its own, made when it begins; which one, the key store remembers.
    newest: () => Promise.resolve(null),
    add: async () => {
      const { client, sdk } = await aws()
      const command = new sdk.CreateKeyCommand({
        Description: `Doverie root key (${options.name})`,
        KeySpec: 'SYMMETRIC_DEFAULT',
        KeyUsage: 'ENCRYPT_DECRYPT',
        Tags: [{ TagKey: 'doverie', TagValue: options.name }],
      })
      const { KeyMetadata } = await guarded(client.send(command))
      if (KeyMetadata?.Arn === undefined) throw new DoverieError('kms-unavailable')
      return KeyMetadata.Arn
    },
    wrap: async (root, key, place) => {
      const { client, sdk } = await aws()
      const command = new sdk.EncryptCommand({ KeyId: root, Plaintext: key, EncryptionContext: { doverie: place } })
      const { CiphertextBlob } = await guarded(client.send(command))
      if (CiphertextBlob === undefined) throw new DoverieError('kms-unavailable')
      return Buffer.from(CiphertextBlob)
    },
    unwrap: async (root, wrapped, place) => {
      const { client, sdk } = await aws()
      const command = new sdk.DecryptCommand({
        KeyId: root,
        CiphertextBlob: wrapped,
        EncryptionContext: { doverie: place },
      })
      const { Plaintext } = await guarded(client.send(command))
      if (Plaintext?.length !== 32) throw damagedKey('truncated')
      return Buffer.from(Plaintext)
    },
    destroy: async (root) => {
      const { client, sdk } = await aws()
      const described = await guarded(client.send(new sdk.DescribeKeyCommand({ KeyId: root })))
      // Asked for again after a crash: the first request counts.
      const known = described.KeyMetadata?.DeletionDate
      if (known !== undefined) return { irrecoverableFrom: known.getTime() }
      const command = new sdk.ScheduleKeyDeletionCommand({ KeyId: root, PendingWindowInDays: options.deletionDays })
      const { DeletionDate } = await guarded(client.send(command))
      return { irrecoverableFrom: DeletionDate?.getTime() ?? Date.now() + options.deletionDays * DAY }
    },
  }
}

type Sdk = typeof AwsKms

interface Aws {
  readonly sdk: Sdk
  readonly client: AwsKms.KMSClient
}

/** Loaded only where it is used: it is larger than the vault. */
async function openClient({ region, endpoint, timeout }: AwsOptions): Promise<Aws> {
  const sdk = await import('@aws-sdk/client-kms')
  const client = new sdk.KMSClient({
    region,
    maxAttempts: 3,
    requestHandler: { requestTimeout: timeout, connectionTimeout: timeout, throwOnRequestTimeout: true },
    ...(endpoint === undefined ? {} : { endpoint }),
  })
  return { sdk, client }
}

const DAMAGED = ['InvalidCiphertextException', 'IncorrectKeyException']
const GONE = ['NotFoundException', 'KMSInvalidStateException', 'DisabledException', 'InvalidArnException']

/** What the service refuses, as a fault; its own words, which may name an account, stay out. */
async function guarded<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    const { name, $metadata } = error as {
      readonly name?: string
      readonly $metadata?: { readonly httpStatusCode?: number }
    }
    const status = $metadata?.httpStatusCode ?? 0
    if (DAMAGED.includes(name ?? '')) throw damagedKey('wrapping')
    if (GONE.includes(name ?? ''))
      throw new DoverieError('wrong-root-key', 'AWS KMS has no such key, or it is to be deleted.')
    if (status >= 400 && status < 500 && status !== 429 && name !== 'ThrottlingException') {
      throw new DoverieError('kms-refused', `AWS KMS refuses (${status}).`, { status })
    }
    throw new DoverieError('kms-unavailable', undefined, { status })
  }
}
