import type { Command } from 'commander';
import type { Renames } from '../universe/renames.ts';
import type { CliContext } from './context.ts';
import { countOf, grouped } from '../count-text.ts';
import { alignTable } from './table.ts';

/** `tickstock universe renames`: what is known of renamed symbols, and files of it. */
export function addRenamesCommand(
  command: Command,
  cli: Pick<CliContext, 'out' | 'err'>,
  withRenames: <T>(work: (renames: Renames) => Promise<T>) => Promise<T>,
): void {
  const writeJson = (value: unknown): void => void cli.out.write(`${JSON.stringify(value)}\n`);

  command
    .command('renames')
    .description('list the symbols that were renamed; with a file, add its renames')
    .argument('[file]', 'CSV with the columns last_date_old, old_symbol, new_symbol, source')
    .option('--json', 'print one JSON object')
    .action(async (file: string | undefined, options: { json?: true }) => {
      if (file !== undefined) {
        const stored = await withRenames((renames) => renames.import(file));
        if (options.json) return writeJson({ source: file, ...stored });
        const total = stored.new + stored.changed + stored.unchanged;
        const counts = (['new', 'changed', 'unchanged'] as const).map(
          (what) => `${grouped(stored[what])} ${what}`,
        );
        cli.out.write(`${countOf(total, 'rename')} from ${file}: ${counts.join(', ')}\n`);
        return;
      }
      const known = await withRenames((renames) => renames.list());
      if (options.json) {
        return writeJson({
          total: known.length,
          renames: known.map(({ oldSymbol, newSymbol, lastSession, source }) => ({
            old_symbol: oldSymbol,
            new_symbol: newSymbol,
            last_session: lastSession,
            source,
          })),
        });
      }
      if (known.length === 0) {
        cli.err.write('No renames are known. Add those of a file: tickstock universe renames FILE\n');
        return;
      }
      const rows = known.map(({ oldSymbol, newSymbol, lastSession, source }) => [
        oldSymbol,
        newSymbol,
        lastSession,
        source,
      ]);
      cli.out.write(alignTable(['old', 'new', 'last session as old', 'source'], rows));
      cli.err.write(`${countOf(known.length, 'rename')} known\n`);
    });
}
