/**
 * Verification for whoever holds a receipt: offline, in a browser or in Node, without trusting the server that gave it.
 * It needs nothing of the rest of the sdk, so that it is small.
 */
export { type Trust, type VerifiedCheckpoint, verifyCheckpoint, type VerifyEd25519 } from './checkpoint.ts'
export { type EntryBody, type ReceiptTrust, type VerifiedReceipt, verifyReceipt } from './receipt.ts'
export { type ReceiptKey, type VerifiedConsent, verifyConsentReceipt } from './consent.ts'
export { type Continuation, type EntryReceipt, proveReceipt, verifyContinuation } from './log.ts'
