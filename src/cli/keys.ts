import { Command } from 'commander';
import { createApiKey } from '../api-key.ts';
import { usageError } from '../errors.ts';
import { addKey, listKeys, revokeKey } from '../storage/api-keys.ts';
import type { CliContext } from './context.ts';
import { alignTable } from './table.ts';

/** `tickstock keys`: who may call the service. */
export function keysCommand(cli: CliContext): Command {
  const command = new Command('keys').description('make, list and revoke keys of the service');

  command
    .command('add')
    .description('make a key and print it, this once')
    .argument('<name>', 'whose it is')
    .option('--write', 'may also change things (default: may only read)')
    .action(async (name: string, options: { write?: true }) => {
      if (name.trim() === '' || name.length > 100)
        throw usageError('Cannot use that as the name of a key: expected 1 to 100 characters.');
      const { key, id, hash } = createApiKey();
      const access = options.write === true ? 'write' : 'read';
      await cli.withApp(cli.settings(), (app) => addKey(app.database.pool, { id, name, access, hash }));
      cli.out.write(`${key}\n`);
      cli.err.write(`Key ${id} of ${name} may ${access}. It is shown this once; send it as X-API-Key.\n`);
    });

  command
    .command('list')
    .description('list the keys; themselves they are kept nowhere')
    .option('--json', 'print one JSON object')
    .action(async (options: { json?: true }) => {
      const keys = await cli.withApp(cli.settings(), (app) => listKeys(app.database.pool));
      const rows = keys.map(({ id, name, access, createdAt, revokedAt }) => ({
        id,
        name,
        access,
        created_at: createdAt.toISOString(),
        revoked_at: revokedAt?.toISOString() ?? null,
      }));
      cli.out.write(
        options.json
          ? `${JSON.stringify({ keys: rows })}\n`
          : alignTable(
              ['id', 'name', 'access', 'created', 'revoked'],
              rows.map((row) => Object.values(row)),
            ),
      );
      if (rows.length === 0) cli.err.write('There is no key yet. Make one: tickstock keys add NAME\n');
    });

  command
    .command('revoke')
    .description('make a key worthless')
    .argument('<id>', 'its id, as in the list')
    .action(async (id: string) => {
      const revoked = await cli.withApp(cli.settings(), (app) => revokeKey(app.database.pool, id));
      if (!revoked) throw usageError(`There is no key ${id} to revoke. See: tickstock keys list`);
      cli.err.write(`Key ${id} is worthless now; running services notice within five seconds.\n`);
    });

  return command;
}
