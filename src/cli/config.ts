import { Command } from 'commander';
import { shownValue } from '../config.ts';
import type { CliContext } from './context.ts';
import { alignTable } from './table.ts';

/** `tickstock config`: every setting as it takes effect, and where it came from. */
export function configCommand(cli: CliContext): Command {
  return new Command('config')
    .description('show every setting, its value and where it came from')
    .option('--json', 'print one JSON object')
    .action((options: { json?: true }) => {
      const { effective } = cli.settings();
      if (options.json) {
        const entries = effective.map((setting) => [
          setting.path,
          { value: shownValue(setting), source: setting.source },
        ]);
        cli.out.write(`${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
        return;
      }
      const rows = effective.map((setting) => [
        setting.path,
        String(shownValue(setting) ?? '(not set)'),
        setting.source,
        setting.description,
      ]);
      cli.out.write(alignTable(['setting', 'value', 'from', 'what it is'], rows));
    });
}
