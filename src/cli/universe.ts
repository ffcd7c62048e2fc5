import { Command } from 'commander';
import { compareMembers } from '../market/universe-member.ts';
import { datesText } from '../universe/member-finder.ts';
import type { Renames } from '../universe/renames.ts';
import type { UniverseManager } from '../universe/universe-manager.ts';
import type { CliContext } from './context.ts';
import { countOf } from '../count-text.ts';
import { namesText } from './name-words.ts';
import { alignTable } from './table.ts';
import { addChangeCommands } from './universe-changes.ts';
import { addRenamesCommand } from './universe-renames.ts';

/** What the commands use of the program. */
interface Opened {
  readonly universes: UniverseManager;
  readonly renames: Renames;
  close(): Promise<void>;
}

/** `tickstock universe`: the known universes, their members, the lists kept in the database, and renamed symbols. */
export function universeCommand(
  cli: Pick<CliContext, 'out' | 'err' | 'signal'>,
  open: () => Promise<Opened>,
): Command {
  async function withOpened<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
    const opened = await open();
    try {
      return await work(opened);
    } finally {
      await opened.close();
    }
  }
  const withUniverses = <T>(work: (universes: UniverseManager) => Promise<T>): Promise<T> =>
    withOpened(({ universes }) => work(universes));
  const writeJson = (value: unknown): void => void cli.out.write(`${JSON.stringify(value)}\n`);

  const command = new Command('universe').description('universes: named lists of symbols');
  const expressionHelp =
    'names, csv:PATH and list:NAME, each perhaps with @DATE, joined by commas, " + ", " - " and " & "';

  command
    .command('list')
    .description('list the universes with a name')
    .option('--json', 'print one JSON object')
    .action(async (options: { json?: true }) => {
      const known = await withUniverses((universes) => universes.list());
      if (options.json) {
        writeJson({ universes: known.map(({ asOf, ...universe }) => ({ ...universe, as_of: asOf })) });
      } else {
        const rows = known.map(({ name, kind, members, asOf, history, source }) => [
          name,
          kind,
          members,
          asOf,
          history === null ? null : datesText(history),
          source,
        ]);
        cli.out.write(alignTable(['universe', 'kind', 'symbols', 'as of', 'known', 'source'], rows));
      }
    });

  command
    .command('show')
    .description('show the symbols of a universe')
    .argument('<expression>', expressionHelp)
    .option('--json', 'print one JSON object')
    .action(async (expression: string, options: { json?: true }) => {
      const { names, members, history } = await withOpened(async ({ universes, renames }) => ({
        ...(await universes.resolve(expression)),
        history: await renames.history(),
      }));
      const named = members.map((member) => ({ ...member, renames: history.otherNames(member.symbol) }));
      if (options.json) {
        writeJson({
          names,
          total: members.length,
          members: named.map(({ renames, ...member }) =>
            renames.length === 0 ? member : { ...member, renames },
          ),
        });
        return;
      }
      const header = ['symbol', 'name', 'sector'];
      const anyRenamed = named.some(({ renames }) => renames.length > 0);
      const rows = named.map(({ symbol, name, sector, renames }) => [
        symbol,
        name,
        sector,
        ...(anyRenamed ? [namesText(renames)] : []),
      ]);
      cli.out.write(alignTable(anyRenamed ? [...header, 'other names'] : header, rows));
      cli.err.write(`${countOf(members.length, 'symbol')} in ${names.join(', ')}\n`);
    });

  command
    .command('diff')
    .description('compare the symbols of two universes')
    .argument('<a>', expressionHelp)
    .argument('<b>', expressionHelp)
    .option('--json', 'print one JSON object')
    .action(async (a: string, b: string, options: { json?: true }) => {
      const { added, removed, kept } = await withUniverses(async (universes) =>
        compareMembers(await symbolsOf(universes, a), await symbolsOf(universes, b)),
      );
      if (options.json) {
        writeJson({ a, b, only_in_a: removed, only_in_b: added, in_both: kept.length });
        return;
      }
      cli.out.write(`only in ${a} (${removed.length}): ${removed.join(' ')}`.trimEnd() + '\n');
      cli.out.write(`only in ${b} (${added.length}): ${added.join(' ')}`.trimEnd() + '\n');
      cli.out.write(`in both (${kept.length})\n`);
    });

  addChangeCommands(command, cli, withUniverses);
  addRenamesCommand(command, cli, (work) => withOpened(({ renames }) => work(renames)));
  return command;
}

async function symbolsOf(universes: UniverseManager, expression: string): Promise<string[]> {
  const { members } = await universes.resolve(expression);
  return members.map((member) => member.symbol);
}
