import type { BlockReason, GroundKind, Instant, Localised, Period, ProfileId } from '../base/index.ts'
import type { ClauseText } from './clauses.ts'
import type { Reason } from './decision.ts'
import type { Place } from './problem.ts'
import type { Invariant } from './prove/invariant.ts'
import type { FieldKind } from './values/index.ts'

/** What every declared thing has: its name, where it is declared, and the clauses it rests on (never empty). */
interface Declared {
  readonly id: string
  readonly at: Place
  readonly clauses: readonly string[]
}

export interface Labelled extends Declared {
  readonly label: Localised
}

export interface Purpose extends Labelled {
  readonly grounds: readonly GroundKind[]
  /** Names of grounds in the law's profile; where none names a kind, the law's ground of that very name is meant. */
  readonly basis: readonly string[]
  /** The article, where a ground is law. */
  readonly norm: Localised | null
  /** The term of the Data Privacy Vocabulary. */
  readonly dpv: string
  /** What it means for the person, in plain words. */
  readonly plain: Localised
}

export interface Category extends Labelled {
  readonly dpv: string
  /** The special category of the law's profile that it is (`health`); null for ordinary data. */
  readonly special: string | null
}

/** Fields with the same purposes and the same fate: sealed under one key, destroyed together. */
export interface Compartment {
  readonly id: string
  readonly at: Place
  readonly label: Localised
  readonly purposes: readonly string[]
}

export interface Field extends Labelled {
  readonly category: string
  readonly compartment: string
  readonly kind: FieldKind
  /** Longest raw value taken, in UTF-16 units. */
  readonly maxLength: number
  /** True where the field holds a list of values. */
  readonly list: boolean
  /** Who says it: the person through a form, or the operator, who issues it. */
  readonly source: 'person' | 'operator'
  /** Set where people are found by this field's exact value. */
  readonly identifies: 'email' | 'phone' | 'contract-number' | null
  /** Whose data it is: the person's, or another's whom they named. What is another's is in no answer to the person (152-FZ art. 14(2)). */
  readonly whose: 'person' | 'other'
}

/** What a role may do that no rule speaks of: give and take access, put a policy in force, read the ledger's bodies, see to people's requests. */
export const DUTIES = ['access', 'adopt', 'audit', 'requests'] as const
export type Duty = (typeof DUTIES)[number]

export interface ActorDeclaration extends Labelled {
  readonly kind: 'subject' | 'representative' | 'service' | 'staff'
  /** Empty for all but staff. */
  readonly duties: readonly Duty[]
}

export const RECIPIENT_KINDS = ['entity', 'processor', 'third-party', 'authority'] as const
export type RecipientKind = (typeof RECIPIENT_KINDS)[number]

/** Somebody data may go to. The operator's own entities are recipients too, of one another. */
export interface Recipient extends Labelled {
  readonly kind: RecipientKind
  /** The norm by which it may ask for data; needed for an authority. */
  readonly norm: Localised | null
  /** What binds it to the operator's instructions (152-FZ art. 6(3)); needed for a processor. */
  readonly contract: Localised | null
  /** ISO 3166-1 alpha-2; null of the operator's own entities. */
  readonly country: string | null
  /** False where a lawyer must still confirm the norm or the contract. */
  readonly verified: boolean
  /** Where it is written to; null where letters to it are printed, or have no address sheet. */
  readonly email: string | null
  readonly address: Localised | null
  /** Of an authority: each norm by which it demands data, with what that norm covers. Empty: what is asked for by name, by its one norm. */
  readonly demands: readonly DemandNorm[]
}

/** A norm by which an authority demands data: no more is given than it covers. */
export interface DemandNorm extends Labelled {
  readonly norm: Localised
  /** Categories, compartments or fields; empty covers what a demand names. */
  readonly data: readonly string[]
  /** In which the demand is answered; null where the demand itself says. */
  readonly term: { readonly unit: 'working-days' | 'calendar-days'; readonly count: number } | null
}

/** The first day of something in the operator's zone, and its first instant. */
export interface Effective {
  /** As written (`2027-01-31`). */
  readonly day: string
  readonly from: Instant
}

/** A service that is offered. `traits` are what rules and retention ask of it. */
export interface Service extends Labelled {
  readonly entities: readonly string[]
  readonly traits: readonly string[]
  /** True where the operator issues a contract number. */
  readonly numbered: boolean
  /** Recipients other than the entities that the service cannot do without. */
  readonly processors: readonly string[]
  /** For how many milliseconds without a word of the person its contract still keeps data by itself; null where for good. */
  readonly idle: number | null
  /** The same of data that nobody confirmed, from their collection on. */
  readonly unconfirmed: number | null
  /** False where a lawyer must still confirm these two terms, of which the law says nothing. */
  readonly verified: boolean
  /** When its supplement comes into force; null where it does with the bundle. */
  readonly effective: Effective | null
}

/** What a file of its own says of one entity: it narrows the base policy for that entity's acts, and adds data of its own. */
export interface Overlay {
  /** The entity, which the base policy declares. */
  readonly id: string
  readonly at: Place
  readonly clauses: readonly string[]
  /** Recipients other than the entities to which its rules hand data. */
  readonly processors: readonly string[]
  /** When it comes into force; null where it does with the bundle. */
  readonly effective: Effective | null
}

/** A choice of names: those listed, all, or all but those listed. */
export type Selector = { readonly only: readonly string[] } | { readonly except: readonly string[] }

/** What a rule may ask of the act and the facts; the closed list. All of a rule's predicates must hold. */
export type Predicate =
  | { readonly is: 'ground'; readonly kind: GroundKind }
  /** No live ground of that kind: the opposite of `ground`. */
  | { readonly is: 'without-ground'; readonly kind: GroundKind }
  | { readonly is: 'contract-for'; readonly service: string }
  | { readonly is: 'confirmed' }
  | { readonly is: 'unconfirmed' }
  | { readonly is: 'unconfirmed-longer-than'; readonly milliseconds: number }
  | { readonly is: 'blocked' }
  | { readonly is: 'blocked-for'; readonly reasons: readonly BlockReason[] }
  | { readonly is: 'ticket' }
  | { readonly is: 'closed-by-subject' }
  | { readonly is: 'proved'; readonly identifier: string }
  | { readonly is: 'not-retained' }
  | { readonly is: 'minor' }
  /** Somebody acts for the person by verified authority; for a minor by law. A representative who acts: they themselves. */
  | { readonly is: 'represented' }
  | { readonly is: 'unrepresented' }
  | { readonly is: 'on-hold' }
  /** The act names a recipient, and one of these (ids or kinds). An entity is no recipient of its own acts. */
  | { readonly is: 'recipient'; readonly names: readonly string[] }
  /** The opposite of `recipient`: it holds of an act that names none, too. */
  | { readonly is: 'not-recipient'; readonly names: readonly string[] }
  /** Never written: asked by every rule of a supplement that comes into force later than its bundle. */
  | { readonly is: 'in-force'; readonly from: Instant }

export interface Rule extends Declared {
  readonly effect: 'permit' | 'refuse'
  /** What a refusal by this rule says; always `rule` for a permit. */
  readonly reason: Reason
  readonly actors: Selector
  readonly operations: Selector
  readonly purposes: Selector
  readonly entities: Selector
  /** Categories, compartments, fields, or `person` for acts that name no field. */
  readonly data: Selector
  readonly when: readonly Predicate[]
}

/** What keeps data although a purpose has ended. */
export interface Retention extends Declared {
  /** What it hangs on: a contract of one of `services` (ids or traits), a consent, a legal hold. It holds while that is live. */
  readonly kind: 'contract' | 'consent' | 'hold'
  /** The retention ground of the law's profile; null where the bundle's article stands alone. */
  readonly basis: string | null
  readonly article: Localised
  /** False where a lawyer must still confirm the norm and the term. */
  readonly verified: boolean
  readonly services: readonly string[]
  readonly data: readonly string[]
  /** What the data may still be used for once nothing else holds them. */
  readonly purposes: readonly string[]
  /** How long it holds after the contract or the consent has ended; null where it ends with it. */
  readonly after: { readonly term: Period; readonly from: 'event' | 'end-of-year' } | null
}

export interface Mandatory {
  readonly clause: string
  readonly reason: Localised
}

interface FormField {
  readonly at: Place
  readonly field: string
  readonly mandatory: Mandatory | null
}

/** Fields of which exactly one option is filled, wholly (or none at all where it is not mandatory). */
interface FormChoice {
  readonly id: string
  readonly at: Place
  readonly mandatory: Mandatory | null
  readonly options: readonly (readonly string[])[]
}

/** A consent asked for on its own: its own document, never ticked beforehand. */
interface FormConsent {
  readonly at: Place
  readonly purpose: string
  readonly clauses: readonly string[]
  readonly document: Localised
}

export interface Form extends Labelled {
  readonly channel: string
  readonly entities: readonly string[]
  /** The purpose under which the submission is decided and recorded. */
  readonly purpose: string
  /** What the collection rests on: the contract that the submission makes, or the consent to `purpose` given with it. */
  readonly ground: 'contract' | 'consent'
  /** The service whose contract the submission makes; null where it rests on consent. */
  readonly service: string | null
  readonly notice: Localised
  readonly fields: readonly FormField[]
  readonly choices: readonly FormChoice[]
  readonly consents: readonly FormConsent[]
  /** The campaign it belongs to; null where to none. */
  readonly campaign: string | null
}

export interface Campaign extends Labelled {
  readonly form: string
  /** The last day, as written (`2027-01-31`), and the first instant after it in the operator's zone. */
  readonly lastDay: string
  readonly ends: Instant
}

export interface Measure extends Declared {
  readonly text: Localised
  /** True of a remark among the operator's own people (to an editor, a lawyer): no document tells it to anybody else. */
  readonly internal: boolean
}

export interface Informational {
  readonly at: Place
  readonly clauses: readonly string[]
  readonly reason: Localised
}

export interface Operator {
  readonly at: Place
  readonly clauses: readonly string[]
  readonly name: string
  readonly site: string
  readonly email: string
  readonly address: Localised
  /** The marks that letters are asked to carry. An unmarked letter of that meaning counts as much. */
  readonly marks: { readonly withdrawal: string; readonly information: string }
}

/** The clauses that answers name where no declaration speaks. */
export interface Defaults {
  readonly at: Place
  /** Of what no rule permits. */
  readonly noRule: readonly string[]
  /** Of data that are not there. */
  readonly noLiveData: readonly string[]
  /** Of a value that nothing declares. */
  readonly undeclared: readonly string[]
  /** Of a name that is none of the policy's, by what it was to name. */
  readonly unknown: {
    readonly purpose: readonly string[]
    readonly entity: readonly string[]
    readonly field: readonly string[]
  }
  /** Of acts that no rule speaks of: data confirmed, a destruction ended, access given or taken, a policy put in force. */
  readonly acts: {
    readonly confirm: readonly string[]
    readonly destroy: readonly string[]
    readonly access: readonly string[]
    readonly adopt: readonly string[]
  }
}

/** After how long data are doubtful (152-FZ art. 5(6)): the law gives no terms. Milliseconds. */
export interface Doubts {
  readonly at: Place
  readonly clauses: readonly string[]
  /** Without a word of the person: then they are asked whether their data are still right. */
  readonly old: number
  /** Of an identifier whose owner never answered a code. */
  readonly unproved: number
  /** False where a lawyer must still confirm the terms. */
  readonly verified: boolean
}

/**
 * How long a person's own request to be destroyed waits, in which it can be cancelled: whoever took a session over destroys
 * nothing unseen.
 */
export interface Erasure {
  readonly at: Place
  readonly clauses: readonly string[]
  /** Milliseconds. */
  readonly delay: number
}

/**
 * What every form asks of a person's age: whether they are of age, never a date of birth, for the rules ask no more
 * (`minor`). Which age that is the question says.
 */
export interface AgeQuestion {
  readonly at: Place
  readonly clauses: readonly string[]
  readonly question: Localised
  /** Why it is asked, shown beside it. */
  readonly reason: Localised
  /** The two answers. */
  readonly adult: Localised
  readonly minor: Localised
}

/** Fields that hold what the certificate of a signature names, and how far its form goes alone. */
export interface SignatureNames {
  readonly surname: string | null
  /** The given name, and a patronymic after it, which certificates keep in one attribute. */
  readonly givenNames: readonly string[]
  readonly inn: string | null
  readonly snils: string | null
  /** Up to which level of identity a signature that goes with the letter shows who wrote, without anybody's word on its certificate. */
  readonly formAlone: 0 | 1
}

/** The parts that the software itself lives by, and the names of the bundle that play them. */
export interface System {
  readonly at: Place
  /** The purpose under which people, or staff for them, exercise rights over their data. */
  readonly rights: string
  /** The purpose of the operator's own duties under law. */
  readonly law: string
  /** The field whose mailbox signs a person in and is written to. */
  readonly signIn: string
  /** The field that keeps the evidence of consents, one record each (152-FZ art. 9(3)). */
  readonly consentEvidence: string
  /** The field that keeps the numbers issued to the person; null where no service is numbered. */
  readonly contractNumbers: string | null
  /** The field by which, together with one of `besideSurname`, staff find people; null where they do not. */
  readonly surname: string | null
  /** Fields of which somebody tells enough to be told apart from others of that surname. */
  readonly besideSurname: readonly string[]
  /** What is made of a signature on a letter; null where the bundle says nothing of it, and its form alone shows nothing. */
  readonly signature: SignatureNames | null
  /** The field that keeps by what documents representatives act; null where the bundle knows none. */
  readonly representatives: string | null
  /** The role of the first member of staff, who gives the others access and adopts policies. */
  readonly officer: string
  /**
   * The calling service in whose name the software does what is due of itself: a block on a letter, a destruction on its day. Null in a
   * version that was adopted before there was such a part: then letters are registered, and block and destroy nothing by themselves.
   */
  readonly keeper: string | null
}

/** Everything a bundle declares, by name. */
export interface Declarations {
  /** The format that the bundle is written in; the present one, or a former one of a version long in force. */
  readonly format: number
  readonly bundle: string
  readonly version: string
  /** `bundle@version`: what decisions and contracts name. */
  readonly id: string
  /** The law that the bundle is written under; null where it names none. */
  readonly profile: ProfileId | null
  /** The first is the language that binds. */
  readonly languages: readonly string[]
  /** IANA zone in which days and years of the policy are counted. */
  readonly zone: string
  /** When this version comes into force; null where it does as soon as it is adopted. */
  readonly effective: Effective | null
  readonly official: { readonly title: string; readonly url: string; readonly sha256: string }
  readonly operator: Operator
  readonly texts: ReadonlyMap<string, ClauseText>
  readonly entities: ReadonlyMap<string, Labelled>
  /** Entity -> what its own file says of it. */
  readonly overlays: ReadonlyMap<string, Overlay>
  readonly channels: ReadonlyMap<string, Labelled>
  readonly purposes: ReadonlyMap<string, Purpose>
  readonly categories: ReadonlyMap<string, Category>
  readonly compartments: ReadonlyMap<string, Compartment>
  readonly fields: ReadonlyMap<string, Field>
  readonly actors: ReadonlyMap<string, ActorDeclaration>
  readonly recipients: ReadonlyMap<string, Recipient>
  readonly traits: readonly string[]
  readonly services: ReadonlyMap<string, Service>
  readonly defaults: Defaults
  readonly system: System
  /** Null where no rule asks whether somebody is of age. */
  readonly age: AgeQuestion | null
  /** Null where what a person asks to be destroyed is destroyed at once. */
  readonly erasure: Erasure | null
  /** Null where the bundle says nothing of it: then a year and 30 days. */
  readonly doubts: Doubts | null
  readonly rules: readonly Rule[]
  readonly retention: readonly Retention[]
  readonly forms: ReadonlyMap<string, Form>
  readonly campaigns: ReadonlyMap<string, Campaign>
  /** What the bundle promises of all its decisions; `provePolicy` proves it. */
  readonly invariants: readonly Invariant[]
  readonly measures: readonly Measure[]
  readonly informational: readonly Informational[]
}

/** The pseudo-datum of acts that name no field and concern the person as a whole. */
export const PERSON = 'person'

/** True of the person, and of whoever acts for them: they need no ground for what is the person's own. */
export function isPersonSide(kind: ActorDeclaration['kind']): boolean {
  return kind === 'subject' || kind === 'representative'
}

/** The name under which an actor is told apart from all others. */
export function actorKey(actor: { readonly kind: ActorDeclaration['kind']; readonly id: string }): string {
  return isPersonSide(actor.kind) ? actor.kind : `${actor.kind} ${actor.id}`
}

/** True where a selector takes a name. */
export function selects(selector: Selector, name: string): boolean {
  return 'only' in selector ? selector.only.includes(name) : !selector.except.includes(name)
}
