import type { DecisionIndex } from './compile.ts'
import type { Declarations, Service } from './model.ts'

/** A parsed bundle: what it declares, and the index that `decide` walks. Immutable. */
export interface Policy extends Declarations {
  readonly index: DecisionIndex
}

/** The services of an entity that rules mean by a name, a service's own or a trait. */
export function servicesFor({ index, services }: Policy, entity: string, name: string): readonly Service[] {
  const ids = index.serving.get(name) ?? []
  return ids.flatMap((id) => services.get(id) ?? []).filter(({ entities }) => entities.includes(entity))
}
