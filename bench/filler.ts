import pg from 'pg'

const CELL = 512
const PAGE = 50_000

/**
 * Puts in so many more people by copying the rows of one, under ids, tags and cells of their own. Their keys open nothing: they
 * are there to be counted, looked through and copied, so that what is measured is measured among so many.
 */
export async function fill(
  urls: { readonly dataUrl: string; readonly keystoreUrl: string },
  template: string,
  count: number,
): Promise<void> {
  const [data, keys] = [
    new pg.Client({ connectionString: urls.dataUrl }),
    new pg.Client({ connectionString: urls.keystoreUrl }),
  ]
  await Promise.all([data.connect(), keys.connect()])
  try {
    for (let done = 0; done < count; done += PAGE) {
      const ids = Array.from({ length: Math.min(PAGE, count - done) }, () => crypto.randomUUID())
      const cells = Array.from({ length: Math.ceil(ids.length / CELL) }, () => crypto.randomUUID())
      await fillData(data, template, ids)
      await fillKeys(keys, template, ids, cells)
      process.stderr.write(`  ${done + ids.length} of ${count} people put in\n`)
    }
    await Promise.all([data.query('VACUUM ANALYZE'), keys.query('VACUUM ANALYZE')])
  } finally {
    await Promise.all([data.end(), keys.end()])
  }
}

async function fillData(data: pg.Client, template: string, ids: readonly string[]): Promise<void> {
  const each = 'unnest($1::uuid[]) AS n (id)'
  for (const statement of [
    `INSERT INTO subject SELECT n.id, s.facts_version, s.facts, s.created_at FROM subject s, ${each} WHERE s.subject_id = $2`,
    `INSERT INTO record SELECT n.id, r.compartment, r.generation, r.version, r.sealed FROM record r, ${each} WHERE r.subject_id = $2`,
    `INSERT INTO event SELECT n.id, gen_random_uuid(), e.at, e.body FROM event e, ${each} WHERE e.subject_id = $2`,
  ])
    await data.query(statement, [ids, template])
}

async function fillKeys(
  keys: pg.Client,
  template: string,
  ids: readonly string[],
  cells: readonly string[],
): Promise<void> {
  const { rows } = await keys.query<{ cell_id: string }>('SELECT cell_id FROM key WHERE subject_id = $1 LIMIT 1', [
    template,
  ])
  const of = rows[0]?.cell_id
  await keys.query(
    `INSERT INTO cell (cell_id, version, people) SELECT n.id, c.version, ${CELL} FROM cell c, unnest($1::uuid[]) AS n (id) WHERE c.cell_id = $2`,
    [cells, of],
  )
  await keys.query(
    `INSERT INTO cell_key (cell_id, version, epoch, wrapped, made_at)
     SELECT n.id, k.version, k.epoch, k.wrapped, k.made_at FROM cell c JOIN cell_key k USING (cell_id, version), unnest($1::uuid[]) AS n (id)
     WHERE c.cell_id = $2`,
    [cells, of],
  )
  await keys.query(
    `INSERT INTO key (subject_id, compartment, generation, key_id, cell_id, wrapped, created_at)
     SELECT n.id, k.compartment, k.generation, gen_random_uuid(), ($3::uuid[])[1 + (n.i - 1) / ${CELL}], k.wrapped, k.created_at
     FROM key k, unnest($1::uuid[]) WITH ORDINALITY AS n (id, i) WHERE k.subject_id = $2`,
    [ids, template, cells],
  )
  await keys.query(
    `INSERT INTO tag (kind, tag, subject_id, epoch, proved)
     SELECT t.kind, decode(replace(gen_random_uuid()::text, '-', ''), 'hex'), n.id, t.epoch, t.proved
     FROM tag t, unnest($1::uuid[]) AS n (id) WHERE t.subject_id = $2`,
    [ids, template],
  )
}
