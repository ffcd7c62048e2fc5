import { Command, Option } from 'commander';
import { closest } from 'fastest-levenshtein';
import { usageError } from '../errors.ts';
import type { BaseTimeframe } from '../market/bar.ts';
import { calendarYears, sessionsBetween } from '../market/calendar.ts';
import { type AbsenceReason, absenceReasons } from '../storage/absence-reasons.ts';
import { type Gap, type GapCount, countGaps, listGaps } from '../storage/gaps.ts';
import { evidenceWords, gapReasons, reasonOrder, reasonWords } from '../absence-words.ts';
import { type SymbolOptions, addSymbolOptions, readSymbolOptions } from './chosen-symbols.ts';
import type { CliContext } from './context.ts';
import { countOf, grouped } from '../count-text.ts';
import { parseDate } from './parse-options.ts';
import { csvFormat } from './query-output.ts';
import { alignTable } from './table.ts';

/** Runs of sessions shown to a person; CSV and JSON have them all. */
const NEWEST = 40;

/** Symbols named in the command that asks again. */
const MOST_NAMED = 20;

interface GapsOptions extends SymbolOptions {
  timeframe?: BaseTimeframe;
  from?: string;
  to?: string;
  reason?: string[];
  all?: true;
  json?: true;
  csv?: true;
}

/** `tickstock gaps`: sessions without a bar, and why. */
export function gapsCommand(cli: CliContext): Command {
  return addSymbolOptions(new Command('gaps'))
    .description('show sessions without a bar that a person should look at, and why they have none')
    .addOption(new Option('--timeframe <timeframe>', 'only this one').choices(['hourly', 'daily']))
    .option('--from <date>', 'first New York date')
    .option('--to <date>', 'last New York date')
    .addOption(
      new Option('--reason <reasons...>', `of ${absenceReasons.join(', ')}`).default(
        undefined,
        gapReasons.join(' '),
      ),
    )
    .addOption(new Option('--all', 'every reason, also those that are in order').conflicts('reason'))
    .option('--csv', 'print CSV')
    .addOption(new Option('--json', 'print one JSON object').conflicts('csv'))
    .action(async (options: GapsOptions) => {
      const reasons = reasonsOf(options);
      const dates = {
        from: parseDate(options.from ?? `${calendarYears.from}-01-01`, '--from'),
        to: parseDate(options.to ?? `${calendarYears.to}-12-31`, '--to'),
      };
      const symbolsOf = readSymbolOptions(options);
      const isForPeople = !options.json && !options.csv;
      const { gaps, counts } = await cli.withApp(cli.settings(), async (app) => {
        const query = {
          symbols: await symbolsOf(app),
          timeframe: options.timeframe ?? null,
          sessions: sessionsBetween(dates.from, dates.to),
        };
        return app.database.transaction('read the gaps', async (client) => ({
          gaps: await listGaps(client, query, reasons, isForPeople ? NEWEST : null),
          counts: await countGaps(client, query),
        }));
      });
      const rows = gaps.map(toRow);
      if (options.json) cli.out.write(`${JSON.stringify({ gaps: rows, reasons: counts })}\n`);
      else if (options.csv) cli.out.write(toCsv(rows));
      else if (rows.length > 0)
        cli.out.write(
          alignTable(
            ['symbol', 'timeframe', 'from', 'to', 'sessions', 'why', 'evidence'],
            rows.map((row) => [
              row.symbol,
              row.timeframe,
              row.from,
              row.to,
              row.sessions,
              reasonWords[row.reason],
              row.evidence,
            ]),
          ),
        );
      cli.err.write(summarize(gaps, counts, reasons));
    });
}

function reasonsOf({ reason, all }: GapsOptions): readonly AbsenceReason[] {
  if (all) return absenceReasons;
  if (reason === undefined) return gapReasons;
  const names = reason.flatMap((text) => text.split(',')).map((name) => name.trim());
  for (const name of names) {
    if (!(absenceReasons as readonly string[]).includes(name)) {
      throw usageError(
        `Unknown reason ${JSON.stringify(name)}; there are ${absenceReasons.join(', ')}. Did you mean ${closest(name, absenceReasons)}?`,
      );
    }
  }
  return absenceReasons.filter((name) => names.includes(name));
}

const toRow = (gap: Gap) => ({
  symbol: gap.symbol,
  timeframe: gap.timeframe,
  from: gap.from,
  to: gap.to,
  sessions: gap.sessions,
  reason: gap.reason,
  evidence: evidenceWords(gap),
});

function toCsv(rows: readonly ReturnType<typeof toRow>[]): string {
  const columns = ['symbol', 'timeframe', 'from', 'to', 'sessions', 'reason', 'evidence'] as const;
  const format = csvFormat();
  return (
    format.open(
      columns.map((name) => ({ name, kind: 'text' })),
      [],
    ) + format.rows(rows.map((row) => columns.map((column) => String(row[column]))))
  );
}

/** A line for every reason there is, how many gaps are not shown, and how to ask for the shown ones again. */
function summarize(
  gaps: readonly Gap[],
  counts: readonly GapCount[],
  reasons: readonly AbsenceReason[],
): string {
  const lines = reasonOrder.flatMap((reason) => {
    const count = counts.find((one) => one.reason === reason);
    if (count === undefined) return [];
    const hidden = reasons.includes(reason) ? '' : ' (not shown; see --all)';
    return [
      `${reason}: ${countOf(count.sessions, 'session')} of ${countOf(count.symbols, 'symbol')}, ${reasonWords[reason]}${hidden}`,
    ];
  });
  const found = counts
    .filter(({ reason }) => reasons.includes(reason))
    .reduce((sum, count) => sum + count.gaps, 0);
  if (found > gaps.length) {
    lines.push(
      `The newest ${gaps.length}; ${grouped(found - gaps.length)} more with --csv or --json, or narrowed by --symbols, --from and --to.`,
    );
  }
  lines.push(gaps.length === 0 ? 'No gaps.' : askAgain(gaps));
  return lines.map((line) => `${line}\n`).join('');
}

function askAgain(gaps: readonly Gap[]): string {
  const symbols = [...new Set(gaps.map(({ symbol }) => symbol))];
  const named = new Set(symbols.slice(0, MOST_NAMED));
  const own = gaps.filter(({ symbol }) => named.has(symbol));
  const from = own.map((gap) => gap.from).reduce((a, b) => (a < b ? a : b));
  const to = own.map((gap) => gap.to).reduce((a, b) => (a > b ? a : b));
  const some = symbols.length > named.size ? ` the first ${named.size} symbols` : '';
  return `Ask again for${some || ' them'}: tickstock import --symbols ${[...named].join(',')} --from ${from} --to ${to} --refresh`;
}
