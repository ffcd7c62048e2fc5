import { Command } from 'commander';
import { stopRun } from '../jobs/stop-run.ts';
import type { CliContext } from './context.ts';

/** `tickstock cancel`: ends a run, wherever it is worked. */
export function cancelCommand(cli: CliContext): Command {
  return new Command('cancel')
    .description('end a run that is in progress; what is stored stays')
    .argument('<run>', 'its id')
    .action(async (runId: string) => {
      await cli.withApp(cli.settings(), ({ database }) => stopRun(database, runId, 'cancel'));
      cli.err.write(`Run ${runId} ends within seconds. Go on with it: tickstock import --resume ${runId}\n`);
    });
}
