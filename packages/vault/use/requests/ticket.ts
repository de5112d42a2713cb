/** The number of a request as a ticket of the ledger: `RQ-26000031` for 2026-000031. */
export function ticketOf(number: string): string {
  return `RQ-${number.slice(2, 4)}${number.slice(5)}`
}
