/** What becomes of an incident (152-FZ art. 21(3.1), GDPR art. 33). The last two are ends. */
export const INCIDENT_STATES = [
  'opened',
  'assessed',
  'reported',
  'investigated',
  'result-reported',
  'closed',
  'not-a-breach',
] as const
export type IncidentState = (typeof INCIDENT_STATES)[number]

/** How much harm people may come to. */
export const INCIDENT_RISKS = ['low', 'medium', 'high'] as const
export type IncidentRisk = (typeof INCIDENT_RISKS)[number]

/** Why it is no breach after all. */
export const NO_BREACH_REASONS = ['no-personal-data', 'nothing-reached', 'lawful', 'repeated'] as const
export type NoBreachReason = (typeof NO_BREACH_REASONS)[number]

/** Why the people are not told one by one (GDPR art. 34(3)). */
export const UNTOLD_REASONS = ['unintelligible', 'risk-removed', 'public-notice'] as const
export type UntoldReason = (typeof UNTOLD_REASONS)[number]
