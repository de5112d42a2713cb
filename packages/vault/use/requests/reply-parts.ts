import type { Uuid } from '@doverie/core/base'

/** The part of a letter under which a reply's twin for machines is sealed; the reply itself lies under its id. */
export function exportPart(reply: Uuid): string {
  return `${reply} export`
}
