import Type from 'typebox'
import { type SubjectParams, subjectParams } from './decided.ts'
import { json, type None, type Operation } from './operation.ts'
import { CLOSED, type SchemaOf, schemaOf } from './schema.ts'

/** The person in the address of an operation. */
export const onePerson: SchemaOf<SubjectParams> = schemaOf<SubjectParams>()(Type.Object(subjectParams, CLOSED))

/** An act of staff, or of a service, on one person. */
export function actOnPerson<Body, Answer>(
  id: string,
  path: string,
  summary: string,
  body: SchemaOf<Body>,
  answer: SchemaOf<Answer>,
): Operation<SubjectParams, None, Body, Answer> {
  return {
    id,
    method: 'POST',
    path: `/v1/people/:subject/${path}`,
    summary,
    tags: ['people'],
    auth: ['staff', 'service'],
    params: onePerson,
    query: null,
    body,
    success: json(answer),
  }
}
