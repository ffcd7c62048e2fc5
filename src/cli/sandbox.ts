import { Command } from 'commander';
import { usageError } from '../errors.ts';
import { parseInstant } from '../sandbox/instant.ts';
import { type PlanName, isPlanName, planNames } from '../sandbox/plan.ts';
import { parseRate } from '../sandbox/rate-limit.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { aborted } from './aborted.ts';
import type { CliContext } from './context.ts';
import { alignTable } from './table.ts';

const defaultPort = '8787';

interface Flags {
  readonly port: string;
  readonly now?: string;
  readonly seed: string;
  readonly symbols?: string;
  readonly replay?: string;
  readonly plan: string;
  readonly rate?: string;
  readonly latency: string;
  readonly fault?: readonly string[];
  readonly listFaults?: true;
}

/** `tickstock sandbox`: the Massive API on loopback until it is interrupted. */
export function sandboxCommand(cli: CliContext): Command {
  return new Command('sandbox')
    .description('Serve the Massive API on this machine: generated bars, or real ones from a folder')
    .option('--port <port>', 'port on 127.0.0.1; 0 picks a free one', defaultPort)
    .option('--now <instant>', "the sandbox's time, such as 2026-01-02T15:00:00Z; it then advances")
    .option('--seed <number>', 'chooses the generated market; the same one for the same seed', '1')
    .option('--symbols <number>', 'companies in the generated market (default: all index members)')
    .option('--replay <folder>', 'serve real bars from a folder: see docs/sandbox.md')
    .option('--plan <plan>', `what the key may see: ${planNames.join(', ')}`, 'advanced')
    .option('--rate <rate>', 'answer 429 above N/s or N/min requests (default: no limit)')
    .option('--latency <ms>', 'added before each answer', '0')
    .option(
      '--fault <fault>',
      'misbehave: NAME or NAME=key:value,…; may be repeated',
      (text: string, earlier: readonly string[] = []) => [...earlier, text],
    )
    .option('--list-faults', 'list the faults and their arguments, and end')
    .action(async (flags: Flags) => {
      if (flags.listFaults) {
        cli.out.write(await renderFaults());
        return;
      }
      const sandbox = await startSandbox(cli, flags);
      cli.out.write(`${JSON.stringify({ url: sandbox.url, key: sandbox.key })}\n`);
      await aborted(cli.signal);
      await sandbox.close();
    });
}

async function startSandbox(cli: CliContext, flags: Flags): Promise<Sandbox> {
  const port = wholeNumber('--port', flags.port, 0, 65_535);
  if (flags.replay !== undefined && flags.symbols !== undefined) {
    throw usageError('Cannot use --symbols with --replay: a replay serves the symbols of its folder.');
  }
  const { createSandbox } = await import('../sandbox/sandbox.ts');
  try {
    return await createSandbox({
      clock: cli.clock,
      port,
      now: flags.now === undefined ? (cli.settings().find('now') ?? cli.clock.now()) : parseNow(flags.now),
      seed: wholeNumber('--seed', flags.seed, 0, 2 ** 31 - 1),
      symbols: flags.symbols === undefined ? undefined : wholeNumber('--symbols', flags.symbols, 1, 20_000),
      replay: flags.replay,
      plan: parsePlan(flags.plan),
      rate: flags.rate === undefined ? undefined : parseRate(flags.rate),
      latencyMs: wholeNumber('--latency', flags.latency, 0, 600_000),
      faults: flags.fault,
    });
  } catch (error) {
    throw isPortProblem(error)
      ? usageError(
          `Cannot serve on port ${port} (${error.code}): choose another --port, or 0 for a free one.`,
        )
      : error;
  }
}

/** The catalogue as tables: faults, then the arguments all of them take. */
async function renderFaults(): Promise<string> {
  const { catalogue } = await import('../sandbox/faults/catalogue.ts');
  const { commonArguments } = await import('../sandbox/faults/parse-fault.ts');
  const faults = catalogue.map(({ name, routes, sentence, arguments: own = {} }) => [
    name,
    routes?.join(', ') ?? 'all',
    Object.entries(own)
      .map(([key, { expected, default: absent }]) => `${key}: ${expected}${absent && ` [${absent}]`}`)
      .join('; '),
    sentence,
  ]);
  const common = Object.entries(commonArguments).map(([key, { expected, meaning }]) => [
    key,
    expected,
    meaning,
  ]);
  return `${alignTable(['fault', 'routes', 'own arguments', 'what the client sees'], faults)}\n${alignTable(['argument of all', 'value', 'meaning'], common)}`;
}

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw usageError(
    `Cannot use ${flag} ${JSON.stringify(text)}: expected a whole number from ${least} to ${most}.`,
  );
}

function parseNow(text: string): number {
  const now = parseInstant(text);
  if (now !== undefined) return now;
  throw usageError(
    `Cannot use --now ${JSON.stringify(text)}: expected an instant with its zone, such as 2026-01-02T15:00:00Z.`,
  );
}

function parsePlan(text: string): PlanName {
  if (isPlanName(text)) return text;
  throw usageError(`Cannot use --plan ${JSON.stringify(text)}: expected one of ${planNames.join(', ')}.`);
}

const isPortProblem = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES');
