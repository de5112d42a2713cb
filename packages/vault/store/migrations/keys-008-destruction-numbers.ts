/** Acts of destruction are numbered, without gaps, within the year in which they were done. */
export const sql = `
ALTER TABLE destruction
  ADD COLUMN year   int,
  ADD COLUMN number int;
CREATE UNIQUE INDEX destruction_number ON destruction (year, number);
CREATE INDEX destruction_unnumbered ON destruction (done_at, act_id) WHERE number IS NULL;

COMMENT ON COLUMN destruction.number IS 'of the act, from 1 in each year (operator''s zone); null until it is asked for or swept';
`
