import { Redis } from 'ioredis';

const PATIENCE_MS = 3000;

/**
 * Asks a Redis server once for its version, without trying again. `where` is the address without a password.
 * @throws Error what the connection failed with.
 */
export async function pingRedis(url: string): Promise<{ where: string; version: string }> {
  const { hostname, port } = new URL(url);
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: PATIENCE_MS,
    commandTimeout: PATIENCE_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let lost: unknown;
  // Without a listener the client would print it; what `connect` throws says less.
  redis.on('error', (error) => (lost = error));
  try {
    await redis.connect();
    await redis.ping();
    const info = await redis.info('server');
    return {
      where: `${hostname}:${port === '' ? '6379' : port}`,
      version: /^redis_version:(\S+)/m.exec(info)?.[1] ?? 'of unknown version',
    };
  } catch (error) {
    throw lost ?? error;
  } finally {
    redis.disconnect();
  }
}
