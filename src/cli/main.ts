import { Command, CommanderError } from 'commander';
import type { App, AppNeeds } from '../app.ts';
import { createClock } from '../clock.ts';
import { type Settings, loadSettings } from '../config.ts';
import { AppError, toAppError, usageError } from '../errors.ts';
import { barsCommand } from './bars.ts';
import { checkCommand } from './check.ts';
import { configCommand } from './config.ts';
import type { CliContext } from './context.ts';
import { dbCommand } from './db.ts';
import { demoCommand } from './demo.ts';
import { explainCommand } from './explain.ts';
import { gapsCommand } from './gaps.ts';
import { importCommand } from './import.ts';
import { keysCommand } from './keys.ts';
import { migrateCommand } from './migrate.ts';
import { planCommand } from './plan.ts';
import { retryCommand } from './retry.ts';
import { sandboxCommand } from './sandbox.ts';
import { stopCommand } from './stop-commands.ts';
import { statusCommand } from './status.ts';
import { scheduleCommand } from './schedule.ts';
import { serveCommand } from './serve.ts';
import { universeCommand } from './universe.ts';
import { verifyCommand } from './verify.ts';
import { version } from './version.ts';
import { workerCommand } from './worker.ts';

const USAGE_EXIT = 2;

/** Runs one command line to its end; resolves to the exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  let said = '';
  const program = new Command('tickstock');
  const cli: CliContext = {
    out: process.stdout,
    err: process.stderr,
    signal: interruptSignal(),
    clock: createClock(),
    settings: (flags) =>
      loadSettings({
        env: process.env,
        configFile: program.opts<{ config?: string }>().config,
        flags: flags ?? {},
      }),
    async withApp(settings, work, needs) {
      const app = await openApp(settings, needs);
      try {
        return await work(app);
      } finally {
        await app.close();
      }
    },
    exitWith(code) {
      exitCode = code;
    },
  };
  program
    .description('Keeps a PostgreSQL database of stock bars complete, correct and fresh.')
    .version(version())
    .option('--config <file>', 'settings file (default: ./tickstock.yaml when there is one)')
    .configureOutput({ writeErr: (text) => (said += text) })
    .showSuggestionAfterError()
    .addCommand(importCommand(cli))
    .addCommand(planCommand(cli))
    .addCommand(statusCommand(cli))
    .addCommand(retryCommand(cli))
    .addCommand(stopCommand(cli, 'pause'))
    .addCommand(stopCommand(cli, 'cancel'))
    .addCommand(barsCommand(cli))
    .addCommand(gapsCommand(cli))
    .addCommand(explainCommand(cli))
    .addCommand(verifyCommand(cli))
    .addCommand(universeCommand(cli, () => openApp(cli.settings())))
    .addCommand(serveCommand(cli))
    .addCommand(workerCommand(cli))
    .addCommand(scheduleCommand(cli))
    .addCommand(keysCommand(cli))
    .addCommand(checkCommand(cli))
    .addCommand(configCommand(cli))
    .addCommand(migrateCommand(cli))
    .addCommand(dbCommand(cli))
    .addCommand(sandboxCommand(cli))
    .addCommand(demoCommand(cli));
  for (const command of everyCommand(program)) command.exitOverride().copyInheritedSettings(program);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return reportUsage(error, said, cli, argv.includes('--json'));
    return report(error, cli, argv.includes('--json'));
  }
}

/** Loaded when needed: help and refusals should not wait for drivers they do not use. */
async function openApp(settings: Settings, needs?: AppNeeds): Promise<App> {
  const { createApp } = await import('../app.ts');
  return createApp(settings, createClock(settings.find('now')), needs);
}

/** `said`: what commander had to say, such as the help of a command that needs another word. */
function reportUsage(error: CommanderError, said: string, cli: CliContext, json: boolean): number {
  if (error.exitCode === 0) return 0;
  if (error.code === 'commander.help') {
    cli.err.write(said);
    return USAGE_EXIT;
  }
  const message = error.message
    .replace(/^error: /, '')
    .replace(/\n/g, ' ')
    .replace(/\.?$/, '.');
  return report(usageError(`${message} See: tickstock --help`), cli, json);
}

function report(thrown: unknown, cli: CliContext, json: boolean): number {
  const error = toAppError(thrown);
  if (json) cli.out.write(`${JSON.stringify({ error_code: error.code, error_message: error.message })}\n`);
  cli.err.write(`tickstock: ${error.message}\n`);
  return error.exitCode;
}

function* everyCommand(command: Command): Generator<Command> {
  yield command;
  for (const child of command.commands) yield* everyCommand(child);
}

/** Aborts at the first Ctrl-C or SIGTERM; the second ends the program at once. */
function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(
      new AppError('CANCELLED', 'Interrupted. What is stored stays; run the same command again to go on.'),
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}
