/**
 * The key store: keys, blind-index tags and the journal, in a database and under a role of its own. Data backups never hold it.
 */
export const sql = `
CREATE TABLE cell (
  cell_id      uuid PRIMARY KEY,
  root_version int NOT NULL,
  version      int NOT NULL,
  wrapped      bytea NOT NULL,
  people       int NOT NULL
);
CREATE INDEX cell_open ON cell (people) WHERE people < 512;

CREATE TABLE key (
  subject_id  uuid NOT NULL,
  compartment text NOT NULL,
  generation  int NOT NULL,
  key_id      uuid NOT NULL,
  cell_id     uuid NOT NULL REFERENCES cell,
  wrapped     bytea NOT NULL,
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (subject_id, compartment)
);
CREATE INDEX key_cell ON key (cell_id);

CREATE TABLE tag (
  kind       text NOT NULL,
  tag        bytea NOT NULL,
  subject_id uuid NOT NULL,
  epoch      int NOT NULL,
  proved     boolean NOT NULL,
  PRIMARY KEY (kind, tag, subject_id)
);
CREATE INDEX tag_subject ON tag (subject_id);

CREATE TABLE secret (
  name         text PRIMARY KEY,
  root_version int NOT NULL,
  wrapped      bytea NOT NULL
);

CREATE TABLE journal (
  entry_id   uuid PRIMARY KEY,
  at         timestamptz NOT NULL,
  kind       text NOT NULL,
  holder_id  uuid NOT NULL,
  detail     jsonb NOT NULL
);
CREATE INDEX journal_at ON journal (at);
COMMENT ON TABLE journal IS 'every narrowing event, without a personal value: replayed over restored data before anything is served';

CREATE TABLE head (
  origin     text PRIMARY KEY,
  size       bigint NOT NULL,
  checkpoint text NOT NULL
);
COMMENT ON TABLE head IS 'the latest ledger checkpoint this key store has seen: older data shows itself by a smaller tree';
`
