import type { Policy } from '@doverie/core/policy'
import type { Vault } from '../guard/vault.ts'

/** A person's own pages, as the server serves them. */
export type OwnPage = '/my/requests' | '/my/data' | '/my/security'

/** The address of a page, for letters and documents: at this server, or, where nobody has said where that is, at the operator's site. */
export function pageOf({ site }: Pick<Vault, 'site'>, { operator }: Pick<Policy, 'operator'>, page: OwnPage): string {
  return new URL(page, site() ?? operator.site).href
}
