/**
 * What the ledger takes on the disk: batches of some time ago are put together and compressed, and the index by which people find
 * their own entries lies in pages of many entries each.
 */
export const sql = `
ALTER TABLE ledger_batch
  ADD COLUMN until  timestamptz,
  ADD COLUMN packed boolean NOT NULL DEFAULT false;
CREATE INDEX ledger_batch_packed ON ledger_batch (first_index) WHERE packed;
CREATE INDEX ledger_batch_period ON ledger_batch (until, at) WHERE packed;
COMMENT ON COLUMN ledger_batch.until IS 'the moment of the last of the batches put together here, whose first was at; null for a single one';
COMMENT ON COLUMN ledger_batch.packed IS 'the bodies are compressed';

CREATE TABLE ledger_fold (
  fold  int PRIMARY KEY,
  since timestamptz NOT NULL,
  until timestamptz NOT NULL
);
COMMENT ON TABLE ledger_fold IS 'the entries at 65,536 places are listed in pages of this number; ledger_history lists those after the last fold';

CREATE TABLE ledger_history_page (
  fold  int NOT NULL,
  shard int NOT NULL,
  marks bytea NOT NULL,
  PRIMARY KEY (fold, shard)
);
-- Parts of hashes do not compress.
ALTER TABLE ledger_history_page ALTER COLUMN marks SET STORAGE EXTERNAL;
COMMENT ON COLUMN ledger_history_page.shard IS 'the first nine bits of the buckets listed here';
CREATE TABLE ledger_minimum (
  place bigint PRIMARY KEY
);
COMMENT ON TABLE ledger_minimum IS 'the first entry that was kept, each time that older ones were pruned: the greatest is in force';
COMMENT ON COLUMN ledger_history_page.marks IS 'ten bytes an entry, in order: the first eight of its bucket, then its place within the fold';
`
