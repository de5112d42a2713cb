import { plansOf } from '../compile.ts'
import { type ActorDeclaration, actorKey, type Form } from '../model.ts'
import type { Policy } from '../policy.ts'

/** What a form loses, or newly asks: a site that sends it as before is refused. */
export interface BrokenForm {
  readonly form: string
  readonly gone: boolean
  /** Fields that it no longer declares: sent all the same, they are refused. */
  readonly fieldsGone: readonly string[]
  /** Fields and choices that must be filled and needed not before. */
  readonly newlyMandatory: readonly string[]
  /** Purposes whose consent it newly asks for. */
  readonly consentsAdded: readonly string[]
  readonly entitiesGone: readonly string[]
  /** Its purpose or its service, where there is none such any more. */
  readonly closed: readonly string[]
}

/** Calling software, or a role, that may do less. */
export interface BrokenCaller {
  /** `service billing`, `staff support`. */
  readonly actor: string
  readonly gone: boolean
  /** Purposes for which it may do nothing any more. */
  readonly purposesClosed: readonly string[]
  /** Of the purposes that are left: fields that it may do nothing with any more. */
  readonly fieldsClosed: readonly { readonly purpose: string; readonly fields: readonly string[] }[]
}

/** A service on offer that cannot be ordered, or performed, as before. */
export interface BrokenService {
  readonly service: string
  readonly gone: boolean
  readonly entitiesGone: readonly string[]
}

export interface Breaks {
  readonly forms: readonly BrokenForm[]
  readonly callers: readonly BrokenCaller[]
  readonly services: readonly BrokenService[]
}

/** What stops working where `after` follows `before`, by what the two declare: no fact of anybody is looked at. */
export function breaksBetween(before: Policy, after: Policy): Breaks {
  return {
    forms: [...before.forms.values()].flatMap((form) => brokenForm(after, form)),
    callers: brokenCallers(before, after),
    services: [...before.services.values()].flatMap(({ id, entities }) => {
      const now = after.services.get(id)
      const entitiesGone = now === undefined ? [] : without(entities, now.entities)
      return now !== undefined && entitiesGone.length === 0
        ? []
        : [{ service: id, gone: now === undefined, entitiesGone }]
    }),
  }
}

const WHOLE = { fieldsGone: [], newlyMandatory: [], consentsAdded: [], entitiesGone: [], closed: [] } as const

function brokenForm(after: Policy, form: Form): readonly BrokenForm[] {
  const now = after.forms.get(form.id)
  if (now === undefined) return [{ form: form.id, gone: true, ...WHOLE }]
  const broken: BrokenForm = {
    form: form.id,
    gone: false,
    fieldsGone: without(namesOf(form.fields), namesOf(now.fields)),
    newlyMandatory: without(mandatoryOf(now), mandatoryOf(form)),
    consentsAdded: without(purposesOf(now), purposesOf(form)),
    entitiesGone: without(form.entities, now.entities),
    closed: [
      ...(after.purposes.has(form.purpose) ? [] : [form.purpose]),
      ...(form.service === null || after.services.has(form.service) ? [] : [form.service]),
    ],
  }
  const whole = Object.values(broken).every((value) => !Array.isArray(value) || value.length === 0)
  return whole ? [] : [broken]
}

function namesOf(fields: Form['fields']): readonly string[] {
  return fields.map(({ field }) => field)
}

/** Names of mandatory fields, and of choices by what they offer. */
function mandatoryOf({ fields, choices }: Form): readonly string[] {
  const chosen = choices.flatMap(({ mandatory, options }) =>
    mandatory === null ? [] : [options.map((option) => option.join(' + ')).join(' | ')],
  )
  return [...fields.flatMap(({ field, mandatory }) => (mandatory === null ? [] : [field])), ...chosen]
}

function purposesOf({ consents }: Form): readonly string[] {
  return consents.map(({ purpose }) => purpose)
}

function brokenCallers(before: Policy, after: Policy): readonly BrokenCaller[] {
  return [...before.actors.values()].flatMap((actor): BrokenCaller[] => {
    const key = actorKey(actor)
    const stays = after.actors.get(actor.id)
    if (stays === undefined || actorKey(stays) !== key) {
      return [{ actor: key, gone: true, purposesClosed: [], fieldsClosed: [] }]
    }
    const open = openTo(after, actor)
    const purposesClosed: string[] = []
    const fieldsClosed: { purpose: string; fields: readonly string[] }[] = []
    for (const [purpose, fields] of openTo(before, actor)) {
      const still = open.get(purpose)
      const closed = without([...fields], [...(still ?? [])])
      if (still === undefined) purposesClosed.push(purpose)
      else if (closed.length > 0) fieldsClosed.push({ purpose, fields: closed })
    }
    const whole = purposesClosed.length + fieldsClosed.length === 0
    return whole ? [] : [{ actor: key, gone: false, purposesClosed, fieldsClosed }]
  })
}

/** Purpose -> the fields (or `person`) for which some rule permits the actor something. */
function openTo(policy: Policy, { kind, id }: ActorDeclaration): ReadonlyMap<string, ReadonlySet<string>> {
  const open = new Map<string, Set<string>>()
  for (const purposes of plansOf(policy.index, kind, id)?.values() ?? []) {
    for (const [purpose, entities] of purposes) {
      for (const { fields } of entities.values()) {
        for (const [field, { permits, always }] of fields) {
          if (permits.length === 0 || always.some(({ needs }) => needs === 0)) continue
          const known = open.get(purpose) ?? new Set()
          open.set(purpose, known.add(field))
        }
      }
    }
  }
  return open
}

function without(names: readonly string[], gone: readonly string[]): readonly string[] {
  return names.filter((name) => !gone.includes(name)).sort()
}
