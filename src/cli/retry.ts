import { Command } from 'commander';
import type { App } from '../app.ts';
import type { ImportSummary } from '../jobs/import-summary.ts';
import { parseSymbol } from '../market/symbol.ts';
import type { CliContext } from './context.ts';
import { showProgress } from './live-progress.ts';
import { publishingEvents } from './publish-events.ts';
import { exitCodeOf, printSummary } from './print-summary.ts';

/** `tickstock retry`: goes on with a run's failed symbols. */
export function retryCommand(cli: CliContext): Command {
  return new Command('retry')
    .description('try the failed symbols of a run again')
    .argument('<run>', 'its id')
    .argument('[symbols...]', 'only these of the failed ones')
    .option('--json', 'print the summary as one JSON object')
    .action(async (runId: string, texts: string[], options: { json?: true }) => {
      const symbols = texts.flatMap((text) => text.split(',')).map((text) => parseSymbol(text));
      const work = (app: App): Promise<ImportSummary> =>
        showProgress(cli, `retry of ${runId}`, async (onProgress, notice) => {
          const job = await app.importJob({ notice });
          return publishingEvents(cli, app, () =>
            job.retry(runId, symbols, { signal: cli.signal, onProgress }),
          );
        });
      const summary = await cli.withApp(cli.settings(), work, { vendor: true });
      printSummary(cli, summary, options.json === true);
      cli.exitWith(exitCodeOf(summary));
    });
}
