import { startServer } from '@doverie/server'

/** The real server. argv: port, keys folder, policy folder; env: BENCH_URL, BENCH_KEYSTORE_URL. */
const [port = '0', keysDir = '', policyDir = ''] = process.argv.slice(2)
const server = await startServer({
  port: Number(port),
  host: '127.0.0.1',
  dataUrl: process.env['BENCH_URL'] ?? '',
  keystoreUrl: process.env['BENCH_KEYSTORE_URL'] ?? '',
  keysDir,
  policyDir,
  origin: 'bench.example/log',
  logLevel: 'warn',
})
process.on('SIGTERM', () => void server.close().then(() => process.exit(0)))
