import { Command } from 'commander';
import type { App } from '../app.ts';
import { createClock } from '../clock.ts';
import type { Settings } from '../config.ts';
import { type AppError, toAppError } from '../errors.ts';
import type { MassiveFetcher } from '../massive/fetcher.ts';
import type { CliContext } from './context.ts';

/** Beyond this the days of the vendor and of this machine could differ. */
const TOLERATED_SKEW_MS = 60_000;

interface Finding {
  readonly what: string;
  readonly ok: boolean;
  /** What was found, or what failed and what to do. */
  readonly detail: string;
  readonly exitCode: number;
}

/** `tickstock check`: whether an import could start, and what to do when not. */
export function checkCommand(cli: CliContext): Command {
  return new Command('check')
    .description('check settings, database, key and clock')
    .option('--json', 'print one JSON object')
    .action(async (options: { json?: true }) => {
      const settings = cli.settings();
      const database = cli
        .withApp(settings, (app) => checkDatabase(app, settings))
        .catch((error: unknown) => failed('database', toAppError(error)));
      const findings = [await database, ...(await checkVendor(settings, cli.signal))];
      if (options.json)
        cli.out.write(`${JSON.stringify({ ok: findings.every(({ ok }) => ok), findings })}\n`);
      else
        for (const { ok, what, detail } of findings)
          cli.out.write(`${ok ? 'ok    ' : 'failed'}  ${what.padEnd(8)}  ${detail}\n`);
      cli.exitWith(findings.find(({ ok }) => !ok)?.exitCode ?? 0);
    });
}

async function checkDatabase({ database }: App, settings: Settings): Promise<Finding> {
  const { schemaVersion } = await import('../storage/migrate.ts');
  const schema = settings.get('storage.schema');
  const where =
    settings.find('storage.database_url') === undefined
      ? `embedded, in ${settings.get('storage.data_dir')}`
      : 'DATABASE_URL';
  const [server, version] = await Promise.all([
    database.pool.query<{ server_version: string }>('SHOW server_version'),
    schemaVersion(database.pool, schema),
  ]);
  return passed(
    'database',
    `PostgreSQL ${server.rows[0]?.server_version} (${where}), schema ${schema} at version ${version}`,
  );
}

async function checkVendor(settings: Settings, signal: AbortSignal): Promise<Finding[]> {
  const clock = createClock(settings.find('now'));
  let fetcher: MassiveFetcher | undefined;
  try {
    const { createFetcher } = await import('../app.ts');
    fetcher = await createFetcher(settings, clock);
    const askedAt = clock.now();
    const status = await fetcher.marketStatus(signal);
    // Half the round trip, as the answer was written on the way.
    const skewMs = Math.abs(status.serverTime - (askedAt + clock.now()) / 2);
    const seconds = `${Math.round(skewMs / 1000)} s from the vendor's`;
    return [
      passed('key', `accepted; the market is ${status.market}`),
      skewMs <= TOLERATED_SKEW_MS
        ? passed('clock', seconds)
        : {
            what: 'clock',
            ok: false,
            exitCode: 2,
            detail: `${seconds}: set this machine's clock (or TICKSTOCK_NOW with a sandbox)`,
          },
    ];
  } catch (error) {
    return [failed('key', toAppError(error))];
  } finally {
    await fetcher?.close();
  }
}

const passed = (what: string, detail: string): Finding => ({ what, ok: true, detail, exitCode: 0 });
const failed = (what: string, error: AppError): Finding => ({
  what,
  ok: false,
  detail: error.message,
  exitCode: error.exitCode,
});
