/** What is found by its moment: entries come in the order of time, so a summary of each range of pages suffices. */
export const sql = `
CREATE INDEX ledger_batch_at ON ledger_batch USING brin (at) WITH (autosummarize = on);
`
