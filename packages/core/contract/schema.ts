import { AGE_BANDS, type AgeBand } from '../base/index.ts'
import Type, { type Static, type TSchema, type TString, type TUnsafe } from 'typebox'

/** A JSON Schema whose values are of type `T`. The type is a claim that `schemaOf` had the compiler prove. */
export interface SchemaOf<T> extends TSchema {
  /** Never there: it only carries `T`. */
  readonly '~of'?: T
}

/** Arrays and members without `readonly`, which JSON Schema cannot say. */
type Plain<T> = T extends string | number | boolean | null | undefined
  ? T
  : unknown extends T
    ? T
    : T extends readonly (infer Item)[]
      ? Plain<Item>[]
      : { -readonly [Key in keyof T]: Plain<T[Key]> }

type Same<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? unknown : never

/** Ties a schema to the interface it describes: where the two differ, this does not compile. */
export function schemaOf<T>(): <S extends TSchema>(schema: S & Same<Plain<Static<S>>, Plain<T>>) => SchemaOf<T> {
  return (schema) => schema
}

/** Text of at most `maxLength` characters. Every text that comes in is capped. */
export function text(maxLength: number, description?: string): TString {
  return Type.String({ maxLength, ...(description === undefined ? {} : { description }) })
}

/** Text of `maxLength` or null, as one type keyword: unions cost a serialiser more. */
export function textOrNull(maxLength: number): TUnsafe<string | null> {
  return Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength })
}

export function integerOrNull(): TUnsafe<number | null> {
  return Type.Unsafe<number | null>({ type: ['integer', 'null'] })
}

/** An object of any members, made by the server and described elsewhere. */
export function anyObject(description: string): TUnsafe<Readonly<Record<string, unknown>>> {
  return Type.Unsafe<Readonly<Record<string, unknown>>>({ type: 'object', additionalProperties: true, description })
}

/** No member beside those named. */
export const CLOSED: { readonly additionalProperties: false } = { additionalProperties: false }

/** A name of the policy: a purpose, an entity, a field, a form. Whether it knows it, the policy says. */
export const name: TString = Type.String({ minLength: 1, maxLength: 64 })

/** An opaque identifier, lower-case UUID. */
export const uuid: TString = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  maxLength: 36,
})

/** A ticket number of another system; never words. */
export const ticket: TString = Type.String({ pattern: '^[A-Z]{0,8}[-#]?[0-9]{1,12}$', maxLength: 21 })

/** Whether somebody is of age. */
export const ageBand: TUnsafe<AgeBand> = Type.Unsafe<AgeBand>({ type: 'string', enum: [...AGE_BANDS] })

export function orNull<T>(schema: SchemaOf<T>): ReturnType<typeof Type.Unsafe<T | null>> {
  return Type.Unsafe<T | null>({ anyOf: [schema, { type: 'null' }] })
}
