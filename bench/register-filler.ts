import pg from 'pg'

const PAGE = 20_000
/** What tells a copy from what was registered. */
const COPY = 'F'

/** Takes out the copies of a former run. */
export async function clearCopies(dataUrl: string): Promise<void> {
  await inDatabase(dataUrl, async (db) => {
    await db.query(
      `DELETE FROM request_event WHERE request_id IN (SELECT request_id FROM request WHERE number LIKE '${COPY}%')`,
    )
    await db.query(`DELETE FROM request WHERE number LIKE '${COPY}%'`)
    await db.query(`DELETE FROM letter WHERE number LIKE '${COPY}%'`)
    await db.query('VACUUM ANALYZE')
  })
}

/**
 * Puts in so many more open requests by copying the rows of those that are open, each with a letter of its own, a minute apart: half of
 * them past their planned end. Their letters have no keys, and nothing wakes them for a year: they are there to be sorted and paged
 * through.
 */
export async function fillRegister(dataUrl: string, count: number): Promise<void> {
  await inDatabase(dataUrl, async (db) => {
    await db.query(
      `CREATE TEMP TABLE template AS SELECT request_id, letter_id, row_number() OVER (ORDER BY request_id) - 1 AS n
       FROM request WHERE ended_at IS NULL AND number NOT LIKE '${COPY}%'`,
    )
    for (let from = 1; from <= count; from += PAGE) {
      const to = Math.min(count, from + PAGE - 1)
      for (const statement of COPIES) await db.query(statement, [from, to, count])
      process.stderr.write(`  ${to} of ${count} requests put in\n`)
    }
    await db.query('VACUUM ANALYZE')
  })
}

const CHOSEN = `generate_series($1::int, $2::int) AS i
  JOIN template t ON t.n = i % (SELECT count(*) FROM template)`

const COPIES = [
  `INSERT INTO letter SELECT m.* FROM ${CHOSEN} JOIN letter l USING (letter_id), LATERAL jsonb_populate_record(l, jsonb_build_object(
     'letter_id', md5('letter ' || i)::uuid, 'number', '${COPY}' || i, 'source', NULL)) AS m WHERE $3::int > 0`,
  `INSERT INTO request SELECT m.* FROM ${CHOSEN} JOIN request r USING (request_id), LATERAL jsonb_populate_record(r, jsonb_build_object(
     'request_id', md5('request ' || i)::uuid, 'letter_id', md5('letter ' || i)::uuid, 'number', '${COPY}' || i,
     'due_at', now() + (i - $3::int / 2) * interval '1 minute', 'wake_at', now() + interval '1 year')) AS m`,
  `INSERT INTO request_event SELECT m.* FROM ${CHOSEN} JOIN request_event e USING (request_id), LATERAL jsonb_populate_record(e,
     jsonb_build_object('request_id', md5('request ' || i)::uuid)) AS m WHERE $3::int > 0`,
]

async function inDatabase(dataUrl: string, work: (db: pg.Client) => Promise<void>): Promise<void> {
  const db = new pg.Client({ connectionString: dataUrl })
  await db.connect()
  try {
    await work(db)
  } finally {
    await db.end()
  }
}
