import { Command, Option } from 'commander';
import { barColumns, barsToCsv } from '../bars-csv.ts';
import { usageError } from '../errors.ts';
import { type NameSpan, holdsWithin } from '../market/name-history.ts';
import { newYorkDate } from '../market/new-york.ts';
import { parseSymbol } from '../market/symbol.ts';
import { type Timeframe, timeframes } from '../market/timeframe.ts';
import { type StoredBar, readBars } from '../storage/read-bars.ts';
import type { CliContext } from './context.ts';
import { namesText } from './name-words.ts';
import { parseDate } from './parse-options.ts';
import { alignTable } from './table.ts';

/** Bars shown when no range is asked for. */
const NEWEST = 20;

interface BarsOptions {
  timeframe: Timeframe;
  from?: string;
  to?: string;
  raw?: true;
  asOf?: string;
  csv?: true;
  json?: true;
}

/** `tickstock bars`: what is stored of one symbol. */
export function barsCommand(cli: CliContext): Command {
  return new Command('bars')
    .description('show stored bars of a symbol, adjusted for splits')
    .argument('<symbol>')
    .addOption(new Option('--timeframe <timeframe>', 'which bars').choices([...timeframes]).default('daily'))
    .option('--from <date>', 'first New York date')
    .option('--to <date>', 'last New York date')
    .option('--raw', 'as traded, not adjusted (hourly and daily)')
    .option('--as-of <date>', 'as it was stored and known on that New York day; default: today')
    .option('--csv', 'print CSV')
    .addOption(new Option('--json', 'print one JSON object').conflicts('csv'))
    .action(async (text: string, options: BarsOptions) => {
      const symbol = parseSymbol(text);
      const { timeframe, raw = false } = options;
      if (raw && timeframe !== 'daily' && timeframe !== 'hourly') {
        throw usageError(
          `There are no raw ${timeframe} bars: they are rolled up from adjusted days. Leave --raw out.`,
        );
      }
      const from = options.from === undefined ? undefined : parseDate(options.from, '--from');
      const to = options.to === undefined ? undefined : parseDate(options.to, '--to');
      const asOf = options.asOf === undefined ? undefined : parseDate(options.asOf, '--as-of');
      const newest = from === undefined && to === undefined ? NEWEST : undefined;
      const { bars, names } = await cli.withApp(cli.settings(), async (app) => {
        const today = newYorkDate(app.clock.now());
        if (asOf !== undefined && asOf > today)
          throw usageError(
            `Cannot show bars as of ${asOf}: that is in the future. Give --as-of ${today} or earlier.`,
          );
        const found = await readBars(app.database, { symbol, timeframe, from, to, raw, asOf, newest });
        const others = found.length > 0 ? [] : (await app.renames.history()).otherNames(symbol);
        return { bars: found, names: others.filter((name) => holdsWithin(name, from, to)) };
      });
      if (options.json) cli.out.write(`${JSON.stringify({ symbol, timeframe, adjusted: !raw, bars })}\n`);
      else if (options.csv) cli.out.write(barsToCsv(bars));
      else
        cli.out.write(
          alignTable(
            barColumns,
            bars.map((bar) => barColumns.map((column) => toCell(bar[column]))),
          ),
        );
      if (bars.length === 0)
        cli.err.write(`No ${timeframe} bars of ${symbol} are stored for that. ${nextStep(symbol, names)}\n`);
      else if (newest !== undefined && !options.json && !options.csv)
        cli.err.write(`The newest ${bars.length}; --from and --to show others.\n`);
    });
}

function nextStep(symbol: string, names: readonly NameSpan[]): string {
  if (names.length === 0) return `Import them: tickstock import --symbols ${symbol}`;
  const others = [...new Set(names.map((name) => name.symbol))];
  const see = others.map((other) => `tickstock bars ${other}`).join(', ');
  return `It was renamed: ${namesText(names)}. See: ${see}; or import all: tickstock import --symbols ${[symbol, ...others].join(',')}`;
}

const toCell = (value: StoredBar[keyof StoredBar]): string | number | null =>
  typeof value === 'boolean'
    ? value
      ? 'yes'
      : 'not yet'
    : typeof value === 'number'
      ? Math.round(value * 10_000) / 10_000
      : value;
