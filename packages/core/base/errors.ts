/**
 * The one error of the project. A refusal is a value (`Decision`); whatever is thrown on purpose is a `DoverieError`
 * with a code of this closed list.
 */
export const ERROR_CODES = {
  // What the caller sent
  'malformed-json': 'The body is not JSON.',
  'body-too-large': 'The body is larger than this operation takes.',
  'unsupported-media-type': 'The body must be application/json.',
  'invalid-request': 'A field of the request has the wrong shape.',
  'invalid-value': 'A value does not have the form its field asks for.',
  'undeclared-field': 'The form does not declare this field; what a form does not declare is not collected.',
  'missing-field': 'A mandatory field is missing.',
  'card-number': 'A payment card number is never taken.',
  'unknown-purpose': 'The policy knows no such purpose.',
  'unknown-field': 'The policy knows no such field.',
  'unknown-entity': 'The policy knows no such legal entity.',
  'unknown-form': 'The policy knows no such form.',
  'snapshot-invalid': 'The form was not shown by this server, or its signature does not hold.',
  'snapshot-outdated': 'The form shown is no longer in force; show the current one and ask again.',
  'unknown-rule': 'The law has no such clock.',
  'campaign-ended': 'The campaign has ended and collects nothing.',
  'idempotency-conflict': 'This Idempotency-Key was used with another request.',
  'not-found': 'There is no such resource.',
  'not-in-policy': 'The policy in force does not provide for this.',
  conflict: 'The state has changed since; read it and try again.',
  // Who the caller is
  unauthenticated: 'No valid credential or session.',
  forbidden: 'This credential or session may not do that.',
  'code-invalid': 'The code or link is wrong, used or expired.',
  'proof-needed': 'This takes more proof of who asks than being signed in.',
  'rate-limited': 'Too many requests; try later.',
  'reach-exceeded': 'This credential has reached its number of people for the hour.',
  // A decision against the act (the HTTP face of a refusal value)
  refused: 'The policy refuses this act.',
  // What the operator must mend
  'policy-invalid': 'The policy bundle does not pass its check.',
  'policy-absent': 'No policy is loaded; everything is refused.',
  'calendar-unknown': 'No production calendar is known for a year that the term runs into.',
  'sealed-value-damaged': 'A sealed value does not verify; nothing was released.',
  'key-missing': 'The key of a sealed value is not in the key store.',
  'wrong-root-key': 'The root key does not open this key store.',
  'kms-unavailable': 'The key management service did not answer; nothing was released and nothing is half done.',
  'kms-refused': 'The key management service refuses: its rights or settings must be mended.',
  'restore-pending': 'The data is older than its key store; everything is refused until the journal is replayed.',
  'storage-unavailable': 'The database did not answer; nothing was released and nothing is half done.',
  'unsafe-storage': 'The database does not keep what it acknowledges.',
  'channel-absent': 'This installation has no such way of reaching people.',
  'ledger-backlog': 'Too many entries wait for their place in the ledger; nothing is read until its writer goes on.',
  'ledger-inconsistent': 'The ledger is not in a state its writer knows; writing stops.',
  'data-newer': 'The data folder was written by a newer version.',
  'data-in-use': 'Another server holds this data folder.',
  'data-unwritable': 'The data or key folder cannot be written.',
  'backup-damaged': 'The backup does not verify; nothing was changed.',
  'wrong-identity': 'No identity given opens this backup.',
  'not-empty': 'The place is not empty; a restore never writes over anything.',
  'port-in-use': 'The port is taken.',
  'permit-invalid': 'A sealed value was asked for without a permit of the guard.',
  internal: 'A fault of the program.',
} as const

export type ErrorCode = keyof typeof ERROR_CODES

/** What a fault may say of itself: names of fields and clauses, numbers, ids. Never a personal value, a key or input text. */
export interface ErrorDetails {
  /** Path or name of the offending field. */
  readonly field?: string
  /** The policy clause that speaks of it. */
  readonly clause?: string
  /** All offending fields where there are several. */
  readonly fields?: readonly FieldProblem[]
  readonly [key: string]: unknown
}

/** One thing wrong with one field. `message` never repeats the value. */
export interface FieldProblem {
  readonly field: string
  readonly code: ErrorCode
  readonly message: string
  readonly clause?: string
}

/** A fault. `message` is safe to log and to show: it carries no personal data. */
export class DoverieError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails
  override readonly name = 'DoverieError'

  constructor(code: ErrorCode, message: string = ERROR_CODES[code], details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.details = details
  }
}

/** True for a fault of the closed list, optionally of one code. */
export function isDoverieError(error: unknown, code?: ErrorCode): error is DoverieError {
  return error instanceof DoverieError && (code === undefined || error.code === code)
}
