/** What is going to be destroyed because nothing keeps it, and what a legal hold keeps from that. */
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

CREATE TABLE hold (
  subject_id   uuid PRIMARY KEY,
  ticket       text NOT NULL,
  set_by       uuid NOT NULL,
  set_at       timestamptz NOT NULL,
  confirmed_by uuid,
  lift_by      uuid
);
COMMENT ON COLUMN hold.confirmed_by IS 'another member of staff; null until there is one';
COMMENT ON COLUMN hold.lift_by IS 'who wants it lifted; another does it';
`
