/** What is counted per hour or minute, so that limits hold across processes and restarts. Keys are keyed hashes; rows live for hours. */
export const sql = `
CREATE TABLE tally (
  key     bytea NOT NULL,
  ends_at timestamptz NOT NULL,
  n       int NOT NULL,
  PRIMARY KEY (key, ends_at)
);
CREATE INDEX tally_end ON tally (ends_at);
`
