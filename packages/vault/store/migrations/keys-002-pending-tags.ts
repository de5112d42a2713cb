/** Search tags that a change of the data adds or drops are marked before its commit, and settled after it. */
export const sql = `
ALTER TABLE tag ADD COLUMN added_by uuid, ADD COLUMN dropped_by uuid;
COMMENT ON COLUMN tag.added_by IS 'the change that adds it, until that is known to have taken place; where it did not, the tag goes';
COMMENT ON COLUMN tag.dropped_by IS 'the change that drops it; where that took place the tag goes, where it did not it stays';
CREATE INDEX tag_pending ON tag (subject_id) WHERE added_by IS NOT NULL OR dropped_by IS NOT NULL;
`
