import type { Declarations, Form } from './model.ts'

/** A JSON Schema 2020-12 of the object of values that a form sends. */
export interface ValuesSchema {
  readonly $schema: 'https://json-schema.org/draft/2020-12/schema'
  readonly type: 'object'
  readonly additionalProperties: false
  readonly properties: Readonly<
    Record<string, { readonly type: 'string'; readonly minLength: 1; readonly maxLength: number }>
  >
  readonly required: readonly string[]
  readonly allOf: readonly { readonly oneOf: readonly OptionSchema[] }[]
}

interface OptionSchema {
  readonly required: readonly string[]
  readonly not: { readonly anyOf: readonly { readonly required: readonly [string] }[] }
}

/** The schema of a form's values: exactly its fields, its mandatory ones, and one option of each choice. */
export function valuesSchema(policy: Declarations, form: Form): ValuesSchema {
  const properties: Record<string, ValuesSchema['properties'][string]> = {}
  for (const { field } of form.fields) {
    properties[field] = { type: 'string', minLength: 1, maxLength: policy.fields.get(field)?.maxLength ?? 1 }
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    additionalProperties: false,
    properties,
    required: form.fields.filter(({ mandatory }) => mandatory !== null).map(({ field }) => field),
    allOf: form.choices.map(({ options, mandatory }) => ({ oneOf: alternatives(options, mandatory !== null) })),
  }
}

function alternatives(options: readonly (readonly string[])[], mandatory: boolean): readonly OptionSchema[] {
  const all = options.flat()
  const chosen = options.map((option) => ({
    required: option,
    not: without(all.filter((field) => !option.includes(field))),
  }))
  return mandatory ? chosen : [...chosen, { required: [], not: without(all) }]
}

function without(fields: readonly string[]): OptionSchema['not'] {
  return { anyOf: fields.map((field) => ({ required: [field] as const })) }
}
