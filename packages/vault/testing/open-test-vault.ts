import { parseBundle, type Policy } from '@doverie/core/policy'
import { inject } from 'vitest'
import { copyDatabases, createDatabases, type TestDatabases } from '../../server/testing/databases.ts'
import { openVault, type Vault } from '../guard/vault.ts'
import type { Kms } from '../seal/kms.ts'
import { type Collected, collectForm } from '../use/collect-form.ts'
import { loadPolicy, refreshPolicy } from '../use/adopt-policy.ts'
import { showForm } from '../use/show-form.ts'
import { netrackBundle, TEST_ORIGIN } from './netrack-bundle.ts'
import { memoryKms } from './root-keys.ts'

export { netrackBundle }

export interface TestVault {
  readonly vault: Vault
  readonly urls: { readonly dataUrl: string; readonly keystoreUrl: string }
  /** Moves the vault's clock. */
  readonly pass: (milliseconds: number) => void
  readonly now: () => number
  /** Another server process on the same databases. */
  readonly second: () => Promise<Vault>
  readonly close: () => Promise<void>
}

/**
 * A vault over a fresh pair of databases with NETRACK's policy in force: a copy of one that is made once, with the same
 * secrets. Where a bundle (also the shipped one) or a root key is given, it is an installation of its own.
 */
export async function openTestVault(bundle?: Map<string, string> | null, kms?: Kms): Promise<TestVault> {
  const shipped = bundle === undefined && kms === undefined
  const databases = await (shipped ? copyDatabases(inject('adminUrl'), adopt) : createDatabases(inject('adminUrl')))
  if (shipped) return openOver(databases, (vault) => refreshPolicy(vault, netrack()), memoryKms())
  return openOver(
    databases,
    (vault) => load(vault, bundle === undefined ? netrackBundle() : bundle),
    kms ?? memoryKms(),
  )
}

/** Leaves a pair of databases as the first start with NETRACK's policy leaves them. */
async function adopt(databases: TestDatabases): Promise<void> {
  const vault = await openVault({ ...databases, kms: memoryKms(), origin: TEST_ORIGIN, now: Date.now })
  try {
    await load(vault, netrackBundle())
  } finally {
    await vault.close()
  }
}

async function load(vault: Vault, bundle: Map<string, string> | null): Promise<void> {
  if (bundle === null) return
  const loaded = await loadPolicy(vault, bundle)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error))
}

let read: Policy | undefined

/** The shipped bundle, read once: it is half a second's work. */
function netrack(): Policy {
  if (read !== undefined) return read
  const parsed = parseBundle(netrackBundle())
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
  read = parsed.value
  return read
}

async function openOver(databases: TestDatabases, arm: (vault: Vault) => Promise<void>, kms: Kms): Promise<TestVault> {
  let shift = 0
  const now = (): number => Date.now() + shift
  const opened: Vault[] = []
  const open = async (): Promise<Vault> => {
    const vault = await openVault({ ...databases, kms, origin: TEST_ORIGIN, now, phones: true })
    opened.push(vault)
    await arm(vault)
    return vault
  }
  return {
    vault: await open(),
    urls: databases,
    pass: (milliseconds) => {
      shift += milliseconds
    },
    now,
    second: open,
    close: async () => {
      for (const vault of opened) await vault.close()
      await databases.drop()
    },
  }
}

export const EVIDENCE = { address: '127.0.0.1', agent: 'test', language: 'ru' }

let minted = 0

/** A number that nothing of this test's process had yet: what is made of it is the same in every run. */
export function freshNumber(): number {
  minted += 1
  return minted
}

/** An address that nobody in this test's databases had yet. */
export function freshEmail(name: string): string {
  return `${name}.${freshNumber()}@example.org`
}

/** A valid registration, with one's own values in it. */
export function registration(values: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    surname: 'Петрова',
    'given-name': 'Анна',
    email: freshEmail('anna'),
    phone: '+7 916 123-45-67',
    ...values,
  }
}

/** A valid order of a dedicated server. */
export function order(values: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    ...registration(),
    'payment-token': 'yookassa:2c85d9f7-000f-5000-8000-1a2b3c4d5e6f',
    'payment-last4': '4477',
    'technical-contact-name': 'Иван Сидоров',
    'technical-contact-phone': '+7 916 765-43-21',
    ...values,
  }
}

export async function submit(
  vault: Vault,
  form: string,
  values: Readonly<Record<string, unknown>>,
  options: {
    readonly consents?: readonly string[]
    readonly subject?: string
    readonly key?: string
    readonly entity?: string
    readonly age?: 'adult' | 'minor'
  } = {},
): Promise<Collected> {
  const { snapshot, contract } = await showForm(vault, form)
  const asked = contract.age !== null && (options.subject === undefined || options.age !== undefined)
  const caller =
    options.subject === undefined ? null : { kind: 'subject' as const, subject: options.subject, proved: ['email'] }
  return collectForm(vault, caller, {
    form,
    snapshot,
    entity: options.entity ?? 'start',
    values,
    consents: options.consents ?? [],
    ...(asked ? { age: options.age ?? 'adult' } : {}),
    ...(options.key === undefined ? {} : { idempotencyKey: options.key }),
    evidence: EVIDENCE,
  })
}

/** The subject id of a collection that must have been permitted. */
export function subjectOf(collected: Collected): string {
  if (collected.subject === undefined) throw new Error(`refused: ${JSON.stringify(collected.decision.causes)}`)
  return collected.subject
}
