import type pg from 'pg';
import type { Bar, BaseTimeframe, RejectedBar } from '../market/bar.ts';
import type { BarList } from '../market/packed-bars.ts';
import { type ImportedBars, type Windows, importedBars } from '../market/imported-bars.ts';
import { writeAbsences } from './absences.ts';
import {
  type Answered,
  type EarlierCoverage,
  finalizeBars,
  forgetSymbols,
  writeCoverage,
} from './coverage.ts';
import { writeRejects } from './rejects.ts';
import { type LoggedRequest, appendRequests } from './requests.ts';
import { addToRun } from './run-counts.ts';
import type { Records, RunProgress } from './read-runs.ts';
import { type KeptAnswer, dropAnswers, keepAnswers } from './run-answers.ts';
import { type EndedSymbol, type SymbolOutcome, finishSymbols } from './runs.ts';
import { type WriteCounts, writeBars } from './write-bars.ts';

/** A validated page, ready to be stored. */
export interface PageToStore extends Answered {
  /** In order; each key once. */
  readonly bars: BarList;
  readonly rejects: readonly RejectedBar[];
  /** The number of the request it came with; null for what was known without asking. */
  readonly request: number | null;
}

/** What commits together: pages of several symbols and the symbols that are done with them. */
export interface Batch {
  /** A UUID, the same in every try. */
  readonly id: string;
  readonly runId: string;
  readonly attempt: number;
  readonly windows: Windows;
  readonly pages: readonly PageToStore[];
  readonly outcomes: readonly SymbolOutcome[];
  /** Of symbols whose end is to be decided later. */
  readonly answers: readonly KeptAnswer[];
  readonly estimatedCompletion: Date;
  /** The requests its pages came with, and others to be logged. */
  readonly requests: readonly LoggedRequest[];
}

/** What a batch came to. */
export interface WrittenBatch {
  readonly records: Records;
  readonly ended: readonly EndedSymbol[];
  /** Where the run stands; null when no symbol ended. */
  readonly progress: RunProgress | null;
}

/** `isRepeated`: an earlier try had committed it. */
export type BatchResult = WrittenBatch & { readonly isRepeated: boolean };

/**
 * Writes a batch inside the caller's transaction: bars, quarantine, coverage, absences, the run's
 * counts and progress. All of it or, when it throws, none. A batch that was committed before changes nothing again and
 * comes to the same.
 * @throws RunTakenOver
 */
export async function writeBatch(
  client: pg.ClientBase,
  batch: Batch,
  options: { useCopy: boolean },
): Promise<BatchResult> {
  const committed = await findBatch(client, batch);
  if (committed !== null) return { ...committed, isRepeated: true };
  const earlier = await writeCoverage(client, batch.pages);
  const written = [
    ...(await writeTimeframe(client, 'daily', batch, earlier, options)),
    ...(await writeTimeframe(client, 'hourly', batch, earlier, options)),
  ];
  await finalizeBars(client, earlier.finalized);
  const total = (field: 'new' | 'changed' | 'rows'): number =>
    written.reduce((sum, one) => sum + one[field], 0);
  const raw = {
    new: total('new'),
    changed: total('changed'),
    unchanged: total('rows') - total('new') - total('changed'),
    rejected: batch.pages.reduce((sum, page) => sum + page.rejects.length, 0),
  };
  const { runId, attempt, requests } = batch;
  const added = await addToRun(client, runId, attempt, { raw, imported: written, requests });
  const records = { ...raw, imported: added.imported };
  await appendRequests(client, runId, added.requestsBefore, requests);
  await writeRejects(client, batch.runId, batch.pages);
  await writeAbsences(client, batch.pages, earlier);
  await keepAnswers(client, runId, batch.answers);
  const ends = await finishSymbols(client, runId, attempt, batch.outcomes, batch.estimatedCompletion);
  const unknown = batch.outcomes.filter(({ failure }) => failure?.code === 'SYMBOL_NOT_FOUND');
  await forgetSymbols(
    client,
    unknown.map(({ symbol }) => symbol),
  );
  if (batch.outcomes.length > 0)
    await dropAnswers(
      client,
      runId,
      batch.outcomes.map(({ symbol }) => symbol),
    );
  const result: WrittenBatch = { records, ...ends };
  await client.query('INSERT INTO run_batches VALUES ($1, $2, $3)', [
    runId,
    batch.id,
    JSON.stringify(result),
  ]);
  return { ...result, isRepeated: false };
}

/** What a batch came to that was committed by an earlier try; null when none was. */
async function findBatch(client: pg.ClientBase, { runId, id }: Batch): Promise<WrittenBatch | null> {
  const { rows } = await client.query<{ result: WrittenBatch }>(
    'SELECT result FROM run_batches WHERE run_id = $1 AND batch = $2',
    [runId, id],
  );
  const result = rows[0]?.result;
  if (result === undefined) return null;
  const { progress } = result;
  const estimatedCompletion = progress && new Date(progress.estimatedCompletion);
  return { ...result, progress: progress && { ...progress, estimatedCompletion: estimatedCompletion! } };
}

interface Written {
  readonly symbol: string;
  readonly rows: number;
  readonly new: number;
  readonly changed: number;
  readonly imported: ImportedBars;
}

async function writeTimeframe(
  client: pg.ClientBase,
  timeframe: BaseTimeframe,
  batch: Batch,
  earlier: EarlierCoverage,
  { useCopy }: { useCopy: boolean },
): Promise<Written[]> {
  const groups = bySymbol(batch.pages.filter((page) => page.timeframe === timeframe && page.bars.length > 0));
  const counts = new Map<string, WriteCounts>();
  const mayBeStored = (symbol: string): boolean => earlier.isRepeated({ symbol, timeframe });
  for (const count of await writeBars(client, timeframe, groups, { useCopy, mayBeStored }))
    counts.set(count.symbol, count);
  return groups.map(({ symbol, bars }) => {
    const count = counts.get(symbol);
    return {
      symbol,
      rows: bars.length,
      new: count?.new ?? 0,
      changed: count?.changed ?? 0,
      imported: importedBars(timeframe, count?.sessions ?? [], batch.windows),
    };
  });
}

/** One group a symbol, and in it each key once: the vendor may repeat a bar across pages, and the later one stands. */
function bySymbol(pages: readonly PageToStore[]): PageToStore[] {
  const groups = new Map<string, PageToStore[]>();
  for (const page of pages) {
    const group = groups.get(page.symbol);
    if (group === undefined) groups.set(page.symbol, [page]);
    else group.push(page);
  }
  return Array.from(groups.values(), joinPages);
}

function joinPages(pages: readonly PageToStore[]): PageToStore {
  const last = pages.at(-1)!;
  return pages.length === 1 ? last : { ...last, bars: mergeBars(pages) };
}

function mergeBars(pages: readonly PageToStore[]): readonly Bar[] {
  const bars = pages.flatMap((page) => [...page.bars]);
  const isRising = bars.every((bar, place) => place === 0 || bars[place - 1]!.startsAt < bar.startsAt);
  return isRising ? bars : [...new Map(bars.map((bar) => [bar.startsAt, bar])).values()];
}
