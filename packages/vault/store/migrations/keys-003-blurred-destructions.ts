/** Of a destroyed person the journal keeps the day: the moment stands in the ledger's last entries, too, and would point at them. */
export const sql = `
UPDATE journal
SET at = date_trunc('day', at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + interval '24 hours',
    detail = '{"kind": "destruction-done", "compartments": [], "person": true}'
WHERE kind = 'destruction-done' AND detail->'person' = 'true';
`
