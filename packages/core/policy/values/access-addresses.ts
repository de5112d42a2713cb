import { ok } from '../../base/index.ts'
import { cleanText } from './clean-text.ts'
import { invalid, type Normalised } from './field-kind.ts'
import { canonicalNetwork } from './ip-address.ts'

const LIST_MAX = 1000

/** The addresses and networks from which a server may be reached: canonical, in the order given, without repeats. */
export function normaliseAccessAddresses(raw: unknown): Normalised {
  const clean = cleanText(raw, { max: LIST_MAX })
  if (!clean.ok) return clean
  const networks = new Set<string>()
  for (const word of clean.value.split(/[ ,;]+/)) {
    if (word === '') continue
    const network = canonicalNetwork(word)
    if (network === null) return invalid('must be IPv4 or IPv6 addresses or networks (CIDR) with zero host bits')
    networks.add(network)
  }
  if (networks.size === 0) return invalid('is empty')
  const list = [...networks].join(', ')
  return list.length <= LIST_MAX ? ok(list) : invalid(`is longer than ${LIST_MAX} characters`)
}
