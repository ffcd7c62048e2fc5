import type { TestContext } from 'vitest';
import type { TestDatabase } from './postgres.ts';
import { type SandboxProcess, startSandboxProgram } from './program.ts';
import { type RedisServer, startRedis } from './redis.ts';
import { scratchDatabase } from './scratch-database.ts';
import { type ServiceProcess, startService } from './service.ts';

export const redisPassword = 'for this test';

/** What a service has around it, of the running test's own. */
export interface Platform {
  readonly redis: RedisServer;
  readonly database: TestDatabase;
  readonly sandbox: SandboxProcess;
  /** What makes a program use all three. */
  readonly env: Readonly<Record<string, string>>;
  /** A service that uses them; ends with the test. */
  serve(env?: Readonly<Record<string, string>>): Promise<ServiceProcess>;
}

/** Redis, PostgreSQL and a sandbox at `now` with flags, all of which go away with the running test. */
export async function startPlatform(
  context: Pick<TestContext, 'onTestFinished'>,
  now: string,
  ...flags: readonly string[]
): Promise<Platform> {
  const redis = await startRedis(redisPassword);
  context.onTestFinished(() => redis.stop());
  const database = await scratchDatabase(context);
  const sandbox = await startSandboxProgram(now, ...flags);
  context.onTestFinished(() => sandbox.stop());
  const env = { ...sandbox.env, DATABASE_URL: database.url, REDIS_URL: redis.url };
  return {
    redis,
    database,
    sandbox,
    env,
    async serve(more = {}) {
      const service = await startService({ ...env, ...more });
      context.onTestFinished(async () => void (await service.stop()));
      return service;
    },
  };
}
