// A witness for tests that kill it: serve-witness.ts FOLDER NAME LOGS. Prints its address.
import { readFile } from 'node:fs/promises'
import { parseTrustPolicy } from '@doverie/core/log'
import { openWitnessKeys, startWitness } from '../serve.ts'

const [dir = '', name = '', logs = ''] = process.argv.slice(2)
const policy = parseTrustPolicy(await readFile(logs))
const keys = await openWitnessKeys(dir, name)
const { url } = await startWitness({ host: '127.0.0.1', port: 0, dir, keys, policy, logLevel: 'silent' })
process.stdout.write(`${url}\n`)
