import type { LegalGround, LegalProfile } from '../../base/index.ts'
import type { Purpose } from '../model.ts'

/**
 * The grounds of the law that a purpose rests on: those it names as its `basis`, and for each of its kinds that none of
 * them covers the law's ground of that very name. Names that the law does not know are left out; `checkLegal` tells them.
 */
export function legalGrounds(
  profile: LegalProfile,
  purpose: Pick<Purpose, 'grounds' | 'basis'>,
): readonly LegalGround[] {
  const named = purpose.basis.flatMap((id) => profile.grounds.find((ground) => ground.id === id) ?? [])
  const rest = purpose.grounds.filter((kind) => !named.some((ground) => ground.kind === kind))
  return [...named, ...rest.flatMap((kind) => profile.grounds.find((ground) => ground.id === kind) ?? [])]
}
