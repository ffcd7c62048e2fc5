import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ask, range } from '../../test/support/sandbox.ts';
import { createClock } from '../clock.ts';
import { loadSettings } from '../config.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { CliContext } from './context.ts';
import { sandboxCommand } from './sandbox.ts';

/** Runs the command until it has printed its line and `work` is done with it. */
async function running<T>(
  flags: readonly string[],
  work: (sandbox: Pick<Sandbox, 'url' | 'key'>) => Promise<T>,
): Promise<T> {
  const interrupt = new AbortController();
  const out = new PassThrough({ encoding: 'utf8' });
  const cli = {
    out,
    err: new PassThrough(),
    signal: interrupt.signal,
    clock: createClock(),
    settings: () => loadSettings({ env: { TICKSTOCK_NOW: '2026-08-08T12:00:00Z' }, flags: {} }),
  } as unknown as CliContext;
  const ended = sandboxCommand(cli)
    .exitOverride()
    .parseAsync(['--port', '0', ...flags], { from: 'user' });
  try {
    const line = new Promise<string>((resolve) => out.once('data', resolve));
    // A refused flag ends the command before any line.
    const printed = await Promise.race([line, ended.then(() => '')]);
    expect(printed).toMatch(/^\{.*\}\n$/);
    return await work(JSON.parse(printed));
  } finally {
    interrupt.abort();
    await ended.catch(() => {});
  }
}

const refused = (...flags: string[]): Promise<unknown> => running(flags, async () => 'served');

describe('tickstock sandbox', () => {
  it('prints one JSON line with url and key, serves, and ends when interrupted', async () => {
    const { url, status, market } = await running(['--symbols', '4'], async (sandbox) => {
      expect(Object.keys(sandbox)).toEqual(['url', 'key']);
      const answer = await ask(sandbox as Sandbox, range('AAPL', 'day', '2026-08-03', '2026-08-07'));
      const tickers = await ask(sandbox as Sandbox, '/v3/reference/tickers?ticker.lt=D');
      return { url: sandbox.url, status: answer.status, market: tickers.body.results.length };
    });
    expect([status, market]).toEqual([200, 4]);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it('takes its time from --now, else from the settings', async () => {
    const serverTime = async (sandbox: unknown): Promise<string> =>
      (await ask(sandbox as Sandbox, '/v1/marketstatus/now')).body.serverTime.slice(0, 16);
    expect(await running(['--symbols', '1'], serverTime)).toBe('2026-08-08T08:00');
    expect(await running(['--symbols', '1', '--now', '2025-01-10T15:00:00Z'], serverTime)).toBe(
      '2025-01-10T10:00',
    );
  });

  it('limits the rate and the plan when told', async () => {
    const statuses = await running(
      ['--symbols', '1', '--rate', '1/min', '--plan', 'basic', '--latency', '1', '--seed', '9'],
      async (sandbox) => [
        (await ask(sandbox as Sandbox, range('AAPL', 'day', '2020-01-02', '2020-01-03'))).status,
        (await ask(sandbox as Sandbox, '/v1/marketstatus/now')).status,
      ],
    );
    expect(statuses).toEqual([403, 429]);
  });

  it.each([
    [['--port', 'http'], 'Cannot use --port "http": expected a whole number from 0 to 65535.'],
    [['--seed', '-1'], 'Cannot use --seed "-1": expected a whole number from 0 to 2147483647.'],
    [['--symbols', '0'], 'Cannot use --symbols "0": expected a whole number from 1 to 20000.'],
    [['--latency', '1s'], 'Cannot use --latency "1s": expected a whole number from 0 to 600000.'],
    [
      ['--now', '2026-01-02'],
      'Cannot use --now "2026-01-02": expected an instant with its zone, such as 2026-01-02T15:00:00Z.',
    ],
    [['--plan', 'gold'], 'Cannot use --plan "gold": expected one of basic, starter, developer, advanced.'],
    [
      ['--rate', '5'],
      'Cannot use --rate "5": expected requests a second or a minute, such as 100/s or 5/min.',
    ],
    [['--replay', '/nowhere/at/all'], 'Cannot replay /nowhere/at/all: there is no such folder.'],
    [
      ['--replay', '.', '--symbols', '3'],
      'Cannot use --symbols with --replay: a replay serves the symbols of its folder.',
    ],
    [
      ['--now', '2031-01-02T15:00:00Z'],
      "Cannot set the sandbox's clock outside 1990 to 2030, the years of its trading calendar.",
    ],
  ])('refuses %j, saying what is accepted', async (flags, message) => {
    await expect(refused(...flags)).rejects.toMatchObject({ code: 'CONFIG_INVALID', message });
  });

  it('says which port is taken', async () => {
    await running(['--symbols', '1'], async ({ url }) => {
      const { port } = new URL(url);
      await expect(refused('--symbols', '1', '--port', port)).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: `Cannot serve on port ${port} (EADDRINUSE): choose another --port, or 0 for a free one.`,
      });
    });
  });
});
