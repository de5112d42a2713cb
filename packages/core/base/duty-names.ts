/** What the operator owes the authority, and what it must have in writing. */
export const DUTY_KINDS = [
  'notice-intent',
  'notice-change',
  'notice-end',
  'harm',
  'agreement',
  'cross-border',
  'localisation',
] as const
export type DutyKind = (typeof DUTY_KINDS)[number]

/** What becomes of a duty. A notice is sent and confirmed; a document is in force until it ends. The last three are ends. */
export const DUTY_STATES = ['open', 'sent', 'in-force', 'confirmed', 'ended', 'void'] as const
export type DutyState = (typeof DUTY_STATES)[number]

/** Why nothing is owed after all. */
export const VOID_REASONS = ['not-required', 'nothing-changed', 'repeated'] as const
export type VoidReason = (typeof VOID_REASONS)[number]

/** Degrees of harm that an order of the authority tells apart, the least first. */
export const HARM_LEVELS = ['low', 'medium', 'high'] as const
export type HarmLevel = (typeof HARM_LEVELS)[number]
