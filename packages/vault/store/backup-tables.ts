/** A table as a backup takes it: its rows in the order of their key, so that nothing tells in which order they were written. */
export interface BackupTable {
  readonly name: string
  /** The columns of its key, which order the rows. */
  readonly order: readonly string[]
  /**
   * How it is cut into parts, by its first random 16 bytes (`even`: as many parts as wanted) or by a number that grows (`grown`:
   * what a part has once it is full does not change). Null: it is small, or few rows change together.
   */
  readonly cut: { readonly column: string; readonly by: 'uuid' | 'bytea' | 'grown' } | null
}

const even = (name: string, order: readonly string[], by: 'uuid' | 'bytea' = 'uuid'): BackupTable => ({
  name,
  order,
  cut: { column: order[0] ?? '', by },
})
const whole = (name: string, order: readonly string[]): BackupTable => ({ name, order, cut: null })

/**
 * What a backup of the data holds (decision 013): all that would be missed. INVARIANT: a table of the database is either here or
 * in `LEFT_OUT`; a test compares both with the schema.
 */
const DATA: readonly BackupTable[] = [
  even('subject', ['subject_id']),
  even('record', ['subject_id', 'compartment']),
  even('event', ['subject_id', 'event_id']),
  even('conflict', ['subject_id', 'conflict_id']),
  even('identifier_change', ['subject_id']),
  even('representation', ['subject_id', 'representative_id']),
  even('disclosure', ['subject_id', 'disclosure_id']),
  even('publication', ['subject_id', 'purpose', 'entity']),
  even('destruction_begun', ['subject_id', 'act_id']),
  even('plan', ['subject_id', 'compartment']),
  whole('act_number', ['year']),
  even('letter', ['letter_id']),
  even('letter_part', ['letter_id', 'part_id']),
  even('letter_addition', ['letter_id', 'addition_id']),
  even('mail_aside', ['aside_id']),
  even('mail_taken', ['source'], 'bytea'),
  whole('mail_folder', ['folder']),
  even('request', ['request_id']),
  even('request_event', ['request_id', 'place']),
  even('reply', ['reply_id']),
  even('incident', ['incident_id']),
  even('incident_event', ['incident_id', 'place']),
  even('incident_document', ['document_id']),
  even('incident_person', ['subject_id', 'incident_id']),
  whole('deputy', ['deputy_id']),
  even('duty', ['duty_id']),
  even('duty_event', ['duty_id', 'place']),
  even('duty_document', ['document_id']),
  even('demand', ['demand_id']),
  even('recipient_letter', ['letter_id']),
  whole('register_number', ['series', 'year']),
  whole('document', ['hash']),
  whole('credential', ['credential_id']),
  whole('staff', ['staff_id']),
  whole('policy_version', ['version']),
  whole('clause_count', ['policy', 'clause', 'kind']),
  whole('clause_count_state', ['origin']),
  { name: 'ledger_batch', order: ['first_index', 'batch_id'], cut: { column: 'first_index', by: 'grown' } },
  even('ledger_history', ['bucket', 'place'], 'bytea'),
  { name: 'ledger_history_page', order: ['fold', 'shard'], cut: { column: 'fold', by: 'grown' } },
  whole('ledger_fold', ['fold']),
  whole('erasure_outcome', ['claim_hash']),
  whole('ledger_minimum', ['place']),
  { name: 'ledger_tile', order: ['n', 'level'], cut: { column: 'n', by: 'grown' } },
  whole('ledger_state', ['origin']),
  whole('ledger_final', ['origin']),
  whole('ledger_kept', ['origin', 'size']),
]

/** The key store is copied whole. What refers to another table stands after it. */
const KEYS: readonly BackupTable[] = [
  whole('epoch', ['epoch']),
  even('cell', ['cell_id']),
  even('cell_key', ['cell_id', 'version']),
  even('key', ['subject_id', 'compartment', 'generation']),
  even('tag', ['tag', 'kind', 'subject_id'], 'bytea'),
  whole('secret', ['name']),
  even('journal', ['entry_id']),
  even('destruction', ['act_id']),
  whole('register_number', ['series', 'year']),
  whole('head', ['origin']),
]

export type DatabaseKind = 'data' | 'keys'

export const BACKUP_TABLES: Readonly<Record<DatabaseKind, readonly BackupTable[]>> = { data: DATA, keys: KEYS }

/**
 * What no backup holds: who is signed in or could be, letters that wait and ids of those that went, whether the mailbox answers, answers kept for a repeat and what limits have counted (all of them for days at
 * most, and each would outlive the person it is of), and what a restore makes anew.
 */
export const LEFT_OUT: Readonly<Record<DatabaseKind, readonly string[]>> = {
  data: [
    'session',
    'sign_in',
    'passkey',
    'passkey_challenge',
    'mailbox_change',
    'outbox',
    'mail_sent',
    'mail_state',
    'idempotency',
    'tally',
    'calendar_feed',
    'passing_epoch',
    'migration',
    'restored',
  ],
  keys: ['migration', 'restored'],
}
