import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { usageError } from '../errors.ts';
import { runStatement } from '../storage/run-statement.ts';
import type { CliContext } from './context.ts';
import { csvFormat, jsonFormat, tableFormat } from './query-output.ts';
import { writeNewFile } from './write-file.ts';

/** `tickstock db`: the database itself, embedded or DATABASE_URL's. */
export function dbCommand(cli: CliContext): Command {
  return new Command('db')
    .description('reach, keep up, query and back up the database')
    .addCommand(urlCommand(cli))
    .addCommand(startCommand(cli))
    .addCommand(stopCommand(cli))
    .addCommand(queryCommand(cli))
    .addCommand(backupCommand(cli));
}

function urlCommand(cli: CliContext): Command {
  return new Command('url')
    .description('print the URL for psql and other programs, with its password if it has one')
    .action(async () => {
      const settings = cli.settings();
      const own = settings.find('storage.database_url');
      if (own !== undefined) {
        cli.out.write(`${own}\n`);
        return;
      }
      const { describeEmbedded } = await import('../storage/embedded/control.ts');
      const { url, running, keptUp } = await describeEmbedded({ dataDir: settings.get('storage.data_dir') });
      cli.out.write(`${url}\n`);
      if (!running) cli.err.write('The embedded database is not running. Start it: tickstock db start\n');
      else if (!keptUp)
        cli.err.write('It stops when tickstock is done with it. Keep it up: tickstock db start\n');
    });
}

function startCommand(cli: CliContext): Command {
  return new Command('start')
    .description('start the embedded database, keep it up until `db stop`, and print its URL')
    .option(
      '--listen <address>',
      'also take TCP connections by password, such as 127.0.0.1:5433 (this machine only)',
    )
    .action(async (options: { listen?: string }) => {
      const { parseListenAddress } = await import('../storage/embedded/keep-up.ts');
      const { startEmbedded } = await import('../storage/embedded/control.ts');
      const listen = options.listen === undefined ? undefined : parseListenAddress(options.listen);
      const url = await startEmbedded({
        dataDir: embeddedFolder(cli, 'start'),
        listen,
        signal: cli.signal,
        onNotice: (line) => cli.err.write(`${line}\n`),
      });
      cli.out.write(`${url}\n`);
      cli.err.write('The embedded database is up. Stop it: tickstock db stop\n');
    });
}

function stopCommand(cli: CliContext): Command {
  return new Command('stop')
    .description('stop the embedded database')
    .option('--force', 'also when programs are connected to it')
    .action(async (options: { force?: true }) => {
      const { stopEmbedded } = await import('../storage/embedded/control.ts');
      const stopped = await stopEmbedded({
        dataDir: embeddedFolder(cli, 'stop'),
        force: options.force === true,
      });
      cli.err.write(
        stopped ? 'The embedded database is stopped.\n' : 'The embedded database was not running.\n',
      );
    });
}

function queryCommand(cli: CliContext): Command {
  return new Command('query')
    .description('run one SQL statement and print its rows')
    .argument('<sql>')
    .addOption(new Option('--json', 'print one JSON object').conflicts('csv'))
    .option('--csv', 'print CSV')
    .action(async (sql: string, options: { json?: true; csv?: true }) => {
      const format = options.json ? jsonFormat() : options.csv ? csvFormat() : tableFormat();
      await cli.withApp(cli.settings(), async (app) => {
        const client = await app.database.pool.connect();
        try {
          let shown = 0;
          let changed: number | null = null;
          let opened = false;
          for await (const batch of runStatement(client, sql)) {
            cli.signal.throwIfAborted();
            if (!opened && (batch.columns.length > 0 || options.json)) {
              await write(cli, format.open(batch.columns, batch.rows));
              opened = true;
            }
            await write(cli, format.rows(batch.rows));
            shown += batch.rows.length;
            if (batch.columns.length === 0) changed = batch.count;
          }
          const count = changed ?? shown;
          if (opened) await write(cli, format.close(count));
          cli.err.write(`${count} ${count === 1 ? 'row' : 'rows'}${changed === null ? '' : ' changed'}\n`);
        } finally {
          // What the statement set must not reach the pool's next user.
          client.release(true);
        }
      });
    });
}

function backupCommand(cli: CliContext): Command {
  return new Command('backup')
    .description('write an SQL script that restores everything with psql; compressed when FILE ends in .gz')
    .argument('<file>')
    .action(async (file: string) => {
      const settings = cli.settings();
      const { backupScript } = await import('../storage/backup.ts');
      await cli.withApp(settings, async (app) => {
        const client = await app.database.pool.connect();
        try {
          await writeNewFile(
            file,
            backupScript(client, { schema: settings.get('storage.schema') }),
            cli.signal,
          );
        } finally {
          client.release(true);
        }
      });
      const { size } = await stat(file);
      const read = file.endsWith('.gz')
        ? `gunzip -c ${file} | psql -v ON_ERROR_STOP=1 URL`
        : `psql -v ON_ERROR_STOP=1 -f ${file} URL`;
      cli.err.write(`${file}: ${(size / 1e6).toFixed(1)} MB. Restore it into an empty database: ${read}\n`);
    });
}

/** @throws AppError CONFIG_INVALID where DATABASE_URL is set: that server is not ours to start or stop. */
function embeddedFolder(cli: CliContext, verb: string): string {
  const settings = cli.settings();
  if (settings.find('storage.database_url') !== undefined) {
    throw usageError(
      `There is no embedded database to ${verb}: DATABASE_URL names a server of your own. Unset it to use the embedded one.`,
    );
  }
  return settings.get('storage.data_dir');
}

async function write(cli: CliContext, text: string): Promise<void> {
  if (!cli.out.write(text)) await once(cli.out, 'drain', { signal: cli.signal });
}
