export { checkLegal } from './check-legal.ts'
export { type LegalItem, legalItemText, legalReport } from './legal-report.ts'
export type * from './profile.ts'
export { legalProfile, PROFILE_IDS, type ProfileId } from './profiles.ts'
