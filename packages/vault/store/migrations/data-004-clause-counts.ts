/**
 * How often entries of the ledger cite a clause. Counted from the private bodies, place by place: what `clause_count` holds is
 * exactly what stands in the places below `counted`, so a count begun before this step starts from the first entry.
 */
export const sql = `
CREATE TABLE clause_count (
  policy  text NOT NULL,
  clause  text NOT NULL,
  kind    text NOT NULL,
  entries bigint NOT NULL,
  PRIMARY KEY (policy, clause, kind)
);
COMMENT ON COLUMN clause_count.kind IS 'permit, refuse; act for entries that are no decision on personal data';

CREATE TABLE clause_count_state (
  origin  text PRIMARY KEY,
  counted bigint NOT NULL
);
COMMENT ON COLUMN clause_count_state.counted IS 'places of the ledger below it are counted';
`
