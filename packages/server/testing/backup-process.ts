// A backup in a process of its own, to be killed: it tells how many files are done.
import { backUpPlace, placeAt } from './backups.ts'

const [dataUrl = '', keystoreUrl = '', to = '', ...recipients] = process.argv.slice(2)
await backUpPlace(placeAt(dataUrl, keystoreUrl), 'data', {
  to,
  recipients,
  onProgress: ({ parts }) => void process.stdout.write(`${parts}\n`),
})
