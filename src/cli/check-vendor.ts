import { createClock } from '../clock.ts';
import type { Settings } from '../config.ts';
import { AppError, toAppError } from '../errors.ts';
import { latestClosedSession } from '../market/calendar.ts';
import { newYorkDate } from '../market/new-york.ts';
import type { MassiveFetcher } from '../massive/fetcher.ts';
import {
  type Finding,
  HISTORY_BEGINS,
  type Plan,
  failed,
  findHistory,
  findPacing,
  judgePlan,
  passed,
  warned,
} from './check-finding.ts';

/** Beyond this the days of the vendor and of this machine could differ. */
const TOLERATED_SKEW_MS = 60_000;

/** Listed since before the vendor's history begins. */
const OLD_COMPANY = 'AAPL';

/** Asks the vendor two questions: its time, which proves the key, and an old company's days, which tell the plan. */
export async function checkVendor(
  settings: Settings,
  notice: (text: string) => void,
  signal: AbortSignal,
): Promise<Finding[]> {
  const clock = createClock(settings.find('now'));
  let fetcher: MassiveFetcher | undefined;
  try {
    const { createFetcher } = await import('../app.ts');
    fetcher = await createFetcher(settings, clock, ({ error, delayMs }) =>
      notice(`${error.message} Trying again in ${Math.ceil(delayMs / 1000)} s.`),
    );
    const askedAt = clock.now();
    const status = await fetcher.marketStatus(signal);
    // Half the round trip, as the answer was written on the way.
    const skewMs = Math.abs(status.serverTime - (askedAt + clock.now()) / 2);
    return [
      passed('key', `accepted; the market is ${status.market}`),
      findSkew(skewMs),
      ...(await checkPlan(fetcher, settings, clock.now(), signal)),
    ];
  } catch (error) {
    return [failed('key', toAppError(error))];
  } finally {
    await fetcher?.close();
  }
}

function findSkew(skewMs: number): Finding {
  const seconds = `${Math.round(skewMs / 1000)} s from the vendor's`;
  if (skewMs <= TOLERATED_SKEW_MS) return passed('clock', seconds);
  const todo = "set this machine's clock (or TICKSTOCK_NOW with a sandbox)";
  return failed('clock', { message: `${seconds}: ${todo}`, exitCode: 2 });
}

async function checkPlan(
  fetcher: MassiveFetcher,
  settings: Settings,
  now: number,
  signal: AbortSignal,
): Promise<Finding[]> {
  const intervalMs = settings.get('polygon.rate_limit_ms');
  const lookbacks = Object.fromEntries(
    (['hourly', 'daily', 'weekly', 'monthly'] as const).map((name) => [
      `lookback.${name}_days`,
      settings.get(`lookback.${name}_days`),
    ]),
  );
  try {
    const plan = await readPlan(fetcher, now, signal);
    return plan === null
      ? [
          warned('plan', `the vendor sent no bars of ${OLD_COMPANY}; try again later`),
          findPacing(intervalMs, null),
        ]
      : [findHistory(plan, lookbacks, newYorkDate(now)), findPacing(intervalMs, plan)];
  } catch (error) {
    if (error instanceof AppError && error.code === 'VENDOR_NOT_ENTITLED')
      return [warned('plan', error.message), findPacing(intervalMs, null)];
    return [failed('plan', toAppError(error)), findPacing(intervalMs, null)];
  }
}

/** A range that reaches back too far is clipped to what the plan serves, without a word. */
async function readPlan(fetcher: MassiveFetcher, now: number, signal: AbortSignal): Promise<Plan | null> {
  const range = { from: HISTORY_BEGINS, to: latestClosedSession(now) };
  for await (const { bars } of fetcher.bars({ symbol: OLD_COMPANY, timeframe: 'daily', ...range }, signal)) {
    const first = bars[0];
    if (first !== undefined) return judgePlan(first.session, newYorkDate(now));
  }
  return null;
}
