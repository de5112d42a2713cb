/**
 * Who acts for whom: a person signed in as themselves finds by it whom they may act for; that it still holds, the facts say. And
 * whose data a legal hold keeps is found without looking at everybody.
 */
export const sql = `
CREATE TABLE representation (
  subject_id        uuid NOT NULL,
  representative_id uuid NOT NULL,
  person_id         uuid NOT NULL,
  PRIMARY KEY (subject_id, representative_id)
);
CREATE INDEX representation_person ON representation (person_id);
COMMENT ON TABLE representation IS 'ids only; by what document somebody acts lies sealed with whom they act for';

CREATE INDEX subject_held ON subject (subject_id) WHERE facts->>'hold' IS NOT NULL;
`
