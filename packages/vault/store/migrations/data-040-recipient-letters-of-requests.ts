/** Which requests wait for a letter to a recipient of data, when it is looked at next, and why no letter reaches whom it is for. */
export const sql = `
ALTER TABLE recipient_letter
  ADD COLUMN requests    uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN wake_at     timestamptz,
  ADD COLUMN unreachable text;
UPDATE recipient_letter SET wake_at = asked_at WHERE state IN ('asked', 'made');
CREATE INDEX recipient_letter_wake ON recipient_letter (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX recipient_letter_requests ON recipient_letter USING gin (requests);
COMMENT ON COLUMN recipient_letter.requests IS 'requests that do not end before it went; of a letter that no request asked for none';
COMMENT ON COLUMN recipient_letter.unreachable IS 'why no letter reaches the recipient, of a closed list; null unless that is its state';
`
