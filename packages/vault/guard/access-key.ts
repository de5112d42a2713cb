import { DoverieError, type Uuid } from '@doverie/core/base'
import { seal, unseal } from '../seal/envelope.ts'
import type { Changing } from './change.ts'
import type { HeldKey } from './key-ring.ts'
import type { Vault } from './vault.ts'

/** The compartment of keys under which lies what is kept of how a person signs in: it goes with the person. No policy can name it. */
const COMPARTMENT = '_access'
const GENERATION = 1

/** What of how somebody signs in is kept sealed. Holds a secret: never log. */
export interface AccessKey {
  readonly seal: (part: Uuid, content: object) => Buffer
  readonly open: (part: Uuid, sealed: Uint8Array) => unknown
}

/** The key of a person under change, made where there is none yet: durable before anything is sealed under it. */
export async function accessKeyIn(vault: Vault, changing: Changing): Promise<AccessKey> {
  if (changing.person().held(COMPARTMENT, GENERATION) === undefined) {
    await changing.extendKeys(new Map([[COMPARTMENT, GENERATION]]))
  }
  const { subject, keys } = changing.person()
  return keyIn(vault, subject, keys)
}

/** The key of somebody of whom something lies under it. Throws `key-missing` once they are destroyed. */
export async function loadAccessKey(vault: Vault, subject: Uuid): Promise<AccessKey> {
  return keyIn(vault, subject, (await vault.ring.load([subject], vault.now())).get(subject) ?? [])
}

function keyIn(vault: Vault, subject: Uuid, keys: readonly HeldKey[]): AccessKey {
  const held = keys.find(({ compartment }) => compartment === COMPARTMENT)
  if (held === undefined) throw new DoverieError('key-missing', undefined, { compartment: COMPARTMENT })
  const key = held.open(subject)
  const context = (part: Uuid) => ({ subject, compartment: COMPARTMENT, generation: GENERATION, part, version: 1 })
  return {
    seal: (part, content) => seal(key, context(part), Buffer.from(JSON.stringify(content)), vault.random(12)),
    open: (part, sealed) => JSON.parse(unseal(key, context(part), sealed).toString('utf8')) as unknown,
  }
}
