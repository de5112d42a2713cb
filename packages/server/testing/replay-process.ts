// A replay in a process of its own, to be killed.
import { openReplayed } from '@doverie/vault'
import { fileKms } from '../../vault/seal/kms-file.ts'
import { rootKeyFile } from '../keys-folder.ts'

const [dataUrl = '', keystoreUrl = '', keysDir = '', origin = ''] = process.argv.slice(2)
const kms = fileKms(rootKeyFile(keysDir))
await (await openReplayed({ dataUrl, keystoreUrl, kms, origin, now: () => Date.now() })).close()
