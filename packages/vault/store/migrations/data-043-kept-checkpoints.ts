/** The last checkpoint of each day on which the ledger grew, as it was shown then: what an archive of a former period begins and ends with. */
export const sql = `
CREATE TABLE ledger_kept (
  origin     text NOT NULL,
  size       bigint NOT NULL,
  checkpoint text NOT NULL,
  at         timestamptz NOT NULL,
  PRIMARY KEY (origin, size)
);
CREATE INDEX ledger_kept_at ON ledger_kept (at);
COMMENT ON TABLE ledger_kept IS 'the last that counted on each day (UTC) of the ledger, with its cosignatures; a row a day';
`
