// The intake of letters in a process of its own, which kills itself at a point.
import { ImapFlow } from 'imapflow'
import { openReplayed } from '@doverie/vault'
import { fileURLToPath } from 'node:url'
import { fileKms } from '../../vault/seal/kms-file.ts'
import { QUIET } from '../embedded/index.ts'
import { imapSettings } from '../intake/imap-settings.ts'
import { runIntake } from '../intake/run-intake.ts'
import { rootKeyFile } from '../keys-folder.ts'
import { logLines } from '../log-lines.ts'
import { loadPolicyFolder } from '../policy-folder.ts'

const [dataUrl = '', keystoreUrl = '', keysDir = '', url = '', point = 'none'] = process.argv.slice(2)
const die = (): void => {
  process.kill(process.pid, 'SIGKILL')
}
const client = ImapFlow.prototype
const fetchOne = Reflect.get(client, 'fetchOne')
const messageFlagsAdd = Reflect.get(client, 'messageFlagsAdd')
client.fetchOne = async function (...given) {
  const found = await fetchOne.apply(this, given)
  if (point === 'fetched') die()
  return found
}
client.messageFlagsAdd = async function (...given) {
  if (point === 'taken') die()
  const done = await messageFlagsAdd.apply(this, given)
  if (point === 'marked') die()
  return done
}

const kms = fileKms(rootKeyFile(keysDir))
const place = { dataUrl, keystoreUrl, kms, origin: 'doverie.local/ledger', now: () => Date.now() }
const vault = await openReplayed(place)
await loadPolicyFolder(vault, fileURLToPath(new URL('../../../policies/netrack', import.meta.url)), QUIET)
const stopping = new AbortController()
const imap = imapSettings({ url, ca: null, done: null, junk: null, since: '2020-01-01', seconds: 1 })
const settings = { own: [], authenticates: null }
setTimeout(() => {
  stopping.abort()
}, 2_000)
await runIntake(vault, logLines('silent'), imap, settings, stopping.signal)
await vault.close()
process.disconnect()
