import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Ended, run } from '../support/program.ts';

const KEY = 'k0123456789abcdef';
const BAD_DATE = 'expected a date such as 2026-11-20.';
const NO_KEY =
  'No key for the Massive API. Set MASSIVE_API_KEY in the environment, or data_import.polygon.api_key in tickstock.yaml. To try without one: tickstock sandbox.';

/** Runs in a folder with at most a settings file; also what is in the folder afterwards. */
async function runAlone(
  args: readonly string[],
  { env = {}, yaml }: { env?: Record<string, string>; yaml?: string } = {},
): Promise<Ended & { left: string[] }> {
  const cwd = mkdtempSync(join(tmpdir(), 'tickstock-e2e-'));
  try {
    if (yaml !== undefined) writeFileSync(join(cwd, 'tickstock.yaml'), yaml);
    return { ...(await run(args, { cwd, env })), left: readdirSync(cwd) };
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

/** Exit 2, these words, and nothing made or changed. */
const refusal = (message: string, left: readonly string[] = []): object => ({
  code: 2,
  out: '',
  err: `tickstock: ${message}\n`,
  left,
});

describe.concurrent('a command line that cannot be meant', () => {
  it.each([
    ['an unknown command', 'imprt', "unknown command 'imprt' (Did you mean import?). See: tickstock --help"],
    [
      'an unknown flag',
      'import --symbol AAPL',
      "unknown option '--symbol' (Did you mean --symbols?). See: tickstock --help",
    ],
    [
      'a word too many',
      'import AAPL',
      "too many arguments for 'import'. Expected 0 arguments but got 1. See: tickstock --help",
    ],
    [
      'a flag without its value',
      'import --symbols',
      "option '--symbols <symbols>' argument missing. See: tickstock --help",
    ],
    [
      'an unknown timeframe',
      'import --symbols AAPL --timeframes daily,weakly',
      'Unknown timeframe "weakly"; there are hourly, daily, weekly, monthly. Did you mean weekly?',
    ],
    [
      'an unknown timeframe of bars',
      'bars AAPL --timeframe dayly',
      "option '--timeframe <timeframe>' argument 'dayly' is invalid. Allowed choices are hourly, daily, weekly, monthly. See: tickstock --help",
    ],
    [
      'a day that no month has',
      'import --symbols AAPL --from 2026-02-30',
      `Cannot use "2026-02-30" for --from: ${BAD_DATE}`,
    ],
    [
      'a date in other words',
      'import --symbols AAPL --from 2026-02-02 --to yesterday',
      `Cannot use "yesterday" for --to: ${BAD_DATE}`,
    ],
    [
      'a date before the calendar',
      'import --symbols AAPL --from 1989-12-29',
      'Cannot use 1989-12-29 for --from: the trading calendar covers 1990 to 2030.',
    ],
    ['an end without a beginning', 'import --symbols AAPL --to 2026-02-02', '--to needs --from.'],
    [
      'two spans at once',
      'import --symbols AAPL --from 2026-02-02 --lookback-days 3',
      'Give --lookback-days or --from and --to, not both.',
    ],
    [
      'a lookback of no days',
      'import --symbols AAPL --lookback-days 0',
      'Cannot use "0" for --lookback-days: expected a whole number of days from 1 to 15000.',
    ],
    [
      'symbols and universes at once',
      'import --symbols AAPL --universe dow30',
      'Give --universe or --symbols, not both.',
    ],
    [
      'what no symbol can be',
      'import --symbols AAPL,$$$',
      'Cannot use "$$$" as a symbol: expected letters and digits, with a class after a dot such as BRK.B.',
    ],
    [
      'a pace that is no number',
      'import --symbols AAPL --rate-limit-ms fast',
      'Cannot use "fast" for polygon.rate_limit_ms (flag --rate-limit-ms): expected a number from 0 to 3600000.',
    ],
  ])('%s is refused', async (_, line, message) => {
    expect(await runAlone(line.split(' '))).toEqual(refusal(message));
  });

  it('a refusal is one JSON object for who asked for JSON', async () => {
    const message = "option '--json' cannot be used with option '--csv'. See: tickstock --help";
    expect(await run(['bars', 'AAPL', '--csv', '--json'])).toEqual({
      code: 2,
      out: `${JSON.stringify({ error_code: 'CONFIG_INVALID', error_message: message })}\n`,
      err: `tickstock: ${message}\n`,
    });
  });

  it.each([[[]], [['db']], [['universe']]])('%j shows what could follow', async (args) => {
    const { code, out, err } = await run(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(
      new RegExp(`^Usage: ${['tickstock', ...args].join(' ')} \\[options\\] \\[command\\]`),
    );
  });
});

describe.concurrent('settings that cannot be meant', () => {
  const importOne = ['import', '--symbols', 'AAPL'];

  it.each([
    [
      'an unknown one',
      { DATA_IMPORT_POLYGON_RATE_LIMIT: '5' },
      'Unknown setting DATA_IMPORT_POLYGON_RATE_LIMIT in the environment. Did you mean DATA_IMPORT_POLYGON_RATE_LIMIT_MS?',
    ],
    [
      'an impossible value',
      { DATA_IMPORT_PROCESSING_PARALLEL_WORKERS: 'many' },
      'Cannot use "many" for processing.parallel_workers (environment DATA_IMPORT_PROCESSING_PARALLEL_WORKERS): expected a whole number from 0 to 200.',
    ],
    [
      'a time that is none',
      { TICKSTOCK_NOW: 'noon' },
      'Cannot use "noon" for now (environment TICKSTOCK_NOW): expected an instant such as 2026-11-20T21:00:00Z.',
    ],
    ['no key', {}, NO_KEY],
    ['an empty key', { MASSIVE_API_KEY: '' }, NO_KEY],
    [
      'the placeholder for a key',
      { MASSIVE_API_KEY: 'YOUR_MASSIVE_API_KEY' },
      'Cannot use that value for polygon.api_key (environment MASSIVE_API_KEY): expected your own key, not the placeholder.',
    ],
    [
      'a key pasted with a line break in it',
      { MASSIVE_API_KEY: `${KEY}\n${KEY}` },
      'The Massive API key is empty or has characters no key has. Check MASSIVE_API_KEY.',
    ],
    [
      'an address of the vendor that is none',
      { MASSIVE_API_KEY: KEY, MASSIVE_BASE_URL: 'api.massive.com' },
      'Cannot use MASSIVE_BASE_URL: expected an address such as https://api.massive.com.',
    ],
    [
      "another time with the vendor's own address",
      { MASSIVE_API_KEY: KEY, TICKSTOCK_NOW: '2026-01-06T12:00:00Z' },
      'TICKSTOCK_NOW is for sandboxes: it cannot be combined with https://api.massive.com. Unset it, or set MASSIVE_BASE_URL.',
    ],
    [
      'an address of the database that is none, not repeated since it may hold a password',
      { MASSIVE_API_KEY: KEY, DATABASE_URL: 'me:secret@db/market' },
      'Cannot use that value for storage.database_url (environment DATABASE_URL): expected an address such as postgresql://user@host:5432/database.',
    ],
  ])('in the environment: %s', async (_, env, message) => {
    expect(await runAlone(importOne, { env: env as Record<string, string> })).toEqual(refusal(message));
  });

  it.each([
    [
      'an unknown one',
      'data_import: {processing: {paralel_workers: 3}}',
      'Unknown setting data_import.processing.paralel_workers in tickstock.yaml. Did you mean processing.parallel_workers?',
    ],
    [
      'an impossible value',
      'data_import: {lookback: {daily_days: -1}}',
      'Cannot use -1 for lookback.daily_days (tickstock.yaml): expected a whole number from 1 to 15000.',
    ],
    [
      'a section that is none',
      'data_import: {polygon: 3}',
      'Cannot use 3 for data_import.polygon (tickstock.yaml): expected a section of settings.',
    ],
    [
      'the placeholder for a key',
      'data_import: {polygon: {api_key: YOUR_MASSIVE_API_KEY}}',
      'Cannot use that value for polygon.api_key (tickstock.yaml): expected your own key, not the placeholder.',
    ],
    ['a file of other things', 'imports: {}', 'tickstock.yaml has no section data_import.'],
    [
      'no YAML',
      'data_import:\n  universes: [sp500\n',
      'tickstock.yaml, line 3, column 1: Flow sequence in block collection must be sufficiently indented and end with a ].',
    ],
  ])('in the file: %s', async (_, yaml, message) => {
    expect(await runAlone(importOne, { yaml })).toEqual(refusal(message, ['tickstock.yaml']));
  });

  it('a file named that is not there', async () => {
    expect(await runAlone(['--config', 'mine.yaml', 'config'])).toEqual(
      refusal(
        "Could not read the settings file mine.yaml: ENOENT: no such file or directory, open 'mine.yaml'.",
      ),
    );
  });

  it('a file whose section is all comments is as good as none', async () => {
    const { code, out } = await runAlone(['config', '--json'], {
      yaml: 'data_import:\n  polygon:\n    # rate_limit_ms: 20\n',
    });
    expect([code, JSON.parse(out)['polygon.rate_limit_ms']]).toEqual([0, { value: 12, source: 'default' }]);
  });
});
