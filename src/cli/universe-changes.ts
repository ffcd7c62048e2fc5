import type { Command } from 'commander';
import { usageError } from '../errors.ts';
import type { MemberChange } from '../market/universe-member.ts';
import { datesText } from '../universe/member-finder.ts';
import { everyStock } from '../universe/unknown-universe.ts';
import type { UniverseManager } from '../universe/universe-manager.ts';
import type { CliContext } from './context.ts';
import { countOf, grouped } from '../count-text.ts';
import { parseDate } from './parse-options.ts';

const MAX_SHOWN = 20;

type Out = Pick<CliContext, 'out' | 'err' | 'signal'>;

/** `tickstock universe import|history|refresh`: what changes the lists kept in the database. */
export function addChangeCommands(
  command: Command,
  cli: Out,
  withUniverses: <T>(work: (universes: UniverseManager) => Promise<T>) => Promise<T>,
): void {
  const nameHelp = 'its name: lower-case letters, digits, "-" and "_"';
  const jsonHelp = 'print one JSON object';
  const writeJson = (value: unknown): void => void cli.out.write(`${JSON.stringify(value)}\n`);

  command
    .command('import')
    .description(
      'make the symbols of a CSV file the members of a universe kept in the database, from today on',
    )
    .argument('<name>', nameHelp)
    .argument('<file>', 'CSV with a symbol column, perhaps valid_from and valid_to, or one symbol a line')
    .option('--json', jsonHelp)
    .action(async (name: string, file: string, options: { json?: true }) => {
      const change = await withUniverses((universes) => universes.import(name, file));
      if (options.json) return writeJson({ name, source: file, ...change });
      writeChange(cli, `${name}: ${total(change)} from ${file}`, change);
      const places = change.duplicates.map(
        ({ symbol, line, firstLine }) => `${symbol} (line ${line}, as in line ${firstLine})`,
      );
      if (places.length > 0) cli.err.write(`duplicates left out: ${shorten(places, ', ')}\n`);
    });

  command
    .command('history')
    .description('load who was a member of a universe when, so that NAME@DATE is what was true then')
    .argument('<name>', `${nameHelp}, or a predefined one`)
    .requiredOption(
      '--changes <file>',
      'CSV with the columns date, added, removed; symbols separated by spaces',
    )
    .option('--members <file>', 'CSV of the members on one day (default: the list of a predefined universe)')
    .option('--as-of <date>', 'that day')
    .option('--through <date>', 'the last day without further changes (default: that of the last change)')
    .option('--json', jsonHelp)
    .action(async (name: string, options: HistoryOptions) => {
      const history = await withUniverses((universes) =>
        universes.importHistory(name, {
          changes: options.changes,
          members: readMembers(options),
          through: options.through === undefined ? undefined : parseDate(options.through, '--through'),
        }),
      );
      if (options.json) return writeJson({ name, ...history });
      const { known, changes, stays, symbols } = history;
      cli.out.write(
        `${name}: known from ${datesText(known)}: ${countOf(symbols, 'symbol')}, ${countOf(stays, 'membership')}, ${countOf(changes, 'day')} with changes\n`,
      );
    });

  command
    .command('refresh')
    .description("make the vendor's listing of today's stocks the members of a universe, from today on")
    .argument('[name]', `${nameHelp}; all stocks are ${everyStock}`, everyStock)
    .option('--type <codes>', 'only these types, by comma: CS, ADRC, ETF, …')
    .option('--exchange <codes>', 'only of these exchanges, by comma: XNYS, XNAS, …')
    .option('--json', jsonHelp)
    .action(async (name: string, options: { type?: string; exchange?: string; json?: true }) => {
      const filter = { types: readCodes(options.type), exchanges: readCodes(options.exchange) };
      if (name === everyStock && filter.types.length + filter.exchanges.length > 0) {
        throw usageError(
          `${everyStock} is every stock. Name the part you want: tickstock universe refresh my-stocks --type CS`,
        );
      }
      const onPage = (read: number): void => void cli.err.write(`${countOf(read, 'listed stock')} read\n`);
      const change = await withUniverses((universes) =>
        universes.refresh(name, filter, { signal: cli.signal, onPage }),
      );
      if (options.json) return writeJson({ name, ...change });
      const types = Object.entries(change.types).map(([type, count]) => `${grouped(count)} ${type}`);
      writeChange(cli, `${name}: ${total(change)} (${types.join(', ')})`, change);
      const refused = change.refused.map(({ symbol, problem }) => `${symbol} (${problem})`);
      if (refused.length > 0) cli.err.write(`left out: ${shorten(refused, ', ')}\n`);
    });
}

interface HistoryOptions {
  changes: string;
  members?: string;
  asOf?: string;
  through?: string;
  json?: true;
}

function readMembers({ members, asOf }: HistoryOptions): { path: string; asOf: string } | undefined {
  if (members === undefined && asOf === undefined) return undefined;
  if (members === undefined || asOf === undefined) throw usageError('Give --members and --as-of together.');
  return { path: members, asOf: parseDate(asOf, '--as-of') };
}

function readCodes(text: string | undefined): string[] {
  const codes = (text ?? '').split(',').map((code) => code.trim().toUpperCase());
  return codes.filter((code) => code !== '');
}

function writeChange(cli: Out, head: string, { added, removed, kept }: MemberChange): void {
  cli.out.write(
    `${head}: ${grouped(added.length)} added, ${grouped(removed.length)} removed, ${grouped(kept.length)} kept\n`,
  );
  if (added.length > 0) cli.out.write(`added: ${shorten(added)}\n`);
  if (removed.length > 0) cli.out.write(`removed: ${shorten(removed)}\n`);
}

const total = ({ added, kept }: MemberChange): string => countOf(added.length + kept.length, 'symbol');

function shorten(items: readonly string[], separator = ' '): string {
  const more = items.length - MAX_SHOWN;
  return items.slice(0, MAX_SHOWN).join(separator) + (more > 0 ? ` … and ${more} more` : '');
}
