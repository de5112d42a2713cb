/** That the data came out of a backup: nothing is served from them until the journal has been replayed. */
export const sql = `
CREATE TABLE restored (
  restore_id  uuid PRIMARY KEY,
  backup_id   uuid NOT NULL,
  taken_at    timestamptz NOT NULL,
  restored_at timestamptz NOT NULL,
  replayed_at timestamptz
);
COMMENT ON COLUMN restored.replayed_at IS 'null until the journal was replayed over it';
`
