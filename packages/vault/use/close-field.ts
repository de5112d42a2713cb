import type { Facts } from '@doverie/core/base'
import type { Changing } from '../guard/change.ts'

/** To what the person has closed a field, leaving out what a destruction that waits stops for a time. */
export function closedTo({ closed, erasure }: Facts, field: string): readonly string[] {
  const own = erasure?.closed ?? {}
  if (Object.hasOwn(own, field)) return own[field] ?? []
  return Object.hasOwn(closed, field) ? (closed[field] ?? []) : []
}

/**
 * Closes a field to purposes. Where a destruction of it waits, the field stays closed to all, and this is what it is closed to if
 * that is cancelled: what is chosen meanwhile is neither lost then nor opens what waits.
 */
export function closeField({ apply, facts, at }: Changing, field: string, purposes: readonly string[]): void {
  const { erasure } = facts()
  if (erasure?.closed === undefined || !Object.hasOwn(erasure.closed, field)) {
    apply({ kind: 'field-closed', field, purposes, at })
    return
  }
  const closed = { ...erasure.closed, [field]: [...new Set(purposes)].sort() }
  apply({ kind: 'erasure-asked', erasure: { ...erasure, closed }, at })
}
