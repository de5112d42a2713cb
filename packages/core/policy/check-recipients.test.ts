import { describe, expect, it } from 'vitest'
import { parseBundle } from './bundle.ts'
import { checkPolicy } from './check.ts'
import { netrackFiles } from './testing/netrack.ts'

const RULES = 'rules.yaml'
const DOMAIN = 'services/domain-name.yaml'

/** In a file, a text becomes another; then a problem is told where `at` is, of a clause, saying something. */
interface Fault {
  readonly file: string
  readonly from: string
  readonly to: string
  readonly at: string
  readonly clause?: string
  readonly says: string
}

const FAULTS: readonly Fault[] = [
  {
    file: RULES,
    from: "    kind: authority\n    clauses: ['3.2.1']\n    norm: { ru: ст. 93.1 НК РФ, en: Tax Code art. 93.1 }\n",
    to: "    kind: authority\n    clauses: ['3.2.1']\n",
    at: '- id: tax-service',
    clause: '3.2.1',
    says: 'needs the norm',
  },
  {
    file: RULES,
    from: '    kind: processor\n',
    to: '    kind: third-party\n',
    at: '- id: courier-delivers',
    clause: '1.1.1',
    says: "hands data to 'courier' (rules.yaml:",
  },
  {
    file: RULES,
    from: ', { recipient: [courier] }]',
    to: ']',
    at: '- id: courier-delivers',
    clause: '1.1.1',
    says: 'without saying to whom',
  },
  {
    file: RULES,
    from: '{ recipient: [courier] }',
    to: '{ recipient: [payment-provider] }',
    at: '- id: courier\n',
    clause: '1.1.1',
    says: 'is handed nothing by any rule',
  },
  {
    file: RULES,
    from: '    data: any\n    when: [represented]',
    to: '    data: any',
    at: '- id: representative-data',
    clause: '1.2',
    says: 'without asking for their authority',
  },
  {
    file: RULES,
    from: '{ id: site, kind: service',
    to: '{ id: site, kind: representative',
    says: 'one actor at most is of kind representative',
    at: '{ id: site, kind',
  },
  {
    file: RULES,
    from: 'data: [identity, contact, delivery, payment, contract, consent, authority]',
    to: 'data: [identity, contact, delivery, payment, contract, authority]',
    at: '- id: consent\n    purposes',
    says: 'is kept by no legal hold',
  },
  {
    file: DOMAIN,
    from: 'processors: [registrar]',
    to: 'processors: []',
    at: '- id: domain-to-registrar',
    clause: '1.1.2',
    says: "which is none of the processors of 'domain-name' (services/domain-name.yaml:",
  },
  {
    file: DOMAIN,
    from: 'processors: [registrar]',
    to: 'processors: [registrar, courier]',
    at: 'id: domain-name',
    clause: '0.5',
    says: "names 'courier'",
  },
  {
    file: DOMAIN,
    from: 'grounds: [consent]',
    to: 'grounds: [consent, contract]',
    at: '- id: domain-registration',
    clause: '1.1.2',
    says: 'more than a consent of its own',
  },
  {
    file: DOMAIN,
    from: 'when: [{ ground: consent }, { contract-for: domain-name }, confirmed, { recipient',
    to: 'when: [{ contract-for: domain-name }, confirmed, { recipient',
    at: '- id: domain-to-registrar',
    clause: '1.1.2',
    says: 'on no consent and under no law',
  },
]

describe('a bundle whose recipients, representatives or holds do not hang together', () => {
  it.each(FAULTS)('fails its check: $file: $says', ({ file, from, to, at, clause, says }) => {
    const source = netrackFiles().get(file) ?? ''
    expect(source).toContain(from)
    const changed = source.replace(from, () => to)
    const parsed = parseBundle(new Map([...netrackFiles(), [file, changed]]))
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
    const line = changed.slice(0, changed.indexOf(at)).split('\n').length
    expect(checkPolicy(parsed.value)).toContainEqual(
      expect.objectContaining({
        file,
        line,
        ...(clause === undefined ? {} : { clause }),
        message: expect.stringContaining(says) as string,
      }),
    )
  })
})
