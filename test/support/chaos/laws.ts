import type { EndState, EventState, RunState } from './end-state.ts';

/** What is judged of an import that ended. */
export interface Evidence {
  readonly expected: EndState;
  readonly found: EndState;
  /** All of it is one run. */
  readonly keepsRun: boolean;
  /** Numbers in the order in which a subscriber heard them; null when nobody published to the end. */
  readonly heard: readonly number[] | null;
  readonly requests: {
    /** Of the undisturbed import. */
    readonly planned: number;
    readonly sent: number;
    /** That may have been sent in vain. */
    readonly allowed: number;
  };
}

/** Of these the newest alone is sent when they are late. */
const COALESCED = new Set(['job_progress_update', 'daily_processing_progress']);

/** What is wrong with it, each in a sentence; nothing when all is as it would be without faults. */
export function brokenLaws(evidence: Evidence): string[] {
  const { expected, found, keepsRun, heard, requests } = evidence;
  const extra = requests.sent - requests.planned;
  return [
    ...brokenTables(expected, found),
    ...(keepsRun ? brokenCounts(expected.runs, found.runs) : []),
    ...found.runs.flatMap((run) => brokenSums(run, found.events)),
    ...brokenNumbers(found.events, heard !== null),
    ...(heard === null ? [] : brokenDelivery(found.events, heard)),
    ...(extra > requests.allowed
      ? [
          `${extra} requests beyond the plan of ${requests.planned}, where ${requests.allowed} were in flight at a fault or failed`,
        ]
      : []),
  ];
}

/** Tables whose rows are others, with the first of these. */
function brokenTables(expected: EndState, found: EndState): string[] {
  return Object.entries(expected.digests).flatMap(([table, digest]) => {
    if (found.digests[table] === digest) return [];
    const [here, there] = [found.rows[table], expected.rows[table]];
    return [`${table}: ${found.digests[table]}, expected ${digest} (${difference(here, there)})`];
  });
}

/** The first rows that only one of two has. */
function difference(here: readonly string[] | undefined, there: readonly string[] | undefined): string {
  const other = (rows: readonly string[] = [], than: readonly string[] = []): string =>
    rows
      .filter((row) => !than.includes(row))
      .slice(0, 3)
      .join(', ') || 'none shown';
  return `here ${other(here, there)}; there ${other(there, here)}`;
}

/** One run, with the counts of the undisturbed one, symbol by symbol. */
function brokenCounts([usual]: readonly RunState[], [run, ...others]: readonly RunState[]): string[] {
  if (usual === undefined || run === undefined) return ['there is no run'];
  const counts = ({ status, imported, completed, failed }: RunState): string =>
    `${status}, ${imported} records, ${completed} completed, ${failed} failed`;
  const areAlike = run.outcomes.join() === usual.outcomes.join();
  return [
    ...(others.length > 0 ? [`${others.length} runs besides the one that was asked for`] : []),
    ...(counts(run) === counts(usual) ? [] : [`the run: ${counts(run)}; expected ${counts(usual)}`]),
    ...(areAlike ? [] : [`its symbols: ${difference(run.outcomes, usual.outcomes)}`]),
  ];
}

/** What its symbols, the run itself and its events say must add up. */
function brokenSums(run: RunState, events: readonly EventState[]): string[] {
  const broken: string[] = [];
  if (run.symbolsImported !== run.imported)
    broken.push(`run of ${run.imported} records, its symbols add up to ${run.symbolsImported}`);
  const own = events.filter(({ runId }) => runId === run.runId);
  const ended = own.filter(({ event }) => event === 'data_import_completed');
  if (run.status === 'completed') {
    const told = ended.at(-1)?.payload['total_records_imported'];
    if (told !== run.imported)
      broken.push(`run of ${run.imported} records, its end tells of ${String(told)}`);
    const symbols = new Set(
      own
        .filter(({ event }) => event === 'symbol_processing_complete')
        .map(({ payload }) => payload['symbol']),
    );
    const untold = run.symbols.filter((symbol) => !symbols.has(symbol));
    if (untold.length > 0) broken.push(`no event tells of the end of ${untold.join(', ')}`);
  }
  const once = new Map<string, number>();
  for (const { event, attempt, payload } of own) {
    if (COALESCED.has(event) || event === 'critical_error') continue;
    const what = [event, payload['symbol'], 'attempt', attempt]
      .filter((part) => part !== undefined)
      .join(' ');
    once.set(what, (once.get(what) ?? 0) + 1);
  }
  for (const [what, times] of once) if (times > 1) broken.push(`${what} was told ${times} times`);
  return broken;
}

function brokenNumbers(events: readonly EventState[], isPublished: boolean): string[] {
  const numbers = events.map(({ number }) => number);
  const given = numbers.filter((number) => number !== null).toSorted((a, b) => a - b);
  const hole = given.findIndex((number, index) => number !== index + 1);
  return [
    ...(isPublished && given.length < numbers.length
      ? [`${numbers.length - given.length} events without a number`]
      : []),
    ...(hole === -1 ? [] : [`event number ${hole + 1} is missing: ${given[hole]} follows ${hole}`]),
  ];
}

/** At least once and in order; what is repeated was heard before. */
function brokenDelivery(events: readonly EventState[], heard: readonly number[]): string[] {
  const firstHeard = [...new Set(heard)];
  const early = firstHeard.findIndex((number, index) => index > 0 && number < firstHeard[index - 1]!);
  const known = new Set(heard);
  const unheard = events.filter(
    ({ number, event }) => number !== null && !known.has(number) && !COALESCED.has(event),
  );
  return [
    ...(early === -1 ? [] : [`event ${firstHeard[early]} was first heard after ${firstHeard[early - 1]}`]),
    ...(unheard.length === 0
      ? []
      : [`never heard: ${unheard.map(({ number, event }) => `${number} ${event}`).join(', ')}`]),
  ];
}
