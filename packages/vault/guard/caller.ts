import type { Actor } from '@doverie/core/policy'
import type { Uuid } from '@doverie/core/base'

/** Who asks, as authentication found out. The vault trusts this and nothing a request says of itself. */
export type Caller = ServiceCaller | StaffCaller | SubjectCaller

/** Calling software, by its credential: what it may ask for is also limited by what the credential was issued for. */
export interface ServiceCaller {
  readonly kind: 'service'
  readonly name: string
  readonly credential: Uuid
  readonly entities: readonly string[]
  readonly purposes: readonly string[]
  readonly peoplePerHour: number
}

export interface StaffCaller {
  readonly kind: 'staff'
  readonly name: string
  readonly staff: Uuid
  readonly pseudonym: string
}

/** The person, signed in; `proved` are the identifiers proved in this very session. */
export interface SubjectCaller {
  readonly kind: 'subject'
  readonly subject: Uuid
  readonly proved: readonly string[]
}

/** The actor as the policy knows it. */
export function actorOf(caller: Caller): Actor {
  return caller.kind === 'subject' ? { kind: 'subject', name: '' } : { kind: caller.kind, name: caller.name }
}

/** How the ledger names the caller: a service by its credential, staff by their pseudonym, the person not at all. */
export function ledgerNameOf(caller: Caller): { readonly kind: string; readonly name: string; readonly id?: string } {
  switch (caller.kind) {
    case 'service':
      return { kind: 'service', name: caller.name, id: caller.credential }
    case 'staff':
      return { kind: 'staff', name: caller.name, id: caller.pseudonym }
    case 'subject':
      return { kind: 'subject', name: '' }
  }
}

/** Tells callers apart within this process. */
export function callerId(caller: Caller): string {
  switch (caller.kind) {
    case 'service':
      return caller.credential
    case 'staff':
      return caller.staff
    case 'subject':
      return caller.subject
  }
}
