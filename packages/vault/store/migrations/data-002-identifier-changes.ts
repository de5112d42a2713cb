/** Which change of a person's identifiers took place last: by it the key store's search tags are settled after a crash. */
export const sql = `
CREATE TABLE identifier_change (
  subject_id uuid PRIMARY KEY,
  change_id  uuid NOT NULL
);
COMMENT ON TABLE identifier_change IS 'written with the change itself; a random id, told nowhere but beside the tags it adds and drops';
`
