/**
 * Which fields of each person an incident concerned. Those found before are looked for anew, from the ledger: what each of them was told
 * stays.
 */
export const sql = `
ALTER TABLE incident_person ADD COLUMN fields text[] NOT NULL DEFAULT '{}';
UPDATE incident SET scan = scan + 1, affected = NULL WHERE scope IS NOT NULL AND ended_at IS NULL;
COMMENT ON COLUMN incident_person.fields IS 'fields asked for in which something of theirs lay';
`
