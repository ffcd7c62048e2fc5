import { Command } from 'commander';
import { stopRun } from '../jobs/stop-run.ts';
import type { CliContext } from './context.ts';

/** `tickstock pause`: pauses a run, wherever it is worked. */
export function pauseCommand(cli: CliContext): Command {
  return new Command('pause')
    .description('pause a run until it is resumed')
    .argument('<run>', 'its id')
    .action(async (runId: string) => {
      await cli.withApp(cli.settings(), ({ database }) => stopRun(database, runId, 'pause'));
      cli.err.write(
        `Run ${runId} pauses within seconds. Go on with it: tickstock import --resume ${runId}\n`,
      );
    });
}
