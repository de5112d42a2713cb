/** The last numbers given out in the register of letters: data that came out of a backup go on after them. */
export const sql = `
CREATE TABLE register_number (
  series text NOT NULL,
  year   int NOT NULL,
  last   int NOT NULL,
  PRIMARY KEY (series, year)
);
COMMENT ON TABLE register_number IS 'what the table of this name in the data says, known here before a number is shown';
`
