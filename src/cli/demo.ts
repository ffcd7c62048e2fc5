import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import type { Settings } from '../config.ts';
import { AppError } from '../errors.ts';
import { summarizeViews } from '../storage/view-summary.ts';
import type { CliContext } from './context.ts';
import { readOptions, runImport } from './import.ts';
import { exitCodeOf, printSummary } from './print-summary.ts';
import { alignTable } from './table.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/tickstock.js', import.meta.url));
const UNIVERSE = 'sp500';

/** `tickstock demo`: the S&P 500 from the sandbox into the embedded database, in all four timeframes. */
export function demoCommand(cli: CliContext): Command {
  return new Command('demo')
    .description('import generated bars of the S&P 500, without key or database')
    .action(async () => {
      const sandbox = await startSandbox(cli.signal);
      try {
        const settings = embeddedOnly(
          cli.settings({ 'polygon.base_url': sandbox.url, 'polygon.api_key': sandbox.key }),
        );
        await cli.withApp(settings, async (app) => {
          const summary = await runImport(
            cli,
            app,
            readOptions({ universe: UNIVERSE }, settings, app.clock.now()),
          );
          printSummary(cli, summary, false);
          const rows = (await summarizeViews(app.database.pool)).map((view) => [
            view.view,
            view.symbols,
            view.rows,
            view.first,
            view.last,
          ]);
          cli.out.write(
            `\nNow stored in ${settings.get('storage.data_dir')}:\n${alignTable(['view', 'symbols', 'bars', 'first', 'last'], rows)}`,
          );
          cli.exitWith(exitCodeOf(summary));
        });
      } finally {
        sandbox.process.kill();
      }
      cli.out.write(NEXT);
    });
}

const NEXT = `
Try next:
  npx tickstock bars AAPL --timeframe weekly
  npx tickstock status
  npx tickstock universe list
  npx tickstock db query "select symbol, close from ohlcv_daily order by date desc, close desc limit 5"

These bars are generated. For real ones, in a database of their own:
  export MASSIVE_API_KEY=… TICKSTOCK_DATA_DIR=./market-data
  npx tickstock import --universe dow30
`;

/** The demo never touches a database of the user's. */
function embeddedOnly(settings: Settings): Settings {
  return { ...settings, find: (path) => (path === 'storage.database_url' ? undefined : settings.find(path)) };
}

/** The sandbox as a process of its own, as a user would start it. */
async function startSandbox(
  signal: AbortSignal,
): Promise<{ url: string; key: string; process: ChildProcess }> {
  const child = spawn(process.execPath, [PROGRAM, 'sandbox', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  // An abort ends the child; that is no failure of its own.
  child.on('error', () => {});
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  for await (const line of createInterface({ input: child.stdout })) {
    const { url, key } = JSON.parse(line) as { url: string; key: string };
    return { url, key, process: child };
  }
  throw new AppError('INTERNAL', `Could not start the sandbox: ${said.trim() || 'it ended without a word'}.`);
}
