/** The number of a demand as a ticket of the ledger: `DM-26000031` for 2026-000031. */
export function demandTicket(number: string): string {
  return `DM-${number.slice(2, 4)}${number.slice(5)}`
}
