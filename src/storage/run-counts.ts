import type pg from 'pg';
import { RunTakenOver } from '../errors.ts';
import type { ImportedBars } from '../market/imported-bars.ts';
import { joinLists } from './join-lists.ts';
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
  const fresh = (periods: string): string =>
    `coalesce((SELECT sum(upper(p) - lower(p)) FROM unnest(g.${periods} - s.${periods}) p), 0)`;
  const { rows } = await joinLists(client, () =>
    client.query<{ added: number }>(
      `WITH counted AS (
       SELECT s.symbol, g.weeks, g.months, (g.bars + ${fresh('weeks')} + ${fresh('months')})::integer AS added
         FROM symbol_processing_status s
         JOIN unnest($3::text[], $4::integer[], $5::int4multirange[], $6::int4multirange[]) AS g(symbol, bars, weeks, months)
           ON g.symbol = s.symbol
        WHERE s.run_id = $1 AND s.phase = $2
     ), told AS (
       UPDATE symbol_processing_status s
          SET records_imported = s.records_imported + c.added, weeks = s.weeks + c.weeks, months = s.months + c.months,
              updated_at = now()
         FROM counted c WHERE s.run_id = $1 AND s.phase = $2 AND s.symbol = c.symbol
       RETURNING c.added
     )
     SELECT coalesce(sum(added), 0)::integer AS added FROM told`,
      [
        runId,
        PHASE,
        given.map(({ symbol }) => symbol),
        given.map(({ bars }) => bars),
        given.map(({ weeks }) => toMultirange(weeks)),
        given.map(({ months }) => toMultirange(months)),
      ],
    ),
  );
  return rows[0]!.added;
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

/** Whole numbers as a multirange, those that follow each other as one range: years of weeks are few. */
function toMultirange(numbers: readonly number[]): string {
  const ranges: { from: number; before: number }[] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && number <= last.before) last.before = number + 1;
    else ranges.push({ from: number, before: number + 1 });
  }
  return `{${ranges.map(({ from, before }) => `[${from},${before})`).join(',')}}`;
}
