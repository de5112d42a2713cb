import Type from 'typebox'
import type { Facts } from '../base/index.ts'
import { type CodeSent, codeSent, type Permitted, permitted } from './decided.ts'
import { orNull, type SchemaOf, schemaOf, textOrNull } from './schema.ts'

/** What stays of a person although a purpose has ended: the ground, its article and until when. */
export interface KeptData {
  readonly compartment: string
  readonly fields: readonly string[]
  readonly ground: string
  /** Language to the article's name. */
  readonly article: Readonly<Record<string, string>>
  /** False where a lawyer must still confirm the norm and the term. */
  readonly verified: boolean
  readonly purposes: readonly string[]
  /** True while a contract in force keeps it. */
  readonly inForce: boolean
  /** The last day it is kept, in the operator's zone; null while the contract or consent lives. */
  readonly lastDay: string | null
}

const keptData: SchemaOf<KeptData> = schemaOf<KeptData>()(
  Type.Object({
    compartment: Type.String(),
    fields: Type.Array(Type.String()),
    ground: Type.String(),
    article: Type.Unsafe<Readonly<Record<string, string>>>({
      type: 'object',
      additionalProperties: { type: 'string' },
      description: "Language to the article's name.",
    }),
    verified: Type.Boolean(),
    purposes: Type.Array(Type.String()),
    inForce: Type.Boolean(),
    lastDay: textOrNull(10),
  }),
)

/** What is held of a person, on which grounds, with which settings: no value is in it. */
export interface DescribedPerson extends Permitted {
  readonly facts: Facts
  readonly kept: readonly KeptData[]
}

export const described: {
  facts: ReturnType<typeof Type.Unsafe<Facts>>
  kept: ReturnType<typeof Type.Array<ReturnType<typeof Type.Unsafe<KeptData>>>>
} = {
  facts: Type.Unsafe<Facts>({
    type: 'object',
    additionalProperties: true,
    description: 'State, compartments held, proofs, confirmation, block, contracts, consents, settings.',
  }),
  kept: Type.Array(Type.Unsafe<KeptData>(keptData)),
}

export const describedPerson: SchemaOf<DescribedPerson> = schemaOf<DescribedPerson>()(
  Type.Object({ ...permitted, ...described }),
)

/** A purpose or a contract has ended. */
export interface EndedGround extends Permitted {
  readonly kept: readonly KeptData[]
  /** Compartments that no legal ground keeps any more. */
  readonly unkept: readonly string[]
}

export const endedGround: SchemaOf<EndedGround> = schemaOf<EndedGround>()(
  Type.Object({ ...permitted, kept: described.kept, unkept: Type.Array(Type.String()) }),
)

export interface DestroyedData extends Permitted {
  /** Compartments whose keys are gone. */
  readonly destroyed: readonly string[]
  /** True where nothing was kept and the person is destroyed. */
  readonly person: boolean
  readonly kept: readonly KeptData[]
  /** What opens the ledger's entries of the act and of its end. Whoever holds it can prove both to anybody, for ever. */
  readonly receipts: readonly EntryReceipt[]
  /** Where it waits, to be cancelled until its day: then nothing is destroyed yet. */
  readonly waits: WaitingErasure | null
}

/** A request to be destroyed that waits. `due` in milliseconds. */
export interface WaitingErasure {
  readonly id: string
  readonly due: number
  /** Private: whoever holds it can have the receipts once it was carried out (`erasureReceipts`). 64 hex digits. */
  readonly claim: string
}

/** Opens an entry of the ledger that had no place in the tree yet. Private. */
export interface EntryReceipt {
  /** Its place is not before this one. */
  readonly after: number
  readonly salt: string
  readonly body: string
}

const entryReceipt = Type.Object({
  after: Type.Integer({ description: 'The place in the tree is not before this one.' }),
  salt: Type.String({ description: '32 bytes, hex.' }),
  body: Type.String({ description: 'Canonical JSON.' }),
})

export interface ErasureReceipts {
  readonly receipts: readonly EntryReceipt[]
}

export const erasureReceiptsAnswer: SchemaOf<ErasureReceipts> = schemaOf<ErasureReceipts>()(
  Type.Object({ receipts: Type.Array(entryReceipt) }),
)

export const destroyedData: SchemaOf<DestroyedData> = schemaOf<DestroyedData>()(
  Type.Object({
    ...permitted,
    destroyed: Type.Array(Type.String()),
    person: Type.Boolean(),
    kept: described.kept,
    receipts: Type.Array(entryReceipt),
    waits: orNull<WaitingErasure>(
      schemaOf<WaitingErasure>()(Type.Object({ id: Type.String(), due: Type.Integer(), claim: Type.String() })),
    ),
  }),
)

export interface CorrectedValues extends Permitted {
  /** The fields that now hold another value. */
  readonly changed: readonly string[]
  /** Where the person changed their own e-mail: the code that went to the new address. */
  readonly signIn: CodeSent | null
}

export const correctedValues: SchemaOf<CorrectedValues> = schemaOf<CorrectedValues>()(
  Type.Object({ ...permitted, changed: Type.Array(Type.String()), signIn: orNull<CodeSent>(codeSent) }),
)

/** A recorded act that has no further answer. */
export const recorded: SchemaOf<Permitted> = schemaOf<Permitted>()(Type.Object({ ...permitted }))
