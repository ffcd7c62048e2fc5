import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toFraction, mix } from '../../src/sandbox/hash.ts';
import { catalogue, fits } from '../../src/sandbox/faults/catalogue.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { type Outcome, faultSymbols, importUnderFaults } from '../support/fault-import.ts';
import { type RenewableDatabase, createRenewableDatabase } from '../support/renewable-database.ts';
import { startSandbox } from '../support/sandbox.ts';

/** What an import asks. */
const ROUTES = ['aggregates/day', 'aggregates/hour', 'splits', 'ticker-details', 'tickers'];
const UNKNOWN = 'aapl SYMBOL_NOT_FOUND';
/** Makes TSLA doubtful once, so that its details are asked for; `aapl` has none. */
const PROVOKE = 'empty=route:aggregates/day,symbol:TSLA,first:1';

/** Routes an import asks a fault of in vain: what it alters is not in those answers. */
const NOTHING_TO_SPOIL: Readonly<Record<string, readonly string[]>> = {
  // The listing of delisted stocks has nobody of these.
  empty: ['tickers'],
  outage: ['tickers'],
  // Only hours have several pages.
  'next-url-port': ['aggregates/day', 'splits', 'tickers'],
  'lost-cursor': ['aggregates/day'],
};

const ARGUMENTS: Readonly<Record<string, string>> = {
  clipped: ',from:2026-03-02',
  hole: ',from:2026-03-02,to:2026-03-03',
};

/** Faults no try, second look or later page makes good within the same import: what they cause instead. */
const CAUSES: Readonly<Record<string, (route: string) => Partial<Outcome>>> = {
  'key-revoked': () => ({ status: 'API_KEY_INVALID' }),
  'not-entitled': (route) =>
    route.startsWith('aggregates')
      ? { status: 'failed', failed: allFailed('VENDOR_NOT_ENTITLED') }
      : route === 'splits'
        ? { status: 'completed', failed: [UNKNOWN] }
        : { status: 'completed', failed: ['aapl VENDOR_RESPONSE_INVALID'] },
  'before-end-of-day': () => ({ status: 'failed', failed: allFailed('VENDOR_NOT_READY') }),
};
const allFailed = (code: string): string[] => faultSymbols.map((symbol) => `${symbol} ${code}`);

/** Faults that are over when patience is, which takes its real time: short, but longer than any good answer on a busy machine. */
const SILENT = /^(stall|stall-in-body|slow-drip)=/;

/** Faults whose answers look right: asking again, of the vendor's true answers, makes them good. */
const NEXT_TIME = new Set(['revised-bar', 'split-error']);

interface Case extends Outcome {
  readonly fired: Record<string, Record<string, number>>;
  readonly again: Outcome | null;
  /** `172/172 daily, 2,751/2,751 hourly` of TSLA. */
  readonly stored: string;
}

/** Databases nobody uses, as new: as many as there were imports at once. */
const idle: RenewableDatabase[] = [];
afterAll(async () => {
  for (const database of idle) await database.drop();
});

async function underFaults(
  faults: readonly string[],
  { again = false, ...options }: { maxTries?: number; again?: boolean } = {},
): Promise<Case> {
  const timeoutSeconds = faults.some((fault) => SILENT.test(fault)) ? 3 : 60;
  const sandbox: Sandbox = await startSandbox({ faults });
  const database = idle.pop() ?? (await createRenewableDatabase());
  try {
    const outcome = await importUnderFaults(sandbox, database, { ...options, timeoutSeconds });
    const { rows } = await database.pool.query<{ stored: string }>(
      `SELECT (SELECT count(*) FROM bars_daily WHERE symbol = 'TSLA') || ' daily, ' ||
              (SELECT count(*) FROM bars_hourly WHERE symbol = 'TSLA') || ' hourly' AS stored`,
    );
    const fired = sandbox.stats().faults;
    sandbox.setFaults([]);
    return {
      ...outcome,
      fired,
      again: again ? await importUnderFaults(sandbox, database, { refresh: true }) : null,
      stored: rows[0]?.stored ?? '',
    };
  } finally {
    await database.renew();
    idle.push(database);
    await sandbox.close();
  }
}

describe('an import under faults', () => {
  let good: Case;
  beforeAll(async () => {
    good = await underFaults([]);
  });
  const rows: string[] = [];

  it('begins from one without', () => {
    expect(good).toMatchObject({ status: 'completed', failed: [UNKNOWN], fired: {} });
    expect(good.digest).toMatch(
      /^bars_daily 8\d\d .*\nbars_hourly 13\d\d\d .*\nsplits [1-9].*\ncoverage 10 .*\nabsences 0 /,
    );
  });

  it.concurrent.each([
    ['garbage-price', 'aggregates/day', 'value:0'],
    ['garbage-price', 'aggregates/hour', 'value:-1,field:l'],
    ['garbage-price', 'aggregates/day', 'value:nan,field:c'],
    ['refusal-in-200', 'aggregates/day', 'reason:throttled'],
    ['results-null', 'aggregates/hour', 'count:zero'],
    ['throttle-retry-after', 'aggregates/day', 'form:date'],
    ['split-error', 'splits', 'kind:duplicate'],
    // Among later pages.
    ['empty', 'aggregates/hour', 'after:7,times:3'],
    ['results-null', 'aggregates/hour', 'after:7,times:3,count:zero'],
  ])('%s once on %s with %s costs no bar', async (name, route, variant) => {
    const outcome = await underFaults([`${name}=route:${route},first:1,${variant}`]);
    expect(outcome.fired[name]?.[route]).toBeGreaterThan(0);
    expect(outcome).toMatchObject({ status: 'completed', failed: [UNKNOWN], digest: good.digest });
  });

  it.concurrent('a split listed for a wrong day is put right by the next import, which says so', async () => {
    const outcome = await underFaults(['split-error=kind:date,first:1'], { again: true });
    expect(outcome.digest).not.toBe(good.digest);
    expect(outcome.again).toMatchObject({ status: 'completed', digest: good.digest });
    expect(outcome.again?.notices[0]).toMatch(/^Massive no longer lists the split of \S+ on /);
  });

  const once = catalogue.flatMap((fault) =>
    ROUTES.filter((route) => fits(fault, route) && !NOTHING_TO_SPOIL[fault.name]?.includes(route)).map(
      (route) => [fault.name, route] as const,
    ),
  );
  it.concurrent.each(once.map((one, place) => [...one, place] as const))(
    '%s once on %s costs no bar',
    async (name, route, place) => {
      const provoked = route === 'ticker-details' ? [PROVOKE] : [];
      const again = NEXT_TIME.has(name);
      const outcome = await underFaults(
        [`${name}=route:${route},first:1${ARGUMENTS[name] ?? ''}`, ...provoked],
        { again },
      );
      expect(outcome.fired[name]?.[route]).toBeGreaterThan(0);
      const caused = CAUSES[name]?.(route);
      expect(again ? outcome.again : outcome).toMatchObject(
        caused ?? { status: 'completed', failed: [UNKNOWN], digest: good.digest },
      );
      const result =
        caused !== undefined ? seenOf(outcome) : again ? 'made good when asked again' : 'made good';
      // Whether a small body is through in time, drop by drop, is chance.
      const cost = name === 'slow-drip' ? 'a try, if the body is long' : costOf(outcome);
      rows[place] = `| \`${name}\` | ${route} | ${result} | ${cost} |`;
    },
  );

  /** How an import that could not make a fault good ended. */
  function seenOf({ summary, status, failed }: Outcome): string {
    if (summary === null) return `the run stops: ${status}`;
    const caused = failed.filter((one) => one !== UNKNOWN);
    if (caused.length === 0) return 'a notice: prices are not adjusted';
    const [code] = new Set(caused.map((one) => one.split(' ')[1]));
    return `${caused.length} failed: ${code}`;
  }

  /** Requests more than without a fault; how many were under way when a run stops is chance. */
  function costOf({ summary, requests }: Outcome): string {
    if (summary === null) return 'none after that';
    const more = requests - good.requests;
    return more > 0 ? `+${more}` : String(more);
  }

  it.concurrent.each(Array.from({ length: 15 }, (_, seed) => [seed, mixOf(seed)] as const))(
    'mix %i of five faults costs no bar: %j',
    async (_seed, faults) => {
      const outcome = await underFaults(faults);
      expect(Object.keys(outcome.fired).length).toBeGreaterThanOrEqual(3);
      expect(outcome).toMatchObject({ status: 'completed', failed: [UNKNOWN], digest: good.digest });
    },
  );

  it.concurrent('parks when the whole vendor answers 200 and empty, and the same database comes once it is back', async () => {
    const outcome = await underFaults(['outage'], { again: true });
    expect(outcome.status).toBe('parked');
    expect(outcome.summary?.stopped_by?.error_code).toBe('VENDOR_NOT_READY');
    expect(outcome.summary?.stopped_by?.error_message).toMatch(
      /^Massive gave nothing usable in 50 requests in a row, over \d symbols/,
    );
    expect(outcome.requests).toBeLessThanOrEqual(70);
    expect(outcome.stored).toBe('0 daily, 0 hourly');
    expect(outcome.again).toMatchObject({ status: 'completed', failed: [UNKNOWN], digest: good.digest });
  });

  const lasting: string[] = [];
  it.concurrent.each(
    catalogue
      .filter((fault) => fits(fault, 'aggregates/day'))
      .map(({ name, sentence }, place) => [name, sentence, place] as const),
  )('%s for good, for one symbol, costs nobody else a bar', async (name, sentence, place) => {
    const outcome = await underFaults([`${name}=route:aggregates/day,symbol:TSLA${ARGUMENTS[name] ?? ''}`], {
      maxTries: 2,
    });
    const failure = outcome.summary?.failures.find(({ symbol }) => symbol === 'TSLA');
    const others = name === 'key-revoked' ? [] : [UNKNOWN];
    expect(outcome.failed.filter((one) => !one.startsWith('TSLA '))).toEqual(others);
    const { summary } = outcome;
    const seen =
      summary === null
        ? `the run stops: ${outcome.status}`
        : failure === undefined
          ? [
              'nothing',
              ...(summary.records.rejected > 0 ? [`${summary.records.rejected} rejected`] : []),
              ...(summary.gaps > 0 ? [`${summary.gaps} sessions without a bar, unexplained`] : []),
              ...outcome.notices.filter((notice) => notice.includes('history')),
            ].join('; ')
          : `${failure.error_code}: ${failure.error_message}`;
    lasting[place] =
      `| \`${name}\` | ${sentence} | ${plain(seen)} | ${summary === null ? 'what came before' : outcome.stored} | ${name.startsWith('throttle') ? 'as many as patience lasts' : costOf(outcome)} |`;
  });

  /** What differs from run to run, and what a table cannot hold, left out. */
  const plain = (text: string): string => text.replaceAll(/ \(\d+ tries\)/g, '').replaceAll('|', '\\|');

  it('is written down in docs/vendor-faults.md', async () => {
    const document = [
      '# What the import does about each fault of the vendor',
      '',
      `Generated by \`test/e2e/fault-matrix.test.ts\`: ${faultSymbols.length - 1} symbols, hourly and daily bars from 2025-12-01 to 2026-08-07, and one symbol the vendor does not know.`,
      `An import without faults sends ${good.requests} requests. \`tickstock sandbox --list-faults\` says what each fault is.`,
      '',
      '## Once',
      '',
      'The first answer on that route for every symbol is spoilt. *Made good*: the user sees nothing but the tries in the summary, and',
      'the database is the same as without the fault. Requests are those sent beyond an import without faults.',
      '',
      '| fault | on | outcome | requests |',
      '|---|---|---|---|',
      ...rows,
      '',
      '## For good, on the daily bars of TSLA',
      '',
      `Every answer is spoilt; two tries. Without the fault ${good.stored} bars of TSLA are stored.`,
      '',
      '| fault | what the vendor does | what the user sees | stored of TSLA | requests |',
      '|---|---|---|---|---|',
      ...lasting,
      '',
    ].join('\n');
    await expect(document).toMatchFileSnapshot('../../docs/vendor-faults.md');
  });
});

/** Five faults that tries and second looks make good, on routes they fit, by seed. */
function mixOf(seed: number): string[] {
  const curable = catalogue.filter(
    ({ name }) => !(name in CAUSES) && !NEXT_TIME.has(name) && name !== 'slow-drip',
  );
  const chosen = new Set<string>();
  for (let i = 0; chosen.size < 5; i++) {
    const fault = curable[Math.floor(toFraction(mix(seed + 1, i)) * curable.length)]!;
    const routes = ['aggregates/day', 'aggregates/hour', 'splits'].filter((route) => fits(fault, route));
    const route = routes[Math.floor(toFraction(mix(seed + 1, 1000 + i)) * routes.length)];
    if (route === undefined || [...chosen].some((one) => one.startsWith(`${fault.name}=`))) continue;
    chosen.add(`${fault.name}=route:${route},first:1${ARGUMENTS[fault.name] ?? ''}`);
  }
  return [...chosen];
}
