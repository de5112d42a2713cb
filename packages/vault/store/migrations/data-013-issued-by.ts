/** Who had a one-time link made, by their pseudonym, and by whose link a session began; null for whoever holds the machine, and for people. */
export const sql = `
ALTER TABLE sign_in ADD COLUMN issued_by text;
ALTER TABLE session ADD COLUMN issued_by text;
`
