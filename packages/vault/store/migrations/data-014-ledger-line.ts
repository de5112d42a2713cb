/** A ledger that cannot be gone on with after a restore is followed by another, of another name, over the same tree. */
export const sql = `
ALTER TABLE ledger_state
  ADD COLUMN since    bigint NOT NULL DEFAULT 0,
  ADD COLUMN follows  text,
  ADD COLUMN previous text;
COMMENT ON COLUMN ledger_state.since IS 'the place of the first entry under this name: it says which ledger this one follows, and how far';
COMMENT ON COLUMN ledger_state.follows IS 'the newest known checkpoint of the ledger that this one follows; null for the first';
COMMENT ON COLUMN ledger_state.previous IS 'the checkpoint before this one: a key store that has seen neither is older than the data';
`
