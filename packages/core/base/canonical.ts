/** JSON values that have exactly one canonical text here: no fractions, no `undefined`. */
export type Canonical =
  | string
  | number
  | boolean
  | null
  | readonly Canonical[]
  | { readonly [key: string]: Canonical | undefined }

/**
 * The canonical text of a value: JSON with object keys in UTF-16 order and no white space (RFC 8785), restricted to safe
 * integers so that no number has two spellings. Absent (`undefined`) members are left out.
 * Throws `TypeError` on a fraction, an unsafe integer or a lone surrogate: what is hashed must mean one thing.
 */
export function canonical(value: Canonical): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new TypeError('canonical: a string with a lone surrogate')
    return JSON.stringify(value)
  }
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new TypeError('canonical: only safe integers')
    return String(value)
  }
  if (Array.isArray(value)) return `[${(value as readonly Canonical[]).map((item) => canonical(item)).join(',')}]`
  const object = value as { readonly [key: string]: Canonical | undefined }
  const members: string[] = []
  for (const key of Object.keys(object).sort()) {
    const member = object[key]
    if (member !== undefined) members.push(`${canonical(key)}:${canonical(member)}`)
  }
  return `{${members.join(',')}}`
}
