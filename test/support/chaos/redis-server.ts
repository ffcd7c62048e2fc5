import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../free-port.ts';
import { type Supervised, supervise } from './supervise.ts';
import { waitUntil } from './wait-until.ts';

/** A Redis of its own that can be ended in every way, and comes back on its port. */
export interface RedisServer {
  readonly port: number;
  /** To go around all proxies. */
  readonly url: string;
  readonly program: Supervised;
  /** Whether it finds what it held again when it comes back, all but the last second of it; begins empty. */
  begin(options: { readonly persistent: boolean }): Promise<void>;
  flush(): Promise<void>;
  /** Resolves when it answers. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

const READY_PATIENCE_MS = 20_000;

export async function startRedisServer(folder: string): Promise<RedisServer> {
  const dir = path.join(folder, 'redis');
  mkdirSync(dir);
  const port = await freePort();
  let isPersistent = false;
  const keeps = (): string[] =>
    isPersistent ? ['--appendonly', 'yes', '--appendfsync', 'everysec'] : ['--save', ''];
  const program = supervise({
    name: 'Redis',
    start: () =>
      spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, ...keeps()], {
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
  });
  const url = `redis://127.0.0.1:${port}`;
  const order = async <T>(give: (redis: Redis) => Promise<T>): Promise<T> => {
    const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
    redis.on('error', () => {});
    try {
      await redis.connect();
      return await give(redis);
    } finally {
      redis.disconnect();
    }
  };
  const server: RedisServer = {
    port,
    url,
    program,
    async begin({ persistent }) {
      if (persistent !== isPersistent) {
        isPersistent = persistent;
        await program.kill('SIGTERM', 0);
        await server.ready();
      }
      await server.flush();
    },
    flush: async () => void (await order((redis) => redis.flushall())),
    async ready() {
      const ping = (): Promise<true | null> =>
        order((redis) => redis.ping()).then(
          () => true as const,
          () => null,
        );
      if ((await waitUntil(ping, READY_PATIENCE_MS)) === null)
        throw new Error(`Redis did not come up:\n${program.lines.slice(-10).join('\n')}`);
    },
    close: () => program.stop(),
  };
  await server.ready();
  return server;
}
