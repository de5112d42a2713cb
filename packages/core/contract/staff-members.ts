import Type from 'typebox'
import { json, type None, NOTHING, type Operation } from './operation.ts'
import { CLOSED, integerOrNull, type SchemaOf, schemaOf, uuid } from './schema.ts'

const tags = ['staff']
const auth = ['staff'] as const

/** A member of staff. Instants are milliseconds. */
export interface StaffMember {
  readonly staff: string
  readonly pseudonym: string
  readonly role: string
  readonly addedAt: number
  /** Since when they are switched off; null while they may act. */
  readonly switchedOffAt: number | null
  /** Where they are signed in now. */
  readonly sessions: readonly { readonly begunAt: number; readonly expiresAt: number }[]
}

export interface StaffList {
  readonly members: readonly StaffMember[]
}

export const listStaff: Operation<None, None, None, StaffList> = {
  id: 'listStaff',
  method: 'GET',
  path: '/v1/staff',
  summary: 'All members of staff there ever were, by pseudonym, with their sessions.',
  tags,
  auth,
  params: null,
  query: null,
  body: null,
  success: json(
    schemaOf<StaffList>()(
      Type.Object({
        members: Type.Array(
          Type.Object({
            staff: Type.String(),
            pseudonym: Type.String(),
            role: Type.String(),
            addedAt: Type.Integer(),
            switchedOffAt: integerOrNull(),
            sessions: Type.Array(Type.Object({ begunAt: Type.Integer(), expiresAt: Type.Integer() })),
          }),
        ),
      }),
    ),
  ),
}

export interface StaffParams {
  readonly staff: string
}

const oneMember: SchemaOf<StaffParams> = schemaOf<StaffParams>()(Type.Object({ staff: uuid }, CLOSED))

/** `path` is the link's, to be given to the member. */
export interface StaffLink {
  readonly path: string
}

export const newStaffLink: Operation<StaffParams, None, None, StaffLink> = {
  id: 'newStaffLink',
  method: 'POST',
  path: '/v1/staff/:staff/link',
  summary:
    'A fresh one-time sign-in link for a member of staff, good for a day; ends a colleague’s sessions and unused links.',
  tags,
  auth,
  params: oneMember,
  query: null,
  body: null,
  success: { ...json(schemaOf<StaffLink>()(Type.Object({ path: Type.String() }))), status: 201 },
}

export const endStaffSessions: Operation<StaffParams, None, None, null> = {
  ...newStaffLink,
  id: 'endStaffSessions',
  method: 'DELETE',
  path: '/v1/staff/:staff/sessions',
  summary: 'Ends all sessions and unused links of a member of staff. Effective when answered.',
  success: NOTHING,
}

export const switchOffStaff: Operation<StaffParams, None, None, null> = {
  ...endStaffSessions,
  id: 'switchOffStaff',
  path: '/v1/staff/:staff',
  summary: 'Switches a member of staff off, for good: sessions and links end at once. The last who may do this stays.',
}
