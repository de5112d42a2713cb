/** How many sessions the embedded server takes unless told otherwise. */
export const MAX_CONNECTIONS = 60

/** The name of the socket's port: the folder of the socket is private, so it never clashes. */
export const SOCKET_PORT = 5432

/**
 * The settings of the embedded server, given on its command line: they outrank every file in the cluster, so neither an
 * edited postgresql.conf nor ALTER SYSTEM can switch durability off or make the logs talk.
 */
export function serverSettings(socketFolder: string, maxConnections: number): readonly string[] {
  const settings = { ...REACH, ...DURABILITY, ...SILENCE, ...SIZE }
  const own = {
    unix_socket_directories: socketFolder,
    port: String(SOCKET_PORT),
    max_connections: String(maxConnections),
  }
  return Object.entries({ ...settings, ...own }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

const REACH = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  password_encryption: 'scram-sha-256',
  ssl: 'off',
}

const DURABILITY = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  // On a file system that loses pages after a failed fsync, retrying would acknowledge what is gone.
  data_sync_retry: 'off',
}

/**
 * INVARIANT: no personal value reaches PostgreSQL's log. An ERROR may quote a value in its first line ("invalid input
 * syntax for type uuid: ..."), so errors of statements are not logged at all: `log` ranks above `error` there, and
 * startup, crashes and panics still are. `terse` drops DETAIL, which quotes keys and, after a crash, the statement.
 */
const SILENCE = {
  logging_collector: 'off',
  log_destination: 'stderr',
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_statement: 'none',
  log_min_duration_statement: '-1',
  log_min_duration_sample: '-1',
  log_transaction_sample_rate: '0',
  log_duration: 'off',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_lock_waits: 'off',
  log_recovery_conflict_waits: 'off',
  log_temp_files: '-1',
  log_autovacuum_min_duration: '-1',
  log_checkpoints: 'off',
  log_replication_commands: 'off',
  log_line_prefix: '%m [%p] ',
  log_timezone: 'UTC',
  shared_preload_libraries: '',
  session_preload_libraries: '',
  local_preload_libraries: '',
}

/** For a machine of two cores and a few gigabytes that also runs the server itself. */
const SIZE = {
  shared_buffers: '192MB',
  effective_cache_size: '1GB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  max_wal_size: '1GB',
  min_wal_size: '128MB',
  checkpoint_timeout: '15min',
  wal_compression: 'pglz',
  random_page_cost: '1.1',
  jit: 'off',
  // Containers give 64 MB of shared memory; short statements gain nothing from parallel workers.
  max_parallel_workers_per_gather: '0',
  timezone: 'UTC',
}
