// How long it takes to find whom an incident is about, in a ledger of a million recorded decisions on a hundred thousand people, and how
// much memory. Started by `node scripts/run.mjs incident`.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openOffline } from '@doverie/server/offline'
import { currentPolicy, describeIncident, openIncident, scopeIncident, tendIncidents } from '@doverie/vault'
import { openBench } from './seed.ts'
import { generateLedger } from './testing/generated-ledger.ts'
import { timed } from './timing.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const POLICY = join(HERE, '../policies/netrack')
const OFFICER = {
  kind: 'staff',
  name: 'dpo',
  staff: '00000000-0000-4000-8000-000000000001',
  pseudonym: 'bench',
} as const
const { values: options } = parseArgs({
  options: {
    people: { type: 'string', default: '100000' },
    entries: { type: 'string', default: '1000000' },
    days: { type: 'string', default: '3' },
    data: { type: 'string', default: join(HERE, '.data/incident') },
  },
})
const shape = { people: Number(options.people), entries: Number(options.entries), days: Number(options.days) }

async function main(): Promise<void> {
  await rm(options.data, { recursive: true, force: true })
  const installation = await openBench(options.data)
  const vault = await openOffline(installation, POLICY, 'bench.example/log')
  try {
    const policy = currentPolicy(vault)
    if (policy === null) throw new Error('no policy')
    await generateLedger(vault, policy, shape)
    const to = vault.now()
    const words = { what: 'a key was stolen', cause: '', harm: '', measures: '' }
    const { id } = await openIncident(vault, OFFICER, { ...words, detectedAt: to })
    await scopeIncident(vault, OFFICER, { incident: id, from: to - (shape.days + 1) * 86_400_000, to })
    let most = process.memoryUsage.rss()
    const before = most
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss())
    }, 100)
    const took = await timed(() => tendIncidents(vault))
    clearInterval(watch)
    const { affected } = (await describeIncident(vault, OFFICER, id)).row
    if (affected === null) throw new Error('the search did not come to its end')
    const { people, entries, untied } = affected
    const memory = Math.round((most - before) / 1_048_576)
    process.stdout.write(
      `${people} people found by ${entries} permitted entries of ${shape.entries} (${untied} untied) in ${(took / 1000).toFixed(1)} s, ` +
        `${memory} MB beyond what the process had\n`,
    )
  } finally {
    await vault.close()
    await installation.close()
  }
}

await main()
