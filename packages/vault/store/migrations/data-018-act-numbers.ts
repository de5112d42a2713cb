/** The last number of an act of destruction in each year: an older key store numbers what it has anew, but from here on. */
export const sql = `
CREATE TABLE act_number (
  year int PRIMARY KEY,
  last int NOT NULL
);
COMMENT ON COLUMN act_number.last IS 'no act of the year had a higher number when it was last looked at, and none is shown before that';
`
