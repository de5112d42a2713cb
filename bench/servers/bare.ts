import fastify from 'fastify'
import pg from 'pg'

/** Fastify and `pg`: one prepared point select of the same row in plaintext per request, nothing else. argv: port; env: BENCH_URL. */
const pool = new pg.Pool({ connectionString: process.env['BENCH_URL'], max: 10 })
const app = fastify({ logger: false })
const text = { type: 'string' } as const
const body = { type: 'object', required: ['subject'], properties: { subject: text } } as const
const values = {
  type: 'object',
  properties: { surname: text, given_name: text, patronymic: text, email: text, phone: text },
} as const
const response = { 200: { type: 'object', properties: { values } } } as const
app.post<{ Body: { subject: string } }>('/v1/open', { schema: { body, response } }, async (request) => {
  const found = await pool.query({
    name: 'person',
    text: 'SELECT surname, given_name, patronymic, email, phone FROM bare_person WHERE id = $1',
    values: [request.body.subject],
  })
  return { values: found.rows[0] as unknown }
})
await app.listen({ port: Number(process.argv[2]), host: '127.0.0.1' })
process.on('SIGTERM', () => void app.close().then(() => pool.end()))
