import { Command } from 'commander';
import { stopRun } from '../jobs/stop-run.ts';
import type { CliContext } from './context.ts';

const commands = {
  pause: { does: 'pause a run until it is resumed', says: 'pauses' },
  cancel: { does: 'end a run that is in progress; what is stored stays', says: 'ends' },
} as const;

/** `tickstock pause` and `tickstock cancel`: stop a run, wherever it is worked. */
export function stopCommand(cli: CliContext, stop: keyof typeof commands): Command {
  const { does, says } = commands[stop];
  return new Command(stop)
    .description(does)
    .argument('<run>', 'its id')
    .action(async (runId: string) => {
      await cli.withApp(cli.settings(), ({ database }) => stopRun(database, runId, stop));
      cli.err.write(
        `Run ${runId} ${says} within seconds. Go on with it: tickstock import --resume ${runId}\n`,
      );
    });
}
