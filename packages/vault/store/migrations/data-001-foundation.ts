/**
 * The data database. Every table of a person starts with `subject_id` in its primary key (so it can be distributed by it);
 * the rest are reference tables. No sequence, trigger or cross-shard foreign key. No personal value lies here in clear.
 */
export const sql = `
CREATE TABLE subject (
  subject_id    uuid PRIMARY KEY,
  facts_version bigint NOT NULL,
  facts         jsonb NOT NULL,
  created_at    timestamptz NOT NULL
);
COMMENT ON COLUMN subject.facts IS 'fold of event; names compartments, purposes and ids, never a value';

CREATE TABLE record (
  subject_id  uuid NOT NULL,
  compartment text NOT NULL,
  generation  int NOT NULL,
  version     int NOT NULL,
  sealed      bytea,
  PRIMARY KEY (subject_id, compartment)
);
COMMENT ON COLUMN record.sealed IS 'null once destroyed: the row keeps the generation so that no later key repeats it';

CREATE TABLE event (
  subject_id uuid NOT NULL,
  event_id   uuid NOT NULL,
  at         timestamptz NOT NULL,
  body       jsonb NOT NULL,
  PRIMARY KEY (subject_id, event_id)
);

CREATE TABLE document (
  hash bytea PRIMARY KEY,
  body text NOT NULL,
  at   timestamptz NOT NULL
);
COMMENT ON TABLE document IS 'what was shown: form contracts and policy texts by SHA-256; never a personal value';

CREATE TABLE idempotency (
  key_hash     bytea PRIMARY KEY,
  holder_id    uuid NOT NULL,
  request_hash bytea NOT NULL,
  answer       jsonb NOT NULL,
  at           timestamptz NOT NULL
);

CREATE INDEX idempotency_holder ON idempotency (holder_id);

CREATE TABLE conflict (
  subject_id  uuid NOT NULL,
  conflict_id uuid NOT NULL,
  other_id    uuid NOT NULL,
  fields      text[] NOT NULL,
  at          timestamptz NOT NULL,
  settled_at  timestamptz,
  PRIMARY KEY (subject_id, conflict_id)
);
COMMENT ON TABLE conflict IS 'a proved submission that differs from confirmed values: staff decide';

CREATE TABLE credential (
  credential_id   uuid PRIMARY KEY,
  actor           text NOT NULL,
  entities        text[] NOT NULL,
  purposes        text[] NOT NULL,
  secret_hash     bytea NOT NULL UNIQUE,
  people_per_hour int NOT NULL,
  created_at      timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL,
  revoked_at      timestamptz
);

CREATE TABLE staff (
  staff_id   uuid PRIMARY KEY,
  pseudonym  text NOT NULL UNIQUE,
  role       text NOT NULL,
  created_at timestamptz NOT NULL,
  disabled_at timestamptz
);

CREATE TABLE session (
  token_hash bytea PRIMARY KEY,
  kind       text NOT NULL,
  holder_id  uuid NOT NULL,
  proved     text[] NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX session_holder ON session (holder_id);

CREATE TABLE sign_in (
  sign_in_id  uuid PRIMARY KEY,
  kind        text NOT NULL,
  holder_id   uuid NOT NULL,
  target_hash bytea,
  code_hash   bytea NOT NULL,
  attempts    int NOT NULL,
  expires_at  timestamptz NOT NULL
);
CREATE INDEX sign_in_code ON sign_in (code_hash);
CREATE INDEX sign_in_target ON sign_in (target_hash);
COMMENT ON TABLE sign_in IS 'codes and one-time links as HMACs; holder_id is random where the address is unknown';

CREATE TABLE outbox (
  mail_id    uuid PRIMARY KEY,
  holder_id  uuid NOT NULL,
  sealed     bytea NOT NULL,
  attempts   int NOT NULL,
  created_at timestamptz NOT NULL,
  next_at    timestamptz NOT NULL,
  sent_at    timestamptz
);
CREATE INDEX outbox_due ON outbox (next_at) WHERE sent_at IS NULL;

CREATE TABLE ledger_batch (
  batch_id    uuid PRIMARY KEY,
  at          timestamptz NOT NULL,
  entries     int NOT NULL,
  leaves      bytea NOT NULL,
  bodies      bytea NOT NULL,
  first_index bigint
);
CREATE INDEX ledger_batch_pending ON ledger_batch (at, batch_id) WHERE first_index IS NULL;
CREATE UNIQUE INDEX ledger_batch_place ON ledger_batch (first_index) WHERE first_index IS NOT NULL;
-- Salts and hashes do not compress, and pglz costs more than all the rest of the insert.
ALTER TABLE ledger_batch ALTER COLUMN leaves SET STORAGE EXTERNAL, ALTER COLUMN bodies SET STORAGE EXTERNAL;
COMMENT ON COLUMN ledger_batch.leaves IS '32-byte commitments in the order of the bodies';

CREATE TABLE ledger_history (
  bucket bytea NOT NULL,
  place  bigint NOT NULL,
  PRIMARY KEY (bucket, place)
);

CREATE TABLE ledger_state (
  origin     text PRIMARY KEY,
  size       bigint NOT NULL,
  root       bytea NOT NULL,
  checkpoint text NOT NULL,
  at         timestamptz NOT NULL
);

CREATE TABLE ledger_tile (
  level int NOT NULL,
  n     bigint NOT NULL,
  width int NOT NULL,
  hashes bytea NOT NULL,
  PRIMARY KEY (level, n)
);
COMMENT ON TABLE ledger_tile IS 'one row per tile at its present width; a narrower partial tile is a prefix of it';

CREATE TABLE policy_version (
  version    text PRIMARY KEY,
  text_hash  bytea NOT NULL,
  bundle_hash bytea NOT NULL,
  adopted_at timestamptz NOT NULL
);
`
