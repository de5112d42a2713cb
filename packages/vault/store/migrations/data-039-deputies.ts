/** Who stood in for the data-protection officer, when, and by whose word. Where escalations go lies sealed under a key of the row's own. */
export const sql = `
CREATE TABLE deputy (
  deputy_id    uuid PRIMARY KEY,
  staff_id     uuid NOT NULL,
  pseudonym    text NOT NULL,
  role         text NOT NULL,
  from_at      timestamptz NOT NULL,
  until_at     timestamptz NOT NULL,
  asked_at     timestamptz NOT NULL,
  asked_by     text NOT NULL,
  confirmed_at timestamptz,
  confirmed_by text,
  ended_at     timestamptz,
  ended_by     text,
  sealed       bytea
);
CREATE INDEX deputy_open ON deputy (until_at) WHERE ended_at IS NULL;
COMMENT ON COLUMN deputy.role IS 'the role that they stand in for';
COMMENT ON COLUMN deputy.confirmed_by IS 'null while a second word is waited for; the first one of an officer, who needs none';
COMMENT ON COLUMN deputy.ended_by IS 'null where its time was over';
`
