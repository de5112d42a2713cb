import { type Declarations, PERSON, RECIPIENT_KINDS } from './model.ts'
import { type PolicyProblem, problemAt } from './problem.ts'
import { hint, type Reference, type Space } from './reader.ts'

/** The most names for which a near one is looked for: a hostile file may misspell thousands. */
const MOST_HINTS = 50

/** The references of a bundle that lead nowhere. */
export function unresolved(policy: Declarations, references: readonly Reference[]): readonly PolicyProblem[] {
  const spaces = spacesOf(policy)
  const languages = [...policy.languages].sort().join(' ')
  let hints = MOST_HINTS
  return references.flatMap(({ space, name, at, clauses }) => {
    if (space === 'language') {
      return name === languages
        ? []
        : [problemAt(at, `the text must be in ${languages}; it is in ${name || 'none'}`, clauses)]
    }
    const known = spaces[space]
    if (known.has(name)) return []
    // Of numbers the nearest is no likelier than the next.
    const near = space === 'clause' || hints-- <= 0 ? '' : hint(name, [...known])
    return [problemAt(at, `unknown ${space} '${name}'${near}`, clauses)]
  })
}

function spacesOf(policy: Declarations): Readonly<Record<Exclude<Space, 'language'>, ReadonlySet<string>>> {
  const data = [...policy.categories.keys(), ...policy.compartments.keys(), ...policy.fields.keys(), PERSON]
  return {
    // A clause is one of the first language's; that the others have the same is for `checkPolicy`.
    clause: new Set(policy.texts.get(policy.languages[0] ?? '')?.clauses.keys()),
    entity: new Set(policy.entities.keys()),
    channel: new Set(policy.channels.keys()),
    purpose: new Set(policy.purposes.keys()),
    category: new Set(policy.categories.keys()),
    compartment: new Set(policy.compartments.keys()),
    field: new Set(policy.fields.keys()),
    datum: new Set(data),
    form: new Set(policy.forms.keys()),
    actor: new Set(policy.actors.keys()),
    recipient: new Set(policy.recipients.keys()),
    'recipient or kind': new Set<string>([...policy.recipients.keys(), ...RECIPIENT_KINDS]),
    trait: new Set(policy.traits),
    service: new Set(policy.services.keys()),
    'service or trait': new Set([...policy.services.keys(), ...policy.traits]),
  }
}
