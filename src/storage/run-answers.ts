import type pg from 'pg';

/** What came of a part of a run, kept until its end is decided. */
export interface KeptAnswer {
  /** The symbol it is of. */
  readonly item: string;
  /** As JSON can hold it. */
  readonly answer: unknown;
}

/** Keeps answers inside the caller's transaction; a later one replaces an earlier one. */
export async function keepAnswers(
  client: pg.ClientBase,
  runId: string,
  answers: readonly KeptAnswer[],
): Promise<void> {
  if (answers.length === 0) return;
  await client.query(
    `INSERT INTO run_answers (run_id, item, answer) SELECT $1, * FROM unnest($2::text[], $3::jsonb[])
     ON CONFLICT (run_id, item) DO UPDATE SET answer = excluded.answer`,
    [runId, answers.map(({ item }) => item), answers.map(({ answer }) => JSON.stringify(answer))],
  );
}

/** The answers kept of a run, perhaps only those of some items. */
export async function readAnswers(
  client: pg.ClientBase | pg.Pool,
  runId: string,
  items?: readonly string[],
): Promise<KeptAnswer[]> {
  const { rows } = await client.query<KeptAnswer>(
    'SELECT item, answer FROM run_answers WHERE run_id = $1 AND ($2::text[] IS NULL OR item = ANY($2)) ORDER BY item',
    [runId, items ?? null],
  );
  return rows;
}

/** Forgets the answers of items whose end is decided, or of the whole run. */
export async function dropAnswers(
  client: pg.ClientBase,
  runId: string,
  items?: readonly string[],
): Promise<void> {
  await client.query('DELETE FROM run_answers WHERE run_id = $1 AND ($2::text[] IS NULL OR item = ANY($2))', [
    runId,
    items ?? null,
  ]);
}
