import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { type MassiveFetcher, createMassiveFetcher } from '../../src/massive/fetcher.ts';
import { catalogue, fits } from '../../src/sandbox/faults/catalogue.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { sandboxNow, startSandbox } from '../support/sandbox.ts';

const signal = new AbortController().signal;

/** What beside an import is asked of the vendor, each as text to compare. */
const questions: Readonly<Record<string, (fetcher: MassiveFetcher) => Promise<unknown>>> = {
  'grouped-daily': async (fetcher) => {
    const { bars } = await fetcher.groupedDay({ session: '2026-08-06' }, signal);
    return bars.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1));
  },
  tickers: async (fetcher) => {
    const symbols: string[] = [];
    for await (const page of fetcher.tickers({ active: true }, signal))
      symbols.push(...page.map(({ symbol }) => symbol));
    return symbols;
  },
  'market-status': async (fetcher) => (await fetcher.marketStatus(signal)).market,
};

/** What one spoilt answer leads to where trying again does not make it good. */
const causes: Readonly<Record<string, string>> = {
  'key-revoked': 'API_KEY_INVALID',
  'not-entitled': 'VENDOR_NOT_ENTITLED',
  'before-end-of-day': 'VENDOR_NOT_READY',
};
/** A listing or a day without rows, a bar with another value: right in form, so whoever asked has to judge. */
const looksRight = new Set([
  'empty',
  'missing-bar',
  'hole',
  'garbage-price',
  'revised-bar',
  'clipped',
  'outage',
]);

const expectedOf = (name: string, route: string): string =>
  causes[name] ?? (looksRight.has(name) && route !== 'market-status' ? 'something else' : 'the right answer');

function outcomeOf(came: unknown, right: unknown): string {
  if (came instanceof AppError) return came.code;
  return JSON.stringify(came) === JSON.stringify(right) ? 'the right answer' : 'something else';
}

describe('each fault once, on the routes that an import does not ask', () => {
  let sandbox: Sandbox;
  let fetcher: MassiveFetcher;
  beforeAll(async () => {
    // Enough for a listing of two pages.
    sandbox = await startSandbox({ symbols: 1100 });
    fetcher = createMassiveFetcher(
      { baseUrl: sandbox.url, apiKey: sandbox.key, rateLimitMs: 0, timeoutMs: 400 },
      { clock: createFakeClock(sandboxNow), random: () => 0.5 },
    );
  });
  afterAll(async () => {
    await fetcher.close();
    await sandbox.close();
  });
  const pages = (): number => fetcher.stats.requests + fetcher.stats.evidenceRequests;

  for (const [route, question] of Object.entries(questions)) {
    const fitting = catalogue.filter((fault) => fits(fault, route)).map(({ name }) => name);
    it.each(fitting)(`%s on ${route}`, async (name) => {
      sandbox.setFaults([]);
      const right = await question(fetcher);
      const before = pages();
      const firedBefore = sandbox.stats().faults[name]?.[route] ?? 0;
      sandbox.setFaults([`${name}=route:${route},first:1`]);
      const came = await question(fetcher).catch((error: unknown) => error);
      expect(sandbox.stats().faults[name]?.[route]).toBeGreaterThan(firedBefore);
      expect(pages() - before).toBeLessThanOrEqual(4);
      expect(outcomeOf(came, right)).toBe(expectedOf(name, route));
    });
  }
});
