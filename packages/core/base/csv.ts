/**
 * Lines of cells as RFC 4180: each cell in quotes, lines ended by CRLF. A cell that a spreadsheet would run begins with an apostrophe.
 * `between` is what a spreadsheet takes for the end of a cell: a comma, in Russia a semicolon.
 */
export function csv(rows: readonly (readonly string[])[], between: ',' | ';' = ','): string {
  return rows
    .map((row) => `${row.map((cell) => `"${harmless(cell).replaceAll('"', '""')}"`).join(between)}\r\n`)
    .join('')
}

/** What a spreadsheet would run as a formula stays readable behind an apostrophe: nobody's text is the reader's program. */
function harmless(cell: string): string {
  return /^[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]/u.test(cell) || /^[\t\r\n]/.test(cell) ? `'${cell}` : cell
}
