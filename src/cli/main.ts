import { Command, CommanderError } from 'commander';
import type { App, AppNeeds } from '../app.ts';
import { createClock } from '../clock.ts';
import { type Settings, loadSettings } from '../config.ts';
import { AppError, toAppError, usageError } from '../errors.ts';
import type { CliContext } from './context.ts';
import { version } from './version.ts';

const USAGE_EXIT = 2;

/** Every command in the order of the help. Each is loaded when it is chosen: no command waits for what others need. */
const commands = new Map<string, (cli: CliContext) => Promise<Command>>([
  ['import', async (cli) => (await import('./import.ts')).importCommand(cli)],
  ['plan', async (cli) => (await import('./plan.ts')).planCommand(cli)],
  ['status', async (cli) => (await import('./status.ts')).statusCommand(cli)],
  ['retry', async (cli) => (await import('./retry.ts')).retryCommand(cli)],
  ['pause', async (cli) => (await import('./stop-commands.ts')).stopCommand(cli, 'pause')],
  ['cancel', async (cli) => (await import('./stop-commands.ts')).stopCommand(cli, 'cancel')],
  ['bars', async (cli) => (await import('./bars.ts')).barsCommand(cli)],
  ['gaps', async (cli) => (await import('./gaps.ts')).gapsCommand(cli)],
  ['explain', async (cli) => (await import('./explain.ts')).explainCommand(cli)],
  ['verify', async (cli) => (await import('./verify.ts')).verifyCommand(cli)],
  [
    'universe',
    async (cli) => (await import('./universe.ts')).universeCommand(cli, () => openApp(cli.settings())),
  ],
  ['serve', async (cli) => (await import('./serve.ts')).serveCommand(cli)],
  ['worker', async (cli) => (await import('./worker.ts')).workerCommand(cli)],
  ['schedule', async (cli) => (await import('./schedule.ts')).scheduleCommand(cli)],
  ['keys', async (cli) => (await import('./keys.ts')).keysCommand(cli)],
  ['check', async (cli) => (await import('./check.ts')).checkCommand(cli)],
  ['config', async (cli) => (await import('./config.ts')).configCommand(cli)],
  ['migrate', async (cli) => (await import('./migrate.ts')).migrateCommand(cli)],
  ['db', async (cli) => (await import('./db.ts')).dbCommand(cli)],
  ['sandbox', async (cli) => (await import('./sandbox.ts')).sandboxCommand(cli)],
  ['demo', async (cli) => (await import('./demo.ts')).demoCommand(cli)],
]);

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
    .exitOverride();
  try {
    await addCommands(program, argv, cli);
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return reportUsage(error, said, cli, argv.includes('--json'));
    return report(error, cli, argv.includes('--json'));
  }
}

/** Adds the command that is chosen; all of them for help and for what is no command. */
async function addCommands(program: Command, argv: readonly string[], cli: CliContext): Promise<void> {
  const [name = ''] = program.parseOptions([...argv]).operands;
  const chosen = commands.get(name);
  const loaders = chosen === undefined ? [...commands.values()] : [chosen];
  for (const command of await Promise.all(loaders.map((load) => load(cli)))) program.addCommand(command);
  for (const command of everyCommand(program)) command.exitOverride().copyInheritedSettings(program);
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
