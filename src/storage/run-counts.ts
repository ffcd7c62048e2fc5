import type pg from 'pg';
import { RunTakenOver } from '../errors.ts';
import type { ImportedBars } from '../market/imported-bars.ts';
import { PHASE, type Records } from './read-runs.ts';
import type { LoggedRequest } from './requests.ts';

/** What a batch adds to its run. */
export interface BatchCounts {
  readonly raw: Omit<Records, 'imported'>;
  /** Per symbol, perhaps several times. */
  readonly imported: readonly { readonly symbol: string; readonly imported: ImportedBars }[];
  readonly requests: readonly Pick<LoggedRequest, 'purpose' | 'bytes'>[];
}

/**
 * Adds what a batch brought to its run and symbols, while the attempt still owns the run: an attempt that was taken
 * over commits nothing more. Takes the run's row first, so that batches of a run never deadlock. A week or month that
 * an earlier batch of the run touched counts no second time.
 * @throws RunTakenOver
 */
export async function addToRun(
  client: pg.ClientBase,
  runId: string,
  attempt: number,
  { raw, imported, requests }: BatchCounts,
): Promise<{ requestsBefore: number; imported: number }> {
  const planned = requests.filter(({ purpose }) => purpose !== 'evidence').length;
  // Nobody can plan them: an answer says that there is one more.
  const laterPages = requests.filter(({ purpose }) => purpose === 'page').length;
  const bytes = requests.reduce((sum, request) => sum + request.bytes, 0);
  const { rows } = await client.query<{ before: number }>(
    `UPDATE processing_runs
        SET records_new = records_new + $3, records_changed = records_changed + $4,
            records_unchanged = records_unchanged + $5, records_rejected = records_rejected + $6,
            requests = requests + $7, bytes = bytes + $8, requests_logged = requests_logged + $9,
            requests_planned = requests_planned + $10
      WHERE run_id = $1 AND attempt = $2 AND status = 'in_progress' RETURNING requests_logged - $9 AS before`,
    [
      runId,
      attempt,
      raw.new,
      raw.changed,
      raw.unchanged,
      raw.rejected,
      planned,
      bytes,
      requests.length,
      laterPages,
    ],
  );
  const requestsBefore = rows[0]?.before;
  if (requestsBefore === undefined) throw new RunTakenOver(runId);
  const added = await addToSymbols(client, runId, imported);
  if (added > 0)
    await client.query(
      'UPDATE processing_runs SET records_imported = records_imported + $2 WHERE run_id = $1',
      [runId, added],
    );
  return { requestsBefore, imported: added };
}

/** Adds to the symbols of a run; how many bars that are altogether. */
async function addToSymbols(
  client: pg.ClientBase,
  runId: string,
  imported: BatchCounts['imported'],
): Promise<number> {
  const given = bySymbol(imported);
  if (given.length === 0) return 0;
  // By symbol in one value: of a run this young the planner expects a row, and would join a list to it in loops.
  const counted = [
    given.map(({ symbol }) => symbol),
    Object.fromEntries(
      given.map(({ symbol, weeks, months }) => [
        symbol,
        { weeks: toMultirange(weeks), months: toMultirange(months) },
      ]),
    ),
  ];
  const weeks = "($4::jsonb -> symbol ->> 'weeks')::int4multirange";
  const months = "($4::jsonb -> symbol ->> 'months')::int4multirange";
  const { rows } = await client.query<{ symbol: string; periods: number }>(
    `SELECT symbol, (coalesce((SELECT sum(upper(w) - lower(w)) FROM unnest(${weeks} - weeks) w), 0)
                     + coalesce((SELECT sum(upper(m) - lower(m)) FROM unnest(${months} - months) m), 0))::integer AS periods
       FROM symbol_processing_status WHERE run_id = $1 AND phase = $2 AND symbol = ANY($3::text[])`,
    [runId, PHASE, ...counted],
  );
  const periods = new Map(rows.map((row) => [row.symbol, row.periods]));
  const added = new Map(given.map(({ symbol, bars }) => [symbol, bars + (periods.get(symbol) ?? 0)]));
  await client.query(
    `UPDATE symbol_processing_status
        SET records_imported = records_imported + ($5::jsonb ->> symbol)::integer, weeks = weeks + ${weeks}, months = months + ${months}, updated_at = now()
      WHERE run_id = $1 AND phase = $2 AND symbol = ANY($3::text[])`,
    [runId, PHASE, ...counted, Object.fromEntries(added)],
  );
  return [...added.values()].reduce((sum, one) => sum + one, 0);
}

/** One of each symbol that has something to count. */
function bySymbol(
  imported: BatchCounts['imported'],
): { symbol: string; bars: number; weeks: number[]; months: number[] }[] {
  const sums = new Map<string, { symbol: string; bars: number; weeks: number[]; months: number[] }>();
  for (const { symbol, imported: one } of imported) {
    if (one.bars + one.weeks.length + one.months.length === 0) continue;
    const sum = sums.get(symbol) ?? { symbol, bars: 0, weeks: [], months: [] };
    sums.set(symbol, sum);
    sum.bars += one.bars;
    sum.weeks.push(...one.weeks);
    sum.months.push(...one.months);
  }
  return [...sums.values()];
}

/** Whole numbers as PostgreSQL writes them in ranges. */
const toMultirange = (numbers: readonly number[]): string =>
  `{${numbers.map((number) => `[${number},${number + 1})`).join(',')}}`;
