/** Where staff found a signature to be a qualified one: what its file alone cannot tell. */
export const SIGNATURE_CHECKERS = ['gosuslugi', 'accredited-authority', 'certified-software'] as const
export type SignatureChecker = (typeof SIGNATURE_CHECKERS)[number]
