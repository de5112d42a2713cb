/** What somebody may do, as the policy's words say it: written here a second time, apart from the rules that decide. */
export interface Grant {
  readonly actor: string
  readonly purpose: string
  readonly fields: readonly string[]
  readonly needs: 'contract' | 'paid' | 'dedicated-server' | 'consent' | 'law'
  readonly confirmed: boolean
  readonly ticket: boolean
  /** `use` only: compare and find, without being shown. */
  readonly showing: boolean
  readonly clauses: readonly string[]
}

export const COMPARTMENTS: Readonly<Record<string, readonly string[]>> = {
  identity: ['surname', 'given-name', 'patronymic'],
  contact: ['email', 'phone'],
  delivery: ['postal-address'],
  payment: ['bank-bik', 'bank-account', 'payment-token', 'payment-last4'],
  contract: ['contract-numbers'],
  consent: ['consent-records'],
  'server-contact': ['technical-contact-name', 'technical-contact-phone'],
  'server-access': ['access-addresses'],
  'server-tax': ['tax-id'],
}

export const ALL_FIELDS: readonly string[] = Object.values(COMPARTMENTS).flat()

const IDENTITY = COMPARTMENTS['identity'] ?? []
const CONTACT = COMPARTMENTS['contact'] ?? []
const NUMBERS = COMPARTMENTS['contract'] ?? []
const PAYMENT = COMPARTMENTS['payment'] ?? []
const TECHNICAL = COMPARTMENTS['server-contact'] ?? []

function grant(actor: string, purpose: string, fields: readonly string[], more: Partial<Grant>): Grant {
  const rest = { needs: 'contract', confirmed: false, ticket: false, showing: true, clauses: [] } as const
  return { actor, purpose, fields, ...rest, ...more }
}

const who = [...IDENTITY, ...CONTACT, ...NUMBERS]
const paid = { needs: 'paid', confirmed: true } as const
const dedicated = { needs: 'dedicated-server', confirmed: true, clauses: ['1.1.2', '2.1'] } as const
const wanted = { needs: 'consent', confirmed: true } as const

export const GRANTS: readonly Grant[] = [
  ...['site', 'billing', 'provisioning'].map((actor) => grant(actor, 'identification', who, { clauses: ['2.2.1'] })),
  grant('delivery', 'delivery', [...IDENTITY, ...CONTACT, 'postal-address'], {
    needs: 'paid',
    clauses: ['1.1.1', '2.2.1'],
  }),
  grant('billing', 'payment', [...IDENTITY, 'email', ...PAYMENT, ...NUMBERS], { ...paid, clauses: ['1.1.1', '2.2.1'] }),
  grant('billing', 'payment', ['tax-id'], dedicated),
  grant('provisioning', 'performance', who, { ...paid, clauses: ['2.1'] }),
  grant('provisioning', 'performance', [...TECHNICAL, 'access-addresses'], dedicated),
  grant('personaliser', 'personalisation', ['given-name', 'patronymic', 'email'], { ...wanted, clauses: ['2.2.2'] }),
  grant('product', 'improvement', ['given-name', 'email'], { ...wanted, showing: false, clauses: ['2.1', '2.2.3'] }),
  grant('newsletter', 'marketing', ['given-name', 'email'], { ...wanted, clauses: ['0.1', '2.1'] }),
  grant('support', 'identification', who, { ticket: true, clauses: ['2.2.1'] }),
  grant('support', 'delivery', [...IDENTITY, 'phone', 'postal-address'], {
    needs: 'paid',
    ticket: true,
    clauses: ['1.1.1', '2.2.1'],
  }),
  grant('support', 'performance', TECHNICAL, { ...dedicated, ticket: true }),
  grant('support', 'rights', who, { needs: 'law', ticket: true, showing: false, clauses: ['5.4'] }),
  grant('dpo', 'rights', ALL_FIELDS, { needs: 'law', ticket: true, clauses: ['5.3'] }),
  grant('dpo', 'legal', ALL_FIELDS, { needs: 'law', ticket: true, clauses: ['2.2.5'] }),
]

export const SERVICES = [
  'site',
  'billing',
  'delivery',
  'provisioning',
  'personaliser',
  'product',
  'newsletter',
  'projection',
  'keeper',
] as const
export const STAFF = ['support', 'dpo'] as const
export const PURPOSES = [
  'identification',
  'delivery',
  'payment',
  'performance',
  'personalisation',
  'improvement',
  'research',
  'legal',
  'rights',
  'marketing',
] as const

/** The compartment of a field. */
export function compartmentOf(field: string): string {
  return Object.entries(COMPARTMENTS).find(([, fields]) => fields.includes(field))?.[0] ?? ''
}
