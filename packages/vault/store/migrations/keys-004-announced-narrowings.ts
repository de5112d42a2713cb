/** A narrowing is announced in the journal before its commit, and confirmed after it: the journal knows all that may have happened. */
export const sql = `
ALTER TABLE journal
  ADD COLUMN version bigint,
  ADD COLUMN place   int NOT NULL DEFAULT 0,
  ADD COLUMN pending boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN journal.version IS 'of the facts that the event led to: the true order of a person''s events; null before this step, and for who is destroyed';
COMMENT ON COLUMN journal.place IS 'among the events of one change';
COMMENT ON COLUMN journal.pending IS 'announced, and not yet known to be committed';
CREATE INDEX journal_holder ON journal (holder_id);
CREATE INDEX journal_pending ON journal (at) WHERE pending;
`
