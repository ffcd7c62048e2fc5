import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOldPostgres } from '../support/old-postgres.ts';
import { type TestDatabase, createTestDatabase } from '../support/postgres.ts';
import { type Ended, run, sandboxOfFile, startProgram, startSandboxProgram } from '../support/program.ts';
import { describeWithRedis, startRedis } from '../support/redis.ts';

const NOW = '2026-08-08T12:00:00Z';
const CLEAR = 'look at the warnings, then: tickstock import --universe dow30';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Checks against a sandbox of its own, started so. */
async function checkAt(
  now: string,
  sandboxArgs: readonly string[],
  env: Record<string, string> = {},
): Promise<Ended & { requests: number; tookMs: number }> {
  const sandbox = await startSandboxProgram(now, '--symbols', '5', ...sandboxArgs);
  try {
    const startedAt = performance.now();
    const ended = await run(['check'], { env: { ...sandbox.env, DATABASE_URL: database.url, ...env } });
    const tookMs = performance.now() - startedAt;
    return { ...ended, tookMs, requests: (await sandbox.stats()).total.requests };
  } finally {
    await sandbox.stop();
  }
}

/** The line of one finding, its columns without their padding. */
function lineOf(what: string, out: string): string {
  const line = out.split('\n').find((one) => one.slice(9).startsWith(`${what} `));
  return (line ?? 'none').replace(/ {2,}/g, ' | ');
}

const nextOf = (out: string): string => /\nnext {5}(.*)\n$/.exec(out)?.[1] ?? 'none';

describe.concurrent('check', () => {
  it('warns of lookbacks and pacing that do not fit a plan of two years, on a new embedded database', async () => {
    const { code, out, err, requests } = await checkAt(NOW, ['--plan', 'basic'], { DATABASE_URL: '' });
    expect([code, err, requests]).toEqual([0, '', 3]);
    expect(lineOf('disk', out)).toMatch(/^ok \| disk \| [\d.]+ GB free for \.\/\.tickstock; the S&P 500 /);
    expect(lineOf('plan', out)).toBe(
      'warning | plan | daily bars since 2024-08-08, about 2 years as on the free plan; lookback.monthly_days (1825) reaches back further, and what is older will not come',
    );
    expect(lineOf('hourly', out)).toBe('ok | hourly | served: 16 bars of AAPL on 2026-08-07');
    expect(lineOf('pacing', out)).toMatch(
      /^warning \| pacing \| 12 ms .*set polygon\.rate_limit_ms to 12500$/,
    );
    expect(nextOf(out)).toBe(`${CLEAR} --rate-limit-ms 12500`);
  });

  it('asks a free plan nothing of a day that has not ended', async () => {
    const { code, out } = await checkAt('2026-08-07T21:00:00Z', ['--plan', 'basic']);
    expect(code).toBe(0);
    expect(lineOf('hourly', out)).toBe('ok | hourly | served: 16 bars of AAPL on 2026-08-06');
  });

  it.each([
    ['starter', 'ok | plan | daily bars since 2021-08-09, about 5 years'],
    ['advanced', 'ok | plan | daily bars since 2003-09-10, all the vendor has'],
  ])('finds the history of plan %s', async (plan, line) => {
    const { code, out } = await checkAt(NOW, ['--plan', plan]);
    expect([code, lineOf('plan', out), nextOf(out)]).toEqual([0, line, 'tickstock import --universe dow30']);
  });

  it('leaves out hours the plan does not have', async () => {
    const { code, out } = await checkAt(NOW, ['--fault', 'not-entitled=route:aggregates/hour']);
    expect(code).toBe(0);
    expect(lineOf('hourly', out)).toMatch(
      /^warning \| hourly \| not in the plan: Could not fetch hourly bars of AAPL, .*: the vendor answered 403 "You are not entitled to this data/,
    );
    expect(nextOf(out)).toBe(`${CLEAR} --timeframes daily,weekly,monthly`);
  });

  it('suggests no import where the plan has nothing, and still tells the rest', async () => {
    const { code, out, requests } = await checkAt(NOW, ['--fault', 'not-entitled']);
    expect([code, requests]).toEqual([0, 3]);
    expect(lineOf('key', out)).toMatch(
      /^warning \| key \| known, but its plan does not tell the market status/,
    );
    expect(lineOf('plan', out)).toMatch(/^warning \| plan \| serves no daily bars: Could not fetch .* 403 /);
    expect(lineOf('pacing', out)).toMatch(/^ok \| /);
    expect(nextOf(out)).toBe('choose a plan that serves bars of US stocks, then: tickstock check');
  });

  it('says that it was throttled, though the answer came at last', async () => {
    const { code, out, err, requests } = await checkAt(NOW, ['--fault', 'throttle=times:1'], {
      DATA_IMPORT_POLYGON_THROTTLED_BASE_MS: '100',
    });
    expect([code, requests]).toEqual([0, 4]);
    expect(err).toMatch(
      /^Could not fetch the market status: the vendor answered 429 .* Trying again in 1 s\.\n$/,
    );
    expect(lineOf('plan', out)).toMatch(/^ok \| /);
    expect(lineOf('pacing', out)).toMatch(
      /^warning \| pacing \| 12 ms between requests, but the vendor answered 429, too many requests, once during this check: on the free plan set /,
    );
  });

  it('gives up on throttling within half a minute, and asks nothing more', async () => {
    const { code, out, tookMs } = await checkAt(NOW, ['--fault', 'throttle=route:aggregates']);
    expect(tookMs).toBeLessThan(40_000);
    expect(code).toBe(75);
    expect(lineOf('key', out)).toMatch(/^ok \| /);
    expect(lineOf('plan', out)).toMatch(
      /^failed \| plan \| Could not fetch daily bars of AAPL.* tries\): .* 429 /,
    );
    expect(lineOf('hourly', out)).toBe('none');
    expect(lineOf('pacing', out)).toMatch(
      /^warning \| pacing \| .* answered 429, too many requests, \d times /,
    );
    expect(nextOf(out)).toBe('leave the key alone for three minutes, then: tickstock check');
  });

  it('says beforehand how long pacing makes it wait', async () => {
    const { code, err } = await checkAt(NOW, [], { DATA_IMPORT_POLYGON_RATE_LIMIT_MS: '1000' });
    expect([code, err]).toEqual([0, 'Asking Massive 3 questions, 1.0 s apart (polygon.rate_limit_ms).\n']);
  });

  it.each([
    [
      'an unknown key',
      { MASSIVE_API_KEY: 'nobody0knows' },
      5,
      'key',
      'Could not fetch .* 401 "Unknown API Key"',
    ],
    ['no key', { MASSIVE_API_KEY: '' }, 2, 'key', 'No key for the Massive API'],
    [
      'a vendor out of reach',
      { MASSIVE_BASE_URL: 'http://127.0.0.1:1' },
      75,
      'vendor',
      '.*refused\\. Check the network',
    ],
  ])('tells %s apart', async (_, env, exitCode, what, words) => {
    const { code, out } = await checkAt(NOW, [], env);
    expect(code).toBe(exitCode);
    expect(lineOf(what, out)).toMatch(new RegExp(`^failed \\| ${what} \\| ${words}`));
    expect(nextOf(out)).toBe(
      what === 'key'
        ? 'mend what failed, key first, then: tickstock check'
        : 'see that the vendor can be reached and answers, then: tickstock check',
    );
  });

  it('refuses a database server that is too old', async () => {
    const old = await startOldPostgres();
    try {
      const { code, out } = await checkAt(NOW, [], { DATABASE_URL: old.url });
      expect([code, lineOf('database', out)]).toEqual([
        2,
        'failed | database | The database server is PostgreSQL 14; tickstock needs 15 or newer. Point DATABASE_URL at one, or unset it for the embedded one.',
      ]);
    } finally {
      await old.stop();
    }
  });

  it('calls a data folder that cannot be one no defect', async () => {
    const inFile = join(process.execPath, 'data');
    const { code, out } = await checkAt(NOW, [], {
      DATABASE_URL: '',
      TICKSTOCK_DATA_DIR: inFile,
    });
    expect(code).toBe(2);
    expect(lineOf('disk', out)).toMatch(
      /^failed \| disk \| Could not look at the disk of .*: ENOTDIR.*\. Choose another/,
    );
    expect(out).not.toContain('defect');
  });

  it('refuses a Redis URL that means nothing, and does not show it', async () => {
    for (const url of ['redis://:hidden@127.0.0.1:1/abc', 'redis://:%zzhidden@127.0.0.1:1']) {
      const { code, out, err } = await run(['check'], { env: { REDIS_URL: url } });
      expect([code, out, err]).toEqual([
        2,
        '',
        'tickstock: Cannot use that value for events.redis_url (environment REDIS_URL): expected an address such as redis://localhost:6379/0.\n',
      ]);
    }
  });

  it('tells what it found so far while it waits, and ends at an interruption', async () => {
    const sandbox = await startSandboxProgram(NOW, '--symbols', '5');
    try {
      const env = { ...sandbox.env, DATABASE_URL: database.url, DATA_IMPORT_POLYGON_RATE_LIMIT_MS: '60000' };
      const { process: check, ended } = startProgram(['check'], { env });
      let said = '';
      check.stdout!.on('data', (chunk) => {
        said += String(chunk);
        if (said.includes('clock')) check.kill('SIGINT');
      });
      const { code, out, err } = await ended;
      expect(code).toBe(130);
      expect(lineOf('key', out)).toMatch(/^ok \| key \| accepted/);
      expect(out).not.toContain('failed');
      expect(err).toMatch(/\ntickstock: Interrupted\. /);
    } finally {
      await sandbox.stop();
    }
  });
});

describeWithRedis('check, with Redis', () => {
  const sandbox = sandboxOfFile(NOW, '--symbols', '5');
  let redis: Awaited<ReturnType<typeof startRedis>>;
  beforeAll(async () => {
    redis = await startRedis('right-password');
  });
  afterAll(() => redis.stop());

  /** Its line about Redis; no password is ever in what it says. */
  async function check(
    password: string,
    path = '',
  ): Promise<[code: number | null, line: string, err: string]> {
    const REDIS_URL = `redis://:${password}@127.0.0.1:${redis.port}${path}`;
    const { code, out, err } = await run(['check'], {
      env: { ...sandbox().env, DATABASE_URL: database.url, REDIS_URL },
    });
    expect(out + err).not.toContain(password);
    return [code, lineOf('redis', out).replace(String(redis.port), 'PORT'), err];
  }

  it('names its version and address', async () => {
    expect(await check('right-password', '/1')).toEqual([
      0,
      expect.stringMatching(/^ok \| redis \| Redis \d\S+ at 127\.0\.0\.1:PORT$/),
      '',
    ]);
  });

  it('says what a refused password means', async () => {
    expect(await check('wrong-password')).toEqual([
      2,
      expect.stringMatching(
        /^failed \| redis \| Redis at 127\.0\.0\.1:PORT \(REDIS_URL\) refuses the user or password: WRONGPASS .*\. Correct them in REDIS_URL, or unset it/,
      ),
      '',
    ]);
  });

  it('does not take a database that is not there for database 0', async () => {
    expect(await check('right-password', '/99')).toEqual([
      2,
      expect.stringMatching(
        /^failed \| redis \| Redis at 127\.0\.0\.1:PORT \(REDIS_URL\) does not have that database: ERR DB/,
      ),
      '',
    ]);
  });
});
