import type { z } from 'zod';
import { freeBytesOf } from '../free-space.ts';
import { readMigrations, schemaVersion } from '../storage/migrate.ts';
import type { readyAnswer } from './contract.ts';
import type { ServiceContext } from './context.ts';
import { inTime } from './in-time.ts';

type Check = z.infer<typeof readyAnswer>['checks'][number];

const LEAST_FREE_BYTES = 1 << 30;

/** What the service needs to work, each looked at now. */
export const checkReadiness = (context: ServiceContext): Promise<Check[]> =>
  Promise.all([database(context), disk(context), redis(context)]);

async function database({ app }: ServiceContext): Promise<Check> {
  const about = { name: 'database', required: true };
  try {
    const version = await inTime(schemaVersion(app.database.pool, app.settings.get('storage.schema')));
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
