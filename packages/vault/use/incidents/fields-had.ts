import type { PersonEvent } from '@doverie/core/consent'
import type { Instant } from '@doverie/core/base'

/**
 * Which fields of a person held anything before a moment, as far as the events tell: what they never gave, nobody got. Of a compartment
 * that was written before it was noted which of its fields hold anything, any of its fields may have, until they were noted: what is
 * collected later says nothing of what was cleared before it.
 */
export function fieldsHad(
  events: readonly PersonEvent[],
  before: Instant,
): (field: string, compartment: string) => boolean {
  const had = new Set<string>()
  const unknown = new Set<string>()
  const noted = new Set<string>()
  for (const event of events) {
    if (event.kind === 'fields-noted') for (const name of Object.keys(event.fields)) noted.add(name)
    if (event.kind !== 'collected' && event.kind !== 'fields-noted') continue
    // What is noted later was held before: it was found in what had been sealed long since.
    if (event.kind === 'collected' && event.at >= before) continue
    for (const field of Object.values(event.fields ?? {}).flat()) had.add(field)
    if (event.kind !== 'collected') continue
    for (const name of event.compartments) if (event.fields?.[name] === undefined) unknown.add(name)
  }
  return (field, compartment) => had.has(field) || (unknown.has(compartment) && !noted.has(compartment))
}
