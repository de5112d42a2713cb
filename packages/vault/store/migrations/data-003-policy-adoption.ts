/** A version of the policy is proposed by one and adopted by another, from a day on; what was loaded before counts as founding. */
export const sql = `
ALTER TABLE policy_version RENAME COLUMN adopted_at TO proposed_at;
ALTER TABLE policy_version
  ADD COLUMN proposed_by    text NOT NULL DEFAULT 'machine:holder',
  ADD COLUMN adopted_by     text,
  ADD COLUMN adopted_at     timestamptz,
  ADD COLUMN effective_from timestamptz;
UPDATE policy_version SET adopted_by = 'machine:holder', adopted_at = proposed_at, effective_from = proposed_at;
ALTER TABLE policy_version ALTER COLUMN proposed_by DROP DEFAULT;
COMMENT ON COLUMN policy_version.adopted_by IS 'null while it waits for the second person';
`
