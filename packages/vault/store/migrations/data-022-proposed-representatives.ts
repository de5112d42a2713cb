/** Who is to act for somebody waits for a second word: until then the row says what was proposed, by whom, and no facts know of it. */
export const sql = `
ALTER TABLE representation ADD COLUMN proposal jsonb;
COMMENT ON COLUMN representation.proposal IS 'what waits for its second word; null where it was said, or none was needed';
CREATE INDEX representation_waiting ON representation ((proposal->>'askedAt')) WHERE proposal IS NOT NULL;
`
