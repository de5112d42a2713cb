/** The register of disclosures: to whom a person's data went, or wait to go. It names fields; no value is in it. */
export const sql = `
CREATE TABLE disclosure (
  subject_id    uuid NOT NULL,
  disclosure_id uuid NOT NULL,
  recipient     text NOT NULL,
  kind          text NOT NULL,
  basis         jsonb NOT NULL,
  entity        text NOT NULL,
  purpose       text NOT NULL,
  fields        text[] NOT NULL,
  ticket        text,
  policy        text NOT NULL,
  state         text NOT NULL,
  asked_at      timestamptz NOT NULL,
  asked_by      jsonb NOT NULL,
  settled_at    timestamptz,
  settled_by    jsonb,
  entry_id      uuid NOT NULL,
  PRIMARY KEY (subject_id, disclosure_id)
);
CREATE INDEX disclosure_time ON disclosure (asked_at);
COMMENT ON TABLE disclosure IS 'goes with the person; the ledger keeps the entries';
`
