import { HARM_LEVELS, type HarmCriterion, type HarmLevel, type LegalProfile } from '../../base/index.ts'
import { activitiesOf } from '../interchange/index.ts'
import type { Declarations } from '../model.ts'

/** A circumstance and whether it is there by the policy; null where the policy cannot know and somebody must say. */
export interface HarmFinding {
  readonly criterion: HarmCriterion
  readonly met: boolean | null
}

const BIOMETRIC = 'biometric'

/** What a policy tells of the circumstances by which harm is assessed (Roskomnadzor's order 178). */
export function harmFindings(policy: Declarations, profile: LegalProfile): readonly HarmFinding[] {
  return profile.harm.map((criterion) => ({ criterion, met: isMet(criterion.id, policy, profile) }))
}

function isMet(id: string, policy: Declarations, profile: LegalProfile): boolean | null {
  const special = [...policy.categories.values()].flatMap((category) => category.special ?? [])
  const rests = (basis: string): boolean => [...policy.purposes.values()].some((one) => one.basis.includes(basis))
  switch (id) {
    case BIOMETRIC:
      return special.includes(BIOMETRIC)
    case 'special':
      return special.some((one) => one !== BIOMETRIC)
    case 'minors':
      // Whoever asks how old people are takes minors in. Where nobody asks, they may come all the same.
      return policy.age === null ? null : true
    case 'anonymised-research':
      return activitiesOf(policy).some(
        ({ operations, purpose }) => operations.includes('anonymise') && !purpose.basis.includes('statistics'),
      )
    case 'foreign-processor':
      return [...policy.recipients.values()].some(
        ({ kind, country }) => kind === 'processor' && country !== profile.jurisdiction,
      )
    case 'dissemination':
      return rests('dissemination-consent')
    case 'foreign-marketing':
      return rests('marketing-consent') ? null : false
    default:
      return null
  }
}

/** The degree of harm: the highest of the circumstances that are there; the least where none is. */
export function harmLevel(met: readonly Pick<HarmCriterion, 'level'>[]): HarmLevel {
  return HARM_LEVELS.findLast((level) => met.some((one) => one.level === level)) ?? 'low'
}
