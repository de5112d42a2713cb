/** The plan says where a contract that nobody ended keeps data no longer. */
export const sql = `
ALTER TABLE plan ADD COLUMN because text;
COMMENT ON COLUMN plan.because IS 'idle or unconfirmed: the contract is in force, and keeps nothing by itself; null where there is none';
`
