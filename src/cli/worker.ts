import { Command } from 'commander';
import { usageError } from '../errors.ts';
import { countOf } from '../count-text.ts';
import { aborted } from './aborted.ts';
import type { CliContext } from './context.ts';
import { version } from './version.ts';

/** `tickstock worker`: takes work of runs that other processes conduct, until it is interrupted. */
export function workerCommand(cli: CliContext): Command {
  return new Command('worker')
    .description('take work of runs, beside other processes on any number of machines')
    .option('--slots <n>', 'symbols or days in work at once (default: processing.parallel_workers)')
    .action(async (options: { slots?: string }) => {
      const settings = cli.settings({ 'processing.parallel_workers': options.slots });
      const slots = settings.get('processing.parallel_workers');
      if (slots === 0) throw usageError('A worker needs a slot at least: --slots 1 or more.');
      await cli.withApp(
        settings,
        async (app) => {
          const { startWorker } = await import('../worker.ts');
          const say = (text: string): void => void cli.err.write(`${text}\n`);
          const worker = await startWorker(app, { slots, version: version(), say });
          cli.out.write(`${JSON.stringify({ pid: process.pid, slots })}\n`);
          await aborted(cli.signal);
          say('Stopping: what is under way is stored.');
          const worked = await worker.stop();
          say(`Stopped after ${countOf(worked, 'item')} of work.`);
        },
        { vendor: true, isMigrated: true },
      );
    });
}
