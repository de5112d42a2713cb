/** Where the entries of a destruction stand that was carried out after its person had gone. */
export const sql = `
CREATE TABLE erasure_outcome (
  claim_hash  bytea PRIMARY KEY,
  begun_entry uuid NOT NULL,
  begun_at    timestamptz NOT NULL,
  ended_entry uuid,
  ended_at    timestamptz
);
CREATE INDEX erasure_outcome_begun ON erasure_outcome (begun_entry) WHERE ended_entry IS NULL;
COMMENT ON COLUMN erasure_outcome.claim_hash IS 'SHA-256 of what the person was given when they asked: it leads to nobody';
`
