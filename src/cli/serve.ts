import { Command } from 'commander';
import type { App } from '../app.ts';
import type { SettingPath } from '../config.ts';
import { listKeys } from '../storage/api-keys.ts';
import { aborted } from './aborted.ts';
import type { CliContext } from './context.ts';
import { version } from './version.ts';

interface ServeOptions {
  host?: string;
  port?: string;
  workers?: string;
}

/** False as well while the database cannot be asked. */
const hasNoKey = ({ database }: App): Promise<boolean> =>
  listKeys(database.pool).then(
    (keys) => keys.every(({ revokedAt }) => revokedAt !== null),
    () => false,
  );

/** `tickstock serve`: HTTP API, events and the nightly import until it is interrupted. */
export function serveCommand(cli: CliContext): Command {
  return new Command('serve')
    .description('run the service: HTTP API, events over Redis, nightly import')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option(
      '--workers <n>',
      'symbols in work at once in this process; 0 leaves the work to tickstock worker (default: processing.parallel_workers)',
    )
    .option('--port <port>', 'port; 0 picks a free one (default: 8080)')
    .action(async (options: ServeOptions) => {
      const flags: Partial<Record<SettingPath, string | undefined>> = {
        'service.host': options.host,
        'service.port': options.port,
        'processing.parallel_workers': options.workers,
      };
      const settings = cli.settings(flags);
      await cli.withApp(settings, async (app) => {
        const [{ startService }, { createServiceLog }] = await Promise.all([
          import('../service.ts'),
          import('../service-log.ts'),
        ]);
        const log = createServiceLog(settings.get('service.log_level'));
        const death = new AbortController();
        const service = await startService(app, log, version(), (error) => {
          log.fatal({ err: error }, 'the import thread died');
          death.abort(error);
        });
        cli.out.write(`${JSON.stringify({ url: service.url })}\n`);
        if (!service.requiresKeys) {
          log.warn(
            'open without keys: every program on this machine may read and change; service.require_keys asks for them',
          );
        } else if (await hasNoKey(app)) {
          log.warn('nobody can come in: there is no key yet; make one with: tickstock keys add NAME --write');
        }
        if (settings.find('polygon.api_key') === undefined)
          log.warn('no key for the Massive API: imports will be refused; set MASSIVE_API_KEY');
        await aborted(AbortSignal.any([cli.signal, death.signal]));
        log.info('stopping');
        await service.stop();
        log.info('stopped');
        death.signal.throwIfAborted();
      });
    });
}
