import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { freeBytesOf } from '../../free-space.ts';
import { readMigrations, schemaVersion } from '../../storage/migrate.ts';
import { answers, open } from '../answers.ts';
import { healthAnswer, readyAnswer } from '../contract.ts';
import type { ServiceContext } from '../context.ts';

type Check = z.infer<typeof readyAnswer>['checks'][number];

const LEAST_FREE_BYTES = 1 << 30;
const DATABASE_PATIENCE_MS = 2000;

/** What machines ask: alive, ready, and figures. */
export const operationRoutes =
  (context: ServiceContext): FastifyPluginAsyncZod =>
  async (server) => {
    server.get(
      '/health',
      {
        config: open,
        schema: {
          tags: ['operations'],
          summary: 'Whether the process lives',
          response: answers(healthAnswer),
        },
      },
      async () => ({ status: 'ok' as const }),
    );

    server.get(
      '/ready',
      {
        config: open,
        schema: {
          tags: ['operations'],
          summary: 'Whether it can work: database, migrations, disk, Redis',
          description: '503 when something required is missing. Redis is not: events wait for it.',
          response: { 200: readyAnswer, 503: readyAnswer },
        },
      },
      async (_, reply) => {
        const checks = await Promise.all([database(context), disk(context), redis(context)]);
        const ready = checks.every(({ ok, required }) => ok || !required);
        return reply.code(ready ? 200 : 503).send({ ready, checks });
      },
    );

    server.get(
      '/metrics',
      {
        schema: {
          tags: ['operations'],
          summary: 'Figures for Prometheus',
          response: answers(z.string()),
        },
      },
      async (_, reply) => {
        const { registry } = context.metrics;
        return reply.type(registry.contentType).send(await registry.metrics());
      },
    );
  };

async function database({ app }: ServiceContext): Promise<Check> {
  const about = { name: 'database', required: true };
  try {
    const late = AbortSignal.timeout(DATABASE_PATIENCE_MS);
    const version = await Promise.race([
      schemaVersion(app.database.pool, app.settings.get('storage.schema')),
      new Promise<never>((_, reject) =>
        late.addEventListener('abort', () => reject(new Error('it does not answer')), { once: true }),
      ),
    ]);
    const known = readMigrations().at(-1)?.version;
    const ok = version === known;
    return {
      ...about,
      ok,
      detail: `schema at version ${version}${ok ? '' : `, this program knows ${known}`}`,
    };
  } catch {
    // The reason may name the server; the log has it.
    return { ...about, ok: false, detail: 'the database cannot be reached' };
  }
}

async function disk({ app }: ServiceContext): Promise<Check> {
  const about = { name: 'disk', required: true };
  if (app.settings.find('storage.database_url') !== undefined)
    return { ...about, ok: true, detail: 'the database is elsewhere' };
  try {
    const free = await freeBytesOf(app.settings.get('storage.data_dir'));
    return { ...about, ok: free >= LEAST_FREE_BYTES, detail: `${(free / 1e9).toFixed(1)} GB free` };
  } catch {
    return { ...about, ok: false, detail: 'the data folder cannot be read' };
  }
}

async function redis({ isRedisUp }: ServiceContext): Promise<Check> {
  const about = { name: 'redis', required: false };
  if (isRedisUp === null) return { ...about, ok: true, detail: 'none is set' };
  const ok = isRedisUp();
  return { ...about, ok, detail: ok ? 'connected' : 'not connected: events wait in the outbox' };
}
