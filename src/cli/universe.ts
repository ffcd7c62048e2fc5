import { Command } from 'commander';
import type { UniverseImport, UniverseManager } from '../universe/universe-manager.ts';
import type { CliContext } from './context.ts';
import { alignTable } from './table.ts';

const MAX_SYMBOLS_SHOWN = 20;

/** `tickstock universe`: the known universes, their members, and the lists kept in the database. */
export function universeCommand(
  cli: Pick<CliContext, 'out' | 'err'>,
  open: () => Promise<{ universes: UniverseManager; close(): Promise<void> }>,
): Command {
  async function withUniverses<T>(work: (universes: UniverseManager) => Promise<T>): Promise<T> {
    const { universes, close } = await open();
    try {
      return await work(universes);
    } finally {
      await close();
    }
  }
  const writeJson = (value: unknown): void => void cli.out.write(`${JSON.stringify(value)}\n`);

  const command = new Command('universe').description('universes: named lists of symbols');
  const expressionHelp = 'names, csv:PATH and list:NAME, united with commas';

  command
    .command('list')
    .description('list the universes with a name')
    .option('--json', 'print one JSON object')
    .action(async (options: { json?: true }) => {
      const known = await withUniverses((universes) => universes.list());
      if (options.json) {
        writeJson({ universes: known.map(({ asOf, ...universe }) => ({ ...universe, as_of: asOf })) });
      } else {
        const rows = known.map(({ name, kind, members, asOf, source }) => [
          name,
          kind,
          members,
          asOf,
          source,
        ]);
        cli.out.write(alignTable(['universe', 'kind', 'symbols', 'as of', 'source'], rows));
      }
    });

  command
    .command('show')
    .description('show the symbols of a universe')
    .argument('<expression>', expressionHelp)
    .option('--json', 'print one JSON object')
    .action(async (expression: string, options: { json?: true }) => {
      const { names, members } = await withUniverses((universes) => universes.resolve(expression));
      if (options.json) {
        writeJson({ names, total: members.length, members });
        return;
      }
      const rows = members.map(({ symbol, name, sector }) => [symbol, name, sector]);
      cli.out.write(alignTable(['symbol', 'name', 'sector'], rows));
      cli.err.write(`${countOf(members.length)} in ${names.join(', ')}\n`);
    });

  command
    .command('import')
    .description('make the symbols of a CSV file a universe kept in the database, replacing what it held')
    .argument('<name>', 'its name: lower-case letters, digits, "-" and "_"')
    .argument('<file>', 'CSV with a symbol column, or one symbol a line')
    .option('--json', 'print one JSON object')
    .action(async (name: string, file: string, options: { json?: true }) => {
      const change = await withUniverses((universes) => universes.import(name, file));
      if (options.json) writeJson({ name, source: file, ...change });
      else writeImport(cli, name, file, change);
    });

  command
    .command('diff')
    .description('compare the symbols of two universes')
    .argument('<a>', expressionHelp)
    .argument('<b>', expressionHelp)
    .option('--json', 'print one JSON object')
    .action(async (a: string, b: string, options: { json?: true }) => {
      const [inA, inB] = await withUniverses(async (universes) => [
        await symbolsOf(universes, a),
        await symbolsOf(universes, b),
      ]);
      const onlyInA = [...inA].filter((symbol) => !inB.has(symbol));
      const onlyInB = [...inB].filter((symbol) => !inA.has(symbol));
      const inBoth = inA.size - onlyInA.length;
      if (options.json) {
        writeJson({ a, b, only_in_a: onlyInA, only_in_b: onlyInB, in_both: inBoth });
        return;
      }
      cli.out.write(`only in ${a} (${onlyInA.length}): ${onlyInA.join(' ')}`.trimEnd() + '\n');
      cli.out.write(`only in ${b} (${onlyInB.length}): ${onlyInB.join(' ')}`.trimEnd() + '\n');
      cli.out.write(`in both (${inBoth})\n`);
    });

  return command;
}

async function symbolsOf(universes: UniverseManager, expression: string): Promise<Set<string>> {
  const { members } = await universes.resolve(expression);
  return new Set(members.map((member) => member.symbol));
}

function writeImport(
  cli: Pick<CliContext, 'out' | 'err'>,
  name: string,
  file: string,
  change: UniverseImport,
): void {
  const { added, removed, kept, duplicates } = change;
  cli.out.write(
    `${name}: ${countOf(added.length + kept.length)} from ${file}: ` +
      `${added.length} added, ${removed.length} removed, ${kept.length} kept\n`,
  );
  if (added.length > 0) cli.out.write(`added: ${shorten(added)}\n`);
  if (removed.length > 0) cli.out.write(`removed: ${shorten(removed)}\n`);
  if (duplicates.length > 0) {
    const places = duplicates.map(
      ({ symbol, line, firstLine }) => `${symbol} (line ${line}, as in line ${firstLine})`,
    );
    cli.err.write(`duplicates left out: ${shorten(places, ', ')}\n`);
  }
}

function shorten(items: readonly string[], separator = ' '): string {
  const more = items.length - MAX_SYMBOLS_SHOWN;
  return items.slice(0, MAX_SYMBOLS_SHOWN).join(separator) + (more > 0 ? ` … and ${more} more` : '');
}

const countOf = (symbols: number): string => (symbols === 1 ? '1 symbol' : `${symbols} symbols`);
