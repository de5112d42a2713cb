import type { Actor } from '@doverie/core/policy'
import type { Instant, RepresentativeAct, Uuid } from '@doverie/core/base'

/** Who asks, as authentication found out. The vault trusts this and nothing a request says of itself. */
export type Caller = ServiceCaller | StaffCaller | PersonCaller

/** Of what the software does of itself in the name of a service of the policy: no credential is ever issued under it. */
export const OWN_CREDENTIAL: Uuid = '00000000-0000-0000-0000-000000000000'

/** Whoever acts on the person's side: the person, or who acts for them by verified authority. */
export type PersonCaller = SubjectCaller | RepresentativeCaller

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
  /** Who had the link made by which they signed in: they could have used it themselves. Absent where whoever holds the machine had. */
  readonly issuedBy?: string | undefined
  /** The officer's role while they act as its deputy: `name` is that role then. */
  readonly deputyOf?: string | undefined
}

/** By what method somebody signed in was proved once more, and when. */
export interface SessionStep {
  readonly method: string
  readonly at: Instant
}

/**
 * The session of somebody signed in: its name (a keyed hash of its token, hex), the identifiers proved by whoever began it, none where a
 * passkey did, and what was proved in it since.
 */
export interface SessionFacts {
  readonly proved: readonly string[]
  readonly session?: string
  readonly steps?: readonly SessionStep[]
}

/** The person, signed in. */
export interface SubjectCaller extends SessionFacts {
  readonly kind: 'subject'
  readonly subject: Uuid
}

/** Somebody signed in as themselves who acts for another person. Whether their authority holds, the policy asks of the facts. */
export interface RepresentativeCaller extends SessionFacts {
  readonly kind: 'representative'
  /** For whom they act. */
  readonly subject: Uuid
  /** The id under which their authority was verified. */
  readonly representative: Uuid
  /** Who they are themselves. */
  readonly person: Uuid
  /** What their authority covers; null where it covers everything. It never changes under one id. */
  readonly scope: readonly RepresentativeAct[] | null
}

/** True of the person and of whoever acts for them: both reach this person's data and nobody else's. */
export function isPersonSide(caller: Caller): caller is PersonCaller {
  return caller.kind === 'subject' || caller.kind === 'representative'
}

/** The actor as the policy knows it. */
export function actorOf(caller: Caller): Actor {
  switch (caller.kind) {
    case 'subject':
      return { kind: 'subject', name: '' }
    case 'representative':
      return { kind: 'representative', name: caller.representative }
    case 'service':
    case 'staff':
      return { kind: caller.kind, name: caller.name }
  }
}

/** How the ledger names the caller: a service by its credential, staff by their pseudonym, a representative by the id of their authority, the person not at all. */
export function ledgerNameOf(caller: Caller): {
  readonly kind: string
  readonly name: string
  readonly id?: string
  readonly deputyOf?: string
} {
  switch (caller.kind) {
    case 'service':
      return { kind: 'service', name: caller.name, id: caller.credential }
    case 'staff':
      return {
        ...{ kind: 'staff', name: caller.name, id: caller.pseudonym },
        ...(caller.deputyOf === undefined ? {} : { deputyOf: caller.deputyOf }),
      }
    case 'representative':
      return { kind: 'representative', name: caller.representative }
    case 'subject':
      return { kind: 'subject', name: '' }
  }
}

/** Whose attempts are counted together: a deputy's are their own, whatever name they act under. */
export function counterOf(caller: Caller): string {
  return caller.kind === 'staff' ? caller.staff : callerId(caller)
}

/** Tells callers apart within this process. */
export function callerId(caller: Caller): string {
  switch (caller.kind) {
    case 'service':
      return caller.credential === OWN_CREDENTIAL ? `own ${caller.name}` : caller.credential
    case 'staff':
      return caller.deputyOf === undefined ? caller.staff : `${caller.staff} as ${caller.deputyOf}`
    case 'representative':
      return caller.representative
    case 'subject':
      return caller.subject
  }
}
