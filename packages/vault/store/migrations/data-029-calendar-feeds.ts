/** By what a member of staff reads the calendar of clocks without signing in. In no backup: a restore brings no link back that was ended. */
export const sql = `
CREATE TABLE calendar_feed (
  staff_id   uuid PRIMARY KEY,
  token_hash bytea NOT NULL UNIQUE,
  made_at    timestamptz NOT NULL
);
`
