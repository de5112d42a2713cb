import type { Uuid } from '@doverie/core/base'
import { indexForm } from '@doverie/core/policy'
import { mac, sameMac } from './mac.ts'
import type { Vault } from './vault.ts'

const TAG = 16
const NAME = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:\.([0-9a-f]{32}))?$/

/**
 * What stands in the Message-ID of a letter of ours: its random id, and a keyed hash of that and of the address it goes to. Whoever had a letter
 * at one address can name no letter to another; nothing of the address is stored for it.
 */
export function mailName(vault: Pick<Vault, 'secrets'>, id: Uuid, to: string): string {
  return `${id}.${tagOf(vault, id, to).toString('hex')}`
}

/** The id of a letter of ours in what stands before the `@` of a Message-ID; null where it is no name of that kind. */
export function idInName(name: string): Uuid | null {
  return NAME.exec(name)?.[1] ?? null
}

/** Whether that letter went to this address: it says so itself. False of letters that were sent before names said it. */
export function isNameOfLetterTo(vault: Pick<Vault, 'secrets'>, name: string, address: string): boolean {
  const [, id, tag] = NAME.exec(name) ?? []
  return id !== undefined && tag !== undefined && sameMac(tagOf(vault, id, address), Buffer.from(tag, 'hex'))
}

function tagOf(vault: Pick<Vault, 'secrets'>, id: Uuid, to: string): Buffer {
  return mac(vault, 'mail-name', `${id} ${indexForm('email', to) ?? to}`).subarray(0, TAG)
}
