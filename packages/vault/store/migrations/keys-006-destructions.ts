/**
 * The register of destructions, written in the transaction that deletes the keys: what went, when, and in which epoch. With the
 * epoch's root version the old copies of those keys go. It holds ids, names of compartments and moments, and outlives a restore of the data.
 */
export const sql = `
CREATE TABLE destruction (
  act_id       uuid PRIMARY KEY,
  subject_id   uuid NOT NULL,
  person       boolean NOT NULL,
  compartments text[] NOT NULL,
  purpose      text,
  entry_id     uuid,
  begun_at     timestamptz NOT NULL,
  done_at      timestamptz NOT NULL,
  epoch        int NOT NULL REFERENCES epoch
);
CREATE INDEX destruction_epoch ON destruction (epoch);
CREATE INDEX destruction_done ON destruction (done_at, act_id);
CREATE INDEX tag_epoch ON tag (epoch);

COMMENT ON COLUMN destruction.purpose IS 'of the act that asked for it; null where a crash of a former version left no word of it';
COMMENT ON COLUMN destruction.entry_id IS 'the ledger entry of that act';
COMMENT ON COLUMN destruction.done_at IS 'keys and search tags gone from the key store';
`
