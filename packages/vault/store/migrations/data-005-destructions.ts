/** What is to be destroyed is written down until it is: by this it is ended, whoever ends it, and entered in the register. */
export const sql = `
CREATE TABLE destruction_begun (
  subject_id   uuid NOT NULL,
  act_id       uuid NOT NULL,
  person       boolean NOT NULL,
  compartments text[] NOT NULL,
  purpose      text,
  entry_id     uuid,
  at           timestamptz NOT NULL,
  PRIMARY KEY (subject_id, act_id)
);
COMMENT ON TABLE destruction_begun IS 'from the first half of a destruction to its last; then the key store''s register has it';

CREATE INDEX subject_dying ON subject (subject_id)
  WHERE facts->>'state' = 'destroying' OR jsonb_array_length(facts->'dying') > 0;
`
