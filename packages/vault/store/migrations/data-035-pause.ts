/** After a restore what is planned waits; officers may end that earlier. */
export const sql = `
ALTER TABLE restored
  ADD COLUMN end_asked_by text,
  ADD COLUMN end_asked_at timestamptz,
  ADD COLUMN ended_by text,
  ADD COLUMN ended_at timestamptz;
COMMENT ON COLUMN restored.end_asked_by IS 'pseudonym of who wants what is planned to go on before its pause is over; another ends it';
COMMENT ON COLUMN restored.ended_at IS 'since then what is planned is carried out again; null until the pause is over by itself';
`
