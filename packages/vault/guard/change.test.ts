import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { asService, asStaff, asSubject } from '../testing/callers.ts'
import { cutLine } from '../testing/cut-line.ts'
import { faultOf } from '../testing/fault.ts'
import { contents } from '../testing/observed.ts'
import { netrackBundle, openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { TEST_ORIGIN } from '../testing/netrack-bundle.ts'
import { someone } from '../testing/people.ts'
import { memoryKms } from '../testing/root-keys.ts'
import { loadPolicy } from '../use/adopt-policy.ts'
import { blockPerson } from '../use/block-person.ts'
import { revokeCredential } from '../use/credentials.ts'
import { destroyData } from '../use/destroy-data.ts'
import { sweep } from '../use/sweep.ts'
import { withdrawConsent } from '../use/withdraw-consent.ts'
import { openVault, type Vault } from './vault.ts'

let test: TestVault
let vault: Vault
beforeEach(async () => {
  test = await openTestVault()
  ;({ vault } = test)
})
afterEach(() => test.close())

interface Line {
  readonly kind: string
  readonly pending: boolean
  readonly version: number | null
}

async function journal(holder: string): Promise<readonly Line[]> {
  const { rows } = await vault.keys.query<Line>(
    'SELECT kind, pending, version::int FROM journal WHERE holder_id = $1 ORDER BY version, place',
    [holder],
  )
  return rows
}

const MARKETING = { purpose: 'marketing', entity: 'start', allEntities: false }
/** The sweep leaves to others what may still be under way. */
const LATER = 11 * 60_000

/** Makes the data refuse every commit of a change, at the last moment. */
async function refuseCommits(): Promise<() => Promise<unknown>> {
  await vault.data.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
    CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON ledger_batch DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()`)
  return () => vault.data.query('DROP TRIGGER refuse ON ledger_batch; DROP FUNCTION refuse')
}

describe('the journal of narrowings', () => {
  it('knows each by the id and the version under which the data know it, confirmed before it is acknowledged', async () => {
    const { subject } = await someone(vault, { consents: ['marketing'] })
    await withdrawConsent(vault, asSubject(subject), { subject, ...MARKETING })
    await blockPerson(vault, asStaff('dpo'), { subject, entity: 'start', reason: 'unlawful' })
    const lines = await journal(subject)
    expect(lines.map(({ kind, pending }) => [kind, pending])).toEqual([
      ['consent-withdrawn', false],
      ['blocked', false],
    ])
    const { rows } = await vault.data.query<{ version: number }>(
      'SELECT facts_version::int AS version FROM subject WHERE subject_id = $1',
      [subject],
    )
    expect(lines.at(-1)?.version).toBe(rows[0]?.version)
    const known = await vault.keys.query<{ entry_id: string }>('SELECT entry_id FROM journal WHERE holder_id = $1', [
      subject,
    ])
    const events = await vault.data.query('SELECT FROM event WHERE event_id = ANY($1)', [
      known.rows.map((row) => row.entry_id),
    ])
    expect(events.rowCount).toBe(2)
  })

  it('hears of one that is not committed, and forgets it once that is certain', async () => {
    const { subject } = await someone(vault, { consents: ['marketing'] })
    const { credential } = await asService(vault, 'site', ['identification'])
    const before = await contents(vault.data)
    const permit = await refuseCommits()
    await faultOf(withdrawConsent(vault, asSubject(subject), { subject, ...MARKETING }), 'storage-unavailable')
    await faultOf(revokeCredential(vault, asStaff('dpo'), credential), 'storage-unavailable')
    await permit()
    expect(await contents(vault.data)).toEqual(before)
    expect(await journal(subject)).toMatchObject([{ kind: 'consent-withdrawn', pending: true }])
    expect(await journal(credential)).toMatchObject([{ kind: 'credential-revoked', pending: true }])
    await sweep(vault)
    expect(await journal(subject)).toHaveLength(1)
    test.pass(LATER)
    await sweep(vault)
    expect([await journal(subject), await journal(credential)]).toEqual([[], []])
  })

  it('keeps one whose commit took place though nobody was told, and the sweep confirms it', async () => {
    const { subject } = await someone(vault, { consents: ['marketing'] })
    const line = await cutLine(test.urls.dataUrl)
    const kms = memoryKms()
    const { keystoreUrl } = test.urls
    const cut = await openVault({ dataUrl: line.url, keystoreUrl, kms, origin: TEST_ORIGIN, now: test.now })
    try {
      await loadPolicy(cut, netrackBundle())
      line.cutAtCommit()
      await faultOf(withdrawConsent(cut, asSubject(subject), { subject, ...MARKETING }), 'storage-unavailable')
      line.mend()
      expect(line.kept()).toBe(1)
      expect(await journal(subject)).toMatchObject([{ kind: 'consent-withdrawn', pending: true }])
      test.pass(LATER)
      await sweep(vault)
      expect(await journal(subject)).toMatchObject([{ kind: 'consent-withdrawn', pending: false }])
    } finally {
      await cut.close()
      line.close()
    }
  })

  it('keeps the change from taking place where it cannot be told', async () => {
    const { subject } = await someone(vault, { consents: ['marketing'] })
    await vault.keys.query('ALTER TABLE journal RENAME TO lost')
    const before = await contents(vault.data)
    await faultOf(withdrawConsent(vault, asSubject(subject), { subject, ...MARKETING }), 'storage-unavailable')
    await faultOf(
      destroyData(vault, asSubject(subject), { subject, entity: 'start', compartments: null }),
      'storage-unavailable',
    )
    expect(await contents(vault.data)).toEqual(before)
    await vault.keys.query('ALTER TABLE lost RENAME TO journal')
  })
})
