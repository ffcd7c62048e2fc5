import { Command } from 'commander';
import type { App } from '../app.ts';
import { createClock } from '../clock.ts';
import { type SettingPath, type Settings, lookbackOf } from '../config.ts';
import { usageError } from '../errors.ts';
import type { ImportRequest } from '../jobs/daily-import-job.ts';
import type { ImportSummary } from '../jobs/import-summary.ts';
import { latestClosedSession } from '../market/calendar.ts';
import { timeframes } from '../market/timeframe.ts';
import type { Span } from '../planning/asked-bars.ts';
import { namedSymbols } from './chosen-symbols.ts';
import type { CliContext } from './context.ts';
import { showProgress } from './live-progress.ts';
import { publishingEvents } from './publish-events.ts';
import { parseDate, parseDays, parseTimeframes } from './parse-options.ts';
import { exitCodeOf, printSummary } from './print-summary.ts';

export interface ImportOptions {
  universe?: string;
  symbols?: string;
  timeframes?: string;
  lookbackDays?: string;
  from?: string;
  to?: string;
  refresh?: true;
  resume?: string;
  json?: true;
  rateLimitMs?: string;
  parallelWorkers?: string;
}

/** `tickstock import`: fetches and stores bars, showing its progress. */
export function importCommand(cli: CliContext): Command {
  return addImportOptions(new Command('import'))
    .description('import bars of universes or symbols')
    .option('--resume <run>', 'go on with what a run did not get to, instead of starting one')
    .option('--parallel-workers <n>', 'symbols in work at once')
    .option('--json', 'print the summary as one JSON object')
    .action(async (options: ImportOptions) => {
      const settings = cli.settings(flagsOf(options));
      const { resume } = options;
      if (resume !== undefined) refuseOtherThan(options);
      const asked = readOptions(options, settings, createClock(settings.find('now')).now());
      const work = (app: App): Promise<ImportSummary> =>
        resume === undefined ? runImport(cli, app, asked) : resumeRun(cli, app, resume);
      const summary = await cli.withApp(settings, work, { vendor: true });
      printSummary(cli, summary, options.json === true);
      cli.exitWith(exitCodeOf(summary));
    });
}

/** The flags that say what is wanted. */
export const addImportOptions = (command: Command): Command =>
  command
    .option(
      '--universe <names>',
      'universes by comma, csv:PATH, list:NAME, sp500@2015-03-20, "a - b", "a & b" (default: the settings’)',
    )
    .option('--symbols <symbols>', 'symbols by comma, instead of universes')
    .option('--timeframes <timeframes>', `by comma (default: ${timeframes.join(',')})`)
    .option(
      '--lookback-days <days>',
      'days back from the last session, for every timeframe (default: the settings’)',
    )
    .option('--from <date>', 'first New York date, instead of a lookback')
    .option('--to <date>', 'last New York date (default: the last session)')
    .option('--refresh', 'ask for everything again, whatever is known')
    .option('--rate-limit-ms <ms>', 'least time between requests');

/** Runs what was asked for while showing how it goes. */
export async function runImport(cli: CliContext, app: App, asked: Asked): Promise<ImportSummary> {
  const request = await resolveRequest(app, asked);
  const title = `${request.universes.join(', ') || request.symbols.slice(0, 3).join(', ') + (request.symbols.length > 3 ? ', …' : '')} · ${request.timeframes.join(', ')}`;
  return showProgress(cli, title, async (onProgress, notice) => {
    const job = await app.importJob({ notice });
    return publishingEvents(cli, app, () => job.run(request, { signal: cli.signal, onProgress }));
  });
}

const resumeRun = (cli: CliContext, app: App, runId: string): Promise<ImportSummary> =>
  showProgress(cli, `the rest of ${runId}`, async (onProgress, notice) => {
    const job = await app.importJob({ notice });
    const work = async (): Promise<ImportSummary> =>
      (await job.resume(runId, { signal: cli.signal, onProgress })).done;
    return publishingEvents(cli, app, work);
  });

const RESUMABLE = new Set(['resume', 'json', 'rateLimitMs', 'parallelWorkers']);

/** What a run was asked to do is known when it is resumed. */
function refuseOtherThan(options: ImportOptions): void {
  const { resume } = options;
  const first = Object.keys(options).find((name) => !RESUMABLE.has(name));
  if (first === undefined) return;
  const flag = first.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw usageError(`--resume goes on with what run ${resume} was asked to do: leave out --${flag}.`);
}

export function flagsOf(options: ImportOptions): Partial<Record<SettingPath, string | undefined>> {
  return {
    'polygon.rate_limit_ms': options.rateLimitMs,
    'processing.parallel_workers': options.parallelWorkers,
  };
}

/** What the flags ask for, as far as it can be told without a database. */
type Asked = Pick<ImportRequest, 'timeframes' | 'span' | 'refresh'> &
  ({ readonly symbols: readonly string[] } | { readonly expression: string });

/** @throws AppError CONFIG_INVALID for options that contradict each other or cannot be read. */
export function readOptions(options: ImportOptions, settings: Settings, now: number): Asked {
  const symbols = namedSymbols(options);
  const asked = {
    timeframes: options.timeframes === undefined ? timeframes : parseTimeframes(options.timeframes),
    span: toSpan(now, settings, options),
    ...(options.refresh === true && { refresh: true }),
  };
  if (symbols !== null) return { ...asked, symbols };
  return { ...asked, expression: options.universe ?? settings.get('universes').join(',') };
}

export async function resolveRequest(app: App, asked: Asked): Promise<ImportRequest> {
  if ('symbols' in asked) return { ...asked, universes: [] };
  const { names, members } = await app.universes.resolve(asked.expression);
  return { ...asked, universes: names, symbols: members.map((member) => member.symbol) };
}

function toSpan(now: number, settings: Settings, options: ImportOptions): Span {
  const { lookbackDays, from, to } = options;
  if (lookbackDays !== undefined && (from !== undefined || to !== undefined)) {
    throw usageError('Give --lookback-days or --from and --to, not both.');
  }
  if (from !== undefined) {
    return {
      from: parseDate(from, '--from'),
      to: to === undefined ? latestClosedSession(now) : parseDate(to, '--to'),
    };
  }
  if (to !== undefined) throw usageError('--to needs --from.');
  const days = lookbackDays === undefined ? undefined : parseDays(lookbackDays, '--lookback-days');
  if (days === undefined) return { lookbackDays: lookbackOf(settings) };
  return { lookbackDays: { hourly: days, daily: days, weekly: days, monthly: days } };
}
