/** That the key store came out of its backup: it may know less than the data, and is compared with them before anything is served. */
export const sql = `
CREATE TABLE restored (
  restore_id  uuid PRIMARY KEY,
  backup_id   uuid NOT NULL,
  taken_at    timestamptz NOT NULL,
  restored_at timestamptz NOT NULL,
  replayed_at timestamptz
);
COMMENT ON COLUMN restored.replayed_at IS 'null until it was compared with the data';
`
