/** Letters whose words are kept still, the oldest first: for whoever looks for those whose term is over. */
export const sql = `
CREATE INDEX letter_kept ON letter (registered_at) WHERE sealed IS NOT NULL;
`
