import type { App } from '../app.ts';
import { listenFor } from '../storage/notices.ts';
import { EVENTS_WRITTEN, outboxState, pruneEvents } from '../storage/outbox.ts';
import { pruneRequests } from '../storage/requests.ts';
import type { CliContext } from './context.ts';

const FLUSH_MS = 2000;

/** Does `work` while bringing its events to Redis, if one is set; what Redis does not take waits for the next who does. */
export async function publishingEvents<T>(cli: CliContext, app: App, work: () => Promise<T>): Promise<T> {
  const { database, clock } = app;
  await pruneEvents(database.pool, app.settings.get('events.keep_days'));
  await pruneRequests(database.pool, app.settings.get('requests.keep_days'), clock.now());
  const url = app.settings.find('events.redis_url');
  if (url === undefined) return work();
  const { createPublishing } = await import('../publishing.ts');
  const publishing = createPublishing(url, app, () => {});
  const stop = new AbortController();
  const loops = [
    publishing.run(stop.signal),
    listenFor(database, EVENTS_WRITTEN, publishing.wake, (ms, ended) => clock.sleep(ms, ended), stop.signal),
  ];
  try {
    return await work();
  } finally {
    if (publishing.isRedisUp) await publishing.flush(FLUSH_MS);
    stop.abort();
    await Promise.all(loops);
    publishing.close();
    const { waiting } = await outboxState(database.pool);
    if (waiting > 0)
      cli.err.write(`${waiting} events wait for Redis; the next import or tickstock serve sends them.\n`);
  }
}
