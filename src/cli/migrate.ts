import { Command } from 'commander';
import type { CliContext } from './context.ts';

/** `tickstock migrate`: brings the database's schema up to date; every command does so by itself. */
export function migrateCommand(cli: CliContext): Command {
  return new Command('migrate')
    .description('bring the database up to date (every command does this by itself)')
    .action(async () => {
      const settings = cli.settings();
      const schema = settings.get('storage.schema');
      const { schemaVersion } = await import('../storage/migrate.ts');
      const version = await cli.withApp(settings, (app) => schemaVersion(app.database.pool, schema));
      cli.out.write(`Schema ${schema} is at version ${version}.\n`);
    });
}
