import type { Pool } from 'pg';

/** Tables, views, columns, constraints, indexes and functions of `public` as text, the same from every supported server. */
export async function describeSchema(pool: Pool): Promise<string> {
  const { rows: relations } = await pool.query<{
    oid: number;
    name: string;
    title: string;
    view: boolean;
    details: string[];
  }>(`
    SELECT c.oid, c.relname AS name, c.relkind = 'v' AS view,
           concat_ws(' ', CASE c.relkind WHEN 'v' THEN 'view' ELSE 'table' END, c.relname,
                     'with (' || array_to_string(c.reloptions, ', ') || ')',
                     '-- ' || obj_description(c.oid, 'pg_class')) AS title,
           ARRAY(SELECT concat_ws(' ', attname, format_type(atttypid, atttypmod),
                                  'collate ' || nullif(l.collname, 'default'),
                                  CASE WHEN attnotnull THEN 'not null' END,
                                  'default ' || pg_get_expr(adbin, adrelid),
                                  '-- ' || col_description(c.oid, attnum))
                   FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
                   LEFT JOIN pg_collation l ON l.oid = attcollation
                  WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum)
           -- From PostgreSQL 18 on a column's NOT NULL is a constraint too.
           || ARRAY(SELECT pg_get_constraintdef(oid) FROM pg_constraint
                     WHERE conrelid = c.oid AND contype <> 'n' ORDER BY contype DESC, conname)
           || ARRAY(SELECT pg_get_indexdef(indexrelid) FROM pg_index
                     WHERE indrelid = c.oid
                       AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) ORDER BY indexrelid::regclass::text)
             AS details
      FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v')
     ORDER BY c.relkind, c.relname COLLATE "C"`);
  // And the names within views.
  const names = [...relations.map(({ name }) => name), 'known', 'branches'];
  const blocks: string[] = [];
  for (const { oid, title, view, details } of relations) {
    const definition = view ? await viewDefinition(pool, oid, names) : [];
    blocks.push([title, ...details, ...definition].join('\n  '));
  }
  const { rows: functions } = await pool.query<{ line: string }>(`
    SELECT concat_ws(' ', CASE prokind WHEN 'a' THEN 'aggregate' ELSE 'function' END, oid::regprocedure, 'parallel ' || proparallel::text) AS line
      FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1`);
  return `${[...blocks, ...functions.map(({ line }) => line)].join('\n\n')}\n`;
}

async function viewDefinition(pool: Pool, oid: number, relations: readonly string[]): Promise<string[]> {
  const { rows } = await pool.query<{ text: string }>('SELECT pg_get_viewdef($1::oid) AS text', [oid]);
  // Servers before 16 write a relation's name before its columns even where it is the only one.
  const qualifier = new RegExp(`\\b(?:${relations.join('|')})\\.`, 'g');
  const lines = (rows[0]?.text ?? '').replaceAll(qualifier, '').split('\n');
  return ['as', ...lines.map((line) => `  ${line.trim()}`)];
}
