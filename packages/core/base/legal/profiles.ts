import euGdpr from './eu-gdpr.json' with { type: 'json' }
import type { LegalProfile } from './profile.ts'
import ru152fz from './ru-152fz.json' with { type: 'json' }

/** The names of the profiles that there are; a bundle names one of them as its `profile`. */
export const PROFILE_IDS = ['ru-152fz', 'eu-gdpr'] as const
export type ProfileId = (typeof PROFILE_IDS)[number]

// The compiler reads JSON's texts as plain strings; that each file has the profile's shape is proved by its test.
const PROFILES: Readonly<Record<ProfileId, LegalProfile>> = {
  'ru-152fz': ru152fz as unknown as LegalProfile,
  'eu-gdpr': euGdpr as unknown as LegalProfile,
}

/** A law as data. */
export function legalProfile(id: ProfileId): LegalProfile {
  return PROFILES[id]
}
