import { takePermitIssuer } from '../permit.ts'

/** Taken once, as this module loads; only the guard's own files import it (checked by the lint of imports). */
export const issuePermit: ReturnType<typeof takePermitIssuer> = takePermitIssuer()
