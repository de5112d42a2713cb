import fastify from 'fastify'

/** Fastify answering the same POST with a constant of the size of a real answer. argv: port, size. */
const [port = '0', size = '0'] = process.argv.slice(2)
const app = fastify({ logger: false })
const answer = { filler: 'x'.repeat(Math.max(0, Number(size) - '{"filler":""}'.length)) }
const body = {
  type: 'object',
  required: ['subject'],
  properties: { subject: { type: 'string' } },
} as const
const response = { 200: { type: 'object', properties: { filler: { type: 'string' } } } } as const
app.post('/v1/open', { schema: { body, response } }, () => answer)
await app.listen({ port: Number(port), host: '127.0.0.1' })
process.on('SIGTERM', () => void app.close())
