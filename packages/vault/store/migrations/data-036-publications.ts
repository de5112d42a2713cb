/** Under which public name a person's publication is served. What is public, under which bans, are facts of the person; no value is here. */
export const sql = `
CREATE TABLE publication (
  subject_id uuid NOT NULL,
  purpose    text NOT NULL,
  entity     text NOT NULL,
  handle     text NOT NULL,
  PRIMARY KEY (subject_id, purpose, entity)
);
CREATE INDEX publication_handle ON publication (handle);
COMMENT ON TABLE publication IS 'goes with the person, and with the publication: its name is never used again';
`
