/** What staff were asked to put in place of a mailbox that its owner lost. No backup holds it: what was cancelled since must not come back. */
export const sql = `
CREATE TABLE mailbox_change (
  subject_id uuid PRIMARY KEY,
  change_id  uuid NOT NULL,
  sealed     bytea NOT NULL,
  method     text NOT NULL,
  entity     text NOT NULL,
  asked_at   timestamptz NOT NULL,
  asked_by   text NOT NULL,
  proved_at  timestamptz,
  due_at     timestamptz
);
COMMENT ON COLUMN mailbox_change.sealed IS 'the new address, under a key of the person';
COMMENT ON COLUMN mailbox_change.due_at IS 'from then on it takes effect; null before a second member of staff has confirmed it';
`
