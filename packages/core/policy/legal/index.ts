export { checkLegal } from './check-legal.ts'
export { type LegalItem, legalItemText, legalReport } from './legal-report.ts'
