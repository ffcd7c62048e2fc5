import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Command } from 'commander';
import type { App } from '../app.ts';
import type { Settings } from '../config.ts';
import { toAppError } from '../errors.ts';
import { type Finding, failed, passed, warned } from './check-finding.ts';
import { checkVendor } from './check-vendor.ts';
import type { CliContext } from './context.ts';

const SCARCE_BYTES = 2e9;
const TOO_FEW_BYTES = 200e6;
const TRY_LATER = 75;

/** `tickstock check`: whether an import could start, and what to do next. */
export function checkCommand(cli: CliContext): Command {
  return new Command('check')
    .description('check database, disk, Redis, key, plan, pacing and clock, and say what to do next')
    .option('--json', 'print one JSON object')
    .action(async (options: { json?: true }) => {
      const settings = cli.settings();
      const notice = (text: string): void => void cli.err.write(`${text}\n`);
      const database = cli
        .withApp(settings, (app) => checkDatabase(app, settings))
        .catch((error: unknown) => failed('database', toAppError(error)));
      const findings = [
        await database,
        await checkDisk(settings),
        await checkRedis(settings),
        ...(await checkVendor(settings, notice, cli.signal)),
      ];
      const next = nextStep(findings);
      if (options.json) {
        cli.out.write(`${JSON.stringify({ ok: findings.every(({ ok }) => ok), findings, next })}\n`);
      } else {
        for (const { level, what, detail } of findings)
          cli.out.write(`${level.padEnd(7)}  ${what.padEnd(8)}  ${detail}\n`);
        cli.out.write(`next     ${next}\n`);
      }
      cli.exitWith(findings.find(({ ok }) => !ok)?.exitCode ?? 0);
    });
}

/** The first thing that keeps an import from working, else the first import. */
function nextStep(findings: readonly Finding[]): string {
  const obstacle = findings.find(({ ok }) => !ok);
  if (obstacle !== undefined) return `mend what failed, ${obstacle.what} first, then: tickstock check`;
  const doubt = findings.some(({ level }) => level === 'warning') ? 'look at the warnings, then: ' : '';
  return `${doubt}tickstock import --universe dow30`;
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

async function checkDisk(settings: Settings): Promise<Finding> {
  if (settings.find('storage.database_url') !== undefined)
    return passed('disk', "the database server's own, which cannot be seen from here");
  const folder = settings.get('storage.data_dir');
  try {
    const { bavail, bsize } = await statfsOfParent(resolve(folder));
    const free = Number(bavail) * Number(bsize);
    const text = `${(free / 1e9).toFixed(1)} GB free for ${folder}`;
    if (free < TOO_FEW_BYTES)
      return failed('disk', {
        message: `${text}: too little to import anything. Make room, or set TICKSTOCK_DATA_DIR elsewhere`,
        exitCode: TRY_LATER,
      });
    return free < SCARCE_BYTES
      ? warned('disk', `${text}, which a large import may fill`)
      : passed('disk', text);
  } catch (error) {
    return failed('disk', toAppError(error));
  }
}

/** The folder may not exist yet. */
async function statfsOfParent(folder: string): ReturnType<typeof statfs> {
  try {
    return await statfs(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder) throw error;
    return statfsOfParent(dirname(folder));
  }
}

async function checkRedis(settings: Settings): Promise<Finding> {
  const url = settings.find('events.redis_url');
  if (url === undefined) return passed('redis', 'not set (REDIS_URL); imports do not need it');
  try {
    const { pingRedis } = await import('../events/ping-redis.ts');
    const { where, version } = await pingRedis(url);
    return passed('redis', `Redis ${version} at ${where}`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return failed('redis', {
      message: `Could not reach Redis (REDIS_URL): ${why.replace(/\.+$/, '')}. Start it, correct REDIS_URL, or unset it: imports work without`,
      exitCode: TRY_LATER,
    });
  }
}
