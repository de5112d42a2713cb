/** What is going to be destroyed because nothing keeps it. */
export const sql = `
CREATE TABLE plan (
  subject_id  uuid NOT NULL,
  compartment text NOT NULL,
  since       timestamptz NOT NULL,
  planned_at  timestamptz NOT NULL,
  due_at      timestamptz NOT NULL,
  PRIMARY KEY (subject_id, compartment)
);
CREATE INDEX plan_planned ON plan (planned_at, subject_id);
COMMENT ON COLUMN plan.since IS 'when it was found that no ground keeps it';
COMMENT ON COLUMN plan.planned_at IS 'from then on it is destroyed by itself';
COMMENT ON COLUMN plan.due_at IS 'the first moment that the law counts as too late';
`
