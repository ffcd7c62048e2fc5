import { Redis } from 'ioredis';
import { commonOptions } from './redis-options.ts';

/** Host and port of a Redis URL, and nothing else of it. */
export function addressOf(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname || '127.0.0.1'}:${port || '6379'}`;
}

/**
 * Asks a Redis server once for its version, without trying again.
 * @throws Error what the connection failed with, or what the server refused.
 */
export async function pingRedis(url: string): Promise<string> {
  const redis = new Redis(url, {
    ...commonOptions,
    lazyConnect: true,
    retryStrategy: () => null,
  });
  let lost: unknown;
  // Without a listener the client would print it; what `connect` throws says less.
  redis.on('error', (error) => (lost ??= error));
  try {
    await redis.connect();
    await redis.ping();
    // A refused database is said here only, and commands then go to database 0.
    if (lost !== undefined) throw lost;
    const info = await redis.info('server').catch(() => '');
    return /^redis_version:(\S+)/m.exec(info)?.[1] ?? 'of unknown version';
  } catch (error) {
    throw lost ?? error;
  } finally {
    redis.disconnect();
  }
}
