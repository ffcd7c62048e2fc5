import { Command } from 'commander';
import type { App } from '../app.ts';
import type { Settings } from '../config.ts';
import { toAppError } from '../errors.ts';
import type { Pacer } from '../massive/pacing.ts';
import { checkDisk } from './check-disk.ts';
import { type Finding, failed, nextStep, passed } from './check-finding.ts';
import { checkRedis } from './check-redis.ts';
import { checkVendor } from './check-vendor.ts';
import type { CliContext } from './context.ts';

/** `tickstock check`: whether an import could start, and what to do next. */
export function checkCommand(cli: CliContext): Command {
  return new Command('check')
    .description('check database, disk, Redis, key, clock, plan and pacing, and say what to do next')
    .option('--json', 'print one JSON object')
    .action(async (options: { json?: true }) => {
      const findings: Finding[] = [];
      await findAll(cli, cli.settings(), (finding) => {
        findings.push(finding);
        // Said at once: the next one may take a while.
        if (!options.json) cli.out.write(render(finding.level, finding.what, finding.detail));
      });
      const next = nextStep(findings);
      cli.out.write(
        options.json
          ? `${JSON.stringify({ ok: findings.every(({ ok }) => ok), findings, next })}\n`
          : `next     ${next}\n`,
      );
      cli.exitWith(findings.find(({ ok }) => !ok)?.exitCode ?? 0);
    });
}

const render = (level: string, what: string, detail: string): string =>
  `${level.padEnd(7)}  ${what.padEnd(8)}  ${detail}\n`;

/** The vendor is asked at the pace that the database keeps, where there is one. */
async function findAll(cli: CliContext, settings: Settings, tell: (finding: Finding) => void): Promise<void> {
  const checkRest = async (pacer?: Pacer): Promise<void> => {
    tell(await checkDisk(settings));
    tell(await checkRedis(settings));
    cli.signal.throwIfAborted();
    for await (const finding of checkVendor(cli, settings, pacer)) tell(finding);
  };
  let isUsable = false;
  try {
    await cli.withApp(settings, async (app) => {
      tell(await checkDatabase(app, settings));
      isUsable = true;
      await checkRest(app.pacer);
    });
  } catch (error) {
    if (isUsable) throw error;
    tell(failed('database', toAppError(error)));
    await checkRest();
  }
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
