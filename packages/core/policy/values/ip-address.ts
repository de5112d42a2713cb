/** An address or network: its bits (32 or 128) most significant first in 16-bit groups, and the length of its prefix. */
interface Network {
  readonly groups: readonly number[]
  readonly prefix: number
}

/**
 * The canonical text of an IPv4 or IPv6 address or CIDR network (RFC 4632, RFC 5952), or null. A prefix of the whole
 * length is left out; bits beyond the prefix must be zero, for whoever writes them means something else than a network.
 */
export function canonicalNetwork(text: string): string | null {
  if (text.length > 49) return null
  const parts = text.split('/')
  const [address, prefixText] = parts
  if (address === undefined || parts.length > 2) return null
  const groups = address.includes(':') ? parseIpv6(address) : parseIpv4(address)
  if (groups === null) return null
  const bits = 16 * groups.length
  const prefix = prefixText === undefined ? bits : parsePrefix(prefixText)
  if (prefix === null || prefix > bits || !hostBitsAreZero({ groups, prefix })) return null
  const written = groups.length === 2 ? formatIpv4(groups) : formatIpv6(groups)
  return prefix === bits ? written : `${written}/${prefix}`
}

function parsePrefix(text: string): number | null {
  return /^(?:0|[1-9][0-9]{0,2})$/.test(text) ? Number(text) : null
}

function hostBitsAreZero({ groups, prefix }: Network): boolean {
  return groups.every((group, i) => {
    const kept = Math.min(Math.max(prefix - 16 * i, 0), 16)
    return (group & (0xffff >> kept)) === 0
  })
}

/** Four decimal octets; leading zeros are refused, for some readers take them as octal. */
function parseIpv4(text: string): readonly number[] | null {
  const octets = text.split('.')
  if (octets.length !== 4 || !octets.every((octet) => /^(?:0|[1-9][0-9]{0,2})$/.test(octet))) return null
  const [a = 256, b = 256, c = 256, d = 256] = octets.map(Number)
  return Math.max(a, b, c, d) > 255 ? null : [256 * a + b, 256 * c + d]
}

/** RFC 4291 section 2.2, without zones. */
function parseIpv6(text: string): readonly number[] | null {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const [head, tail] = halves.map((half, i) => parseGroups(half, i === halves.length - 1))
  if (head === undefined || head === null || tail === null) return null
  if (tail === undefined) return head.length === 8 ? head : null
  const missing = 8 - head.length - tail.length
  return missing >= 1 ? [...head, ...Array.from({ length: missing }, () => 0), ...tail] : null
}

function parseGroups(text: string, atEnd: boolean): readonly number[] | null {
  if (text === '') return []
  const groups: number[] = []
  const words = text.split(':')
  for (const [i, word] of words.entries()) {
    if (word.includes('.')) {
      const embedded = atEnd && i === words.length - 1 ? parseIpv4(word) : null
      if (embedded === null) return null
      groups.push(...embedded)
    } else if (/^[0-9A-Fa-f]{1,4}$/.test(word)) groups.push(Number.parseInt(word, 16))
    else return null
  }
  return groups
}

function formatIpv4(groups: readonly number[]): string {
  return groups.map((group) => `${group >> 8}.${group & 0xff}`).join('.')
}

/** RFC 5952: lower case, the first longest run of two and more zero groups as `::`, IPv4-mapped addresses dotted. */
function formatIpv6(groups: readonly number[]): string {
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${formatIpv4(groups.slice(6))}`
  }
  let start = -1
  let length = 1
  for (let i = 0; i < groups.length; i++) {
    let end = i
    while (end < groups.length && groups[end] === 0) end++
    if (end - i > length) {
      start = i
      length = end - i
    }
  }
  const words = groups.map((group) => group.toString(16))
  if (start < 0) return words.join(':')
  return `${words.slice(0, start).join(':')}::${words.slice(start + length).join(':')}`
}
