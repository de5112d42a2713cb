/** Lines of cells as RFC 4180: each cell in quotes, lines ended by CRLF. A cell that a spreadsheet would run begins with an apostrophe. */
export function csv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map((cell) => `"${harmless(cell).replaceAll('"', '""')}"`).join(',')}\r\n`).join('')
}

/** What a spreadsheet would run as a formula stays readable behind an apostrophe: nobody's text is the reader's program. */
function harmless(cell: string): string {
  return /^[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]/u.test(cell) || /^[\t\r\n]/.test(cell) ? `'${cell}` : cell
}
