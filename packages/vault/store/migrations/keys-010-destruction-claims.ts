/** The register knows by which claim a person asks how the destruction ended: data that came out of an older copy do not. */
export const sql = `
ALTER TABLE destruction ADD COLUMN claim_hash bytea;
COMMENT ON COLUMN destruction.claim_hash IS 'as erasure_outcome of the data has it; null where nobody holds a claim to it';
`
