// An import that others work: a conductor, `tickstock worker` processes and the Redis between them.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { ready, runImport, start } from './programs.mjs';
import { peakMegabytes } from './peak-memory.mjs';

/** Why there can be no fleet here; null when there can. */
export function lacksRedis() {
  return spawnSync('redis-server', ['--version']).status === 0 ? null : 'there is no redis-server';
}

/**
 * An import by so many workers of so many slots, which are up before it starts, into the running database of `env`, whose
 * tables are there. The importing process only conducts. Besides what an import gives: `items` worked by each worker, `least`,
 * what the one with the fewest has of an even share (1: all have the same), and `workerPeakMb`, the largest one's memory.
 */
export async function importByFleet(flags, env, { workers, slots }) {
  const redis = await startRedis();
  const fleet = [];
  const withRedis = { ...env, REDIS_URL: redis.url };
  try {
    const starting = Array.from({ length: workers }, async () =>
      fleet.push(await ready(['worker', '--slots', String(slots)], withRedis)),
    );
    const failed = (await Promise.allSettled(starting)).find(({ status }) => status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    const done = await runImport([...flags, '--parallel-workers', '0'], withRedis);
    const workerPeakMb = Math.max(...fleet.map(({ child }) => peakMegabytes(child.pid)));
    await Promise.all(fleet.map((worker) => worker.stop()));
    const items = (await Promise.all(fleet.map(({ err }) => err))).map(itemsWorked);
    const least = (Math.min(...items) * workers) / items.reduce((sum, one) => sum + one, 0);
    return { ...done, items, least, workerPeakMb };
  } finally {
    await Promise.all(fleet.map((worker) => worker.stop()));
    await redis.stop();
  }
}

/** A redis-server that keeps nothing, and its URL. */
async function startRedis() {
  const port = String(await freePort());
  const args = ['--port', port, '--bind', '127.0.0.1', '--save', ''];
  return { ...(await start('redis-server', args, {}, /Ready to accept/)), url: `redis://127.0.0.1:${port}` };
}

/** From what a worker says at its end. */
function itemsWorked(said) {
  const [, count] = /Stopped after ([\d,]+) item/.exec(said) ?? [];
  if (count === undefined) throw new Error(`a worker does not say what it worked: ${said}`);
  return Number(count.replaceAll(',', ''));
}

async function freePort() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}
