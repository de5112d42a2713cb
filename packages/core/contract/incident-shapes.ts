import Type, { type TUnsafe } from 'typebox'
import { INCIDENT_RISKS, INCIDENT_STATES, type IncidentRisk, type IncidentState } from '../base/index.ts'
import { integerOrNull, orNull, type SchemaOf, schemaOf } from './schema.ts'

/** A clock of an incident. Instants are milliseconds. */
export interface IncidentClock {
  readonly rule: string
  readonly start: number
  readonly planned: number
  readonly outer: number
  readonly told: number
  readonly endedAt: number | null
  readonly late: boolean
}

/** What a search of the ledger found. `digest` is SHA-256 of the commitments of all entries found, in their order. */
export interface IncidentAffected {
  readonly countedAt: number
  readonly people: number
  readonly entries: number
  /** Entries tied to nobody who is here: of people destroyed since. */
  readonly untied: number
  readonly compartments: readonly string[]
  readonly fields: readonly string[]
  readonly first: Evidence | null
  readonly last: Evidence | null
  readonly digest: string
  readonly searched: { readonly from: number; readonly to: number } | null
}

export interface RegisteredIncident {
  readonly id: string
  readonly number: string
  readonly profile: string
  readonly state: IncidentState
  readonly risk: IncidentRisk | null
  readonly detectedAt: number
  readonly openedAt: number
  readonly openedBy: string
  readonly dueAt: number | null
  readonly endedAt: number | null
  readonly late: boolean
  readonly clocks: readonly IncidentClock[]
  /** True while who was affected is being looked for, or told. */
  readonly searching: boolean
  readonly telling: boolean
  readonly affected: IncidentAffected | null
  /** What to look at twice: the period looked through begins after the moment of finding. */
  readonly warnings: readonly IncidentWarning[]
}

export type IncidentWarning = 'begins-after-finding'

interface Evidence {
  readonly place: number
  readonly leaf: string
  readonly at: number
}
const evidence = orNull<Evidence>(
  schemaOf<Evidence>()(Type.Object({ place: Type.Integer(), leaf: Type.String(), at: Type.Integer() })),
)
const places = orNull<{ readonly from: number; readonly to: number }>(
  schemaOf<{ readonly from: number; readonly to: number }>()(Type.Object({ from: Type.Integer(), to: Type.Integer() })),
)
export const stateOf: TUnsafe<IncidentState> = Type.Unsafe<IncidentState>({
  type: 'string',
  enum: [...INCIDENT_STATES],
})
export const riskOf: TUnsafe<IncidentRisk> = Type.Unsafe<IncidentRisk>({ type: 'string', enum: [...INCIDENT_RISKS] })

export const registeredIncident: SchemaOf<RegisteredIncident> = schemaOf<RegisteredIncident>()(
  Type.Object({
    id: Type.String(),
    number: Type.String(),
    profile: Type.String(),
    state: stateOf,
    risk: orNull<IncidentRisk>(schemaOf<IncidentRisk>()(riskOf)),
    detectedAt: Type.Integer(),
    openedAt: Type.Integer(),
    openedBy: Type.String(),
    dueAt: integerOrNull(),
    endedAt: integerOrNull(),
    late: Type.Boolean(),
    clocks: Type.Array(
      Type.Object({
        rule: Type.String(),
        start: Type.Integer(),
        planned: Type.Integer(),
        outer: Type.Integer(),
        told: Type.Integer(),
        endedAt: integerOrNull(),
        late: Type.Boolean(),
      }),
    ),
    searching: Type.Boolean(),
    telling: Type.Boolean(),
    affected: orNull<IncidentAffected>(
      schemaOf<IncidentAffected>()(
        Type.Object({
          countedAt: Type.Integer(),
          people: Type.Integer(),
          entries: Type.Integer(),
          untied: Type.Integer(),
          compartments: Type.Array(Type.String()),
          fields: Type.Array(Type.String()),
          first: evidence,
          last: evidence,
          digest: Type.String(),
          searched: places,
        }),
      ),
    ),
    warnings: Type.Array(Type.Unsafe<IncidentWarning>({ type: 'string', enum: ['begins-after-finding'] })),
  }),
)

/** The same within another answer. */
export const anIncident: TUnsafe<RegisteredIncident> = Type.Unsafe<RegisteredIncident>(registeredIncident)
