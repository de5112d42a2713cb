/** Whose own request to be destroyed waits, by its day: the job finds those that are due without looking at everybody. */
export const sql = `
CREATE INDEX subject_erasure ON subject (((facts->'erasure'->>'due')::bigint))
  WHERE (facts->'erasure'->>'due')::bigint IS NOT NULL;
`
