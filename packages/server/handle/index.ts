import type { Route } from '../route.ts'
import { accessRoutes } from './access.ts'
import { calendarRoutes } from './calendar-feed.ts'
import { demandRoutes } from './demands.ts'
import { destructionRoutes } from './destructions.ts'
import { disclosureRoutes } from './disclosures.ts'
import { formRoutes } from './forms.ts'
import { healthRoutes } from './health.ts'
import { identityRoutes } from './identity.ts'
import { archiveRoutes } from './archive.ts'
import { deputyRoutes } from './deputies.ts'
import { dutyRoutes } from './duties.ts'
import { oidcRoutes } from './oidc.ts'
import { incidentRoutes } from './incidents.ts'
import { ledgerRoutes } from './ledger.ts'
import { lostMailboxRoutes } from './lost-mailbox.ts'
import { mailRoutes } from './mail.ts'
import { meRoutes } from './me.ts'
import { peopleRoutes } from './people.ts'
import { representativeRoutes } from './representatives.ts'
import { policyRoutes } from './policy.ts'
import { policyMatrixRoutes } from './policy-matrix.ts'
import { publicationRoutes } from './publications.ts'
import { requestRoutes } from './requests.ts'
import { retentionRoutes } from './retention.ts'
import { signInRoutes } from './sign-in.ts'
import { staffRoutes } from './staff.ts'

/** What answers each operation of the contract. */
export const ROUTES: readonly Route[] = [
  ...healthRoutes,
  ...identityRoutes,
  ...oidcRoutes,
  ...formRoutes,
  ...accessRoutes,
  ...signInRoutes,
  ...lostMailboxRoutes,
  ...meRoutes,
  ...peopleRoutes,
  ...representativeRoutes,
  ...staffRoutes,
  ...disclosureRoutes,
  ...destructionRoutes,
  ...retentionRoutes,
  ...requestRoutes,
  ...publicationRoutes,
  ...mailRoutes,
  ...incidentRoutes,
  ...dutyRoutes,
  ...archiveRoutes,
  ...deputyRoutes,
  ...calendarRoutes,
  ...demandRoutes,
  ...policyRoutes,
  ...policyMatrixRoutes,
  ...ledgerRoutes,
]
