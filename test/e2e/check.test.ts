import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, sandboxOfFile } from '../support/program.ts';
import { describeWithRedis, startRedis } from '../support/redis.ts';

const NOW = '2026-08-08T12:00:00Z';

describe('check, on a plan of two years', () => {
  const sandbox = sandboxOfFile(NOW, '--symbols', '5', '--plan', 'basic');

  it('warns of lookbacks and pacing that do not fit, on a new embedded database', async () => {
    const { code, out } = await run(['check'], { env: sandbox().env });
    expect(code).toBe(0);
    expect(out).toMatch(/^ok {7}disk {6}[\d.]+ GB free for \.\/\.tickstock$/m);
    expect(out).toMatch(
      /^warning {2}plan {6}daily bars since 2024-08-08, about 2 years; lookback\.monthly_days \(1825\) reaches back further/m,
    );
    expect(out).toMatch(/^warning {2}pacing {4}12 ms .*set polygon\.rate_limit_ms to 12500$/m);
    expect(out).toMatch(/\nnext {5}look at the warnings, then: tickstock import --universe dow30\n$/);
  });
});

describeWithRedis('check, with Redis', () => {
  const sandbox = sandboxOfFile(NOW, '--symbols', '5');
  let redis: Awaited<ReturnType<typeof startRedis>>;
  beforeAll(async () => {
    redis = await startRedis('right-password');
  });
  afterAll(() => redis.stop());
  const check = (password: string) =>
    run(['check'], { env: { ...sandbox().env, REDIS_URL: `redis://:${password}@127.0.0.1:${redis.port}` } });

  it('names its version and address, and no password', async () => {
    const { code, out } = await check('right-password');
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^ok {7}redis {5}Redis \\d\\S+ at 127\\.0\\.0\\.1:${redis.port}$`, 'm'));
    expect(out).not.toContain('right-password');
  });

  it('says what a refused password means', async () => {
    const { code, out, err } = await check('wrong-password');
    expect([code, err]).toEqual([75, '']);
    expect(out).toMatch(
      /^failed {3}redis {5}Could not reach Redis \(REDIS_URL\): .*WRONGPASS.*\. Start it, /m,
    );
    expect(out).not.toContain('wrong-password');
  });
});
