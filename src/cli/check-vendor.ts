import { type Clock, createClock } from '../clock.ts';
import type { Settings } from '../config.ts';
import { type AppError, exitCodeOf, toAppError } from '../errors.ts';
import { previousSession } from '../market/calendar.ts';
import type { IsoDate } from '../market/date.ts';
import { newYorkDate } from '../market/new-york.ts';
import { timeframes } from '../market/timeframe.ts';
import type { BarRequest, MassiveFetcher } from '../massive/fetcher.ts';
import type { Pacer } from '../massive/pacing.ts';
import { type Finding, failed, passed, warned } from './check-finding.ts';
import { HISTORY_BEGINS, type Plan, findHistory, findPacing, judgePlan } from './check-plan.ts';
import type { CliContext } from './context.ts';

/** Beyond this the days of the vendor and of this machine could differ. */
const TOLERATED_SKEW_MS = 60_000;

/** Listed since before the vendor's history begins. */
const OLD_COMPANY = 'AAPL';

/** Waits that an import sits out are worth knowing now. */
const MOST_TRIES = 2;
const THROTTLED_PATIENCE_SECONDS = 20;

const QUESTIONS = 3;

/**
 * Asks the vendor three questions: its time, which proves the key; an old company's days, which tell the plan; a day's hours.
 * The first that gets no answer is the last. Throws only the signal's reason.
 */
export async function* checkVendor(
  cli: CliContext,
  settings: Settings,
  pacer?: Pacer,
): AsyncGenerator<Finding, void, undefined> {
  const { signal } = cli;
  const clock = createClock(settings.find('now'));
  const intervalMs = settings.get('polygon.rate_limit_ms');
  let throttled = 0;
  let plan: Plan | null = null;
  let asking = 'vendor';
  let fetcher: MassiveFetcher | undefined;
  try {
    fetcher = await createImpatientFetcher(cli, settings, clock, pacer, (error) => {
      if (error.code === 'API_RATE_LIMIT') throttled++;
    });
    if (intervalMs >= 1000) {
      const seconds = (intervalMs / 1000).toFixed(1);
      cli.err.write(`Asking Massive ${QUESTIONS} questions, ${seconds} s apart (polygon.rate_limit_ms).\n`);
    }
    yield* await checkKey(fetcher, clock, signal);
    asking = 'plan';
    const today = newYorkDate(clock.now());
    const days = await checkDays(fetcher, lookbacksOf(settings), today, signal);
    plan = days.plan;
    yield days.finding;
    asking = 'hourly';
    yield await checkHours(fetcher, previousSession(today), signal);
  } catch (thrown) {
    signal.throwIfAborted();
    const error = toAppError(thrown);
    const isAboutKey = error.code === 'API_KEY_INVALID' || settings.find('polygon.api_key') === undefined;
    if (error.code === 'API_RATE_LIMIT') throttled++;
    yield failed(isAboutKey ? 'key' : asking, error, remedyOf(error));
  } finally {
    await fetcher?.close();
  }
  // What refusals have taught all processes; a database lost on the way is no matter of the pacing.
  const gapMs = await pacer?.gapMs().catch(() => undefined);
  yield findPacing(intervalMs, plan, throttled, gapMs);
}

/** What helps is nothing to mend here, where the vendor is who fails. */
function remedyOf({ code, retryable }: AppError): { remedy?: string } {
  if (code === 'API_RATE_LIMIT')
    return { remedy: 'leave the key alone for three minutes, then: tickstock check' };
  return retryable ? { remedy: 'see that the vendor can be reached and answers, then: tickstock check' } : {};
}

/** As imports use it, but for their patience; every wait is said. */
async function createImpatientFetcher(
  cli: CliContext,
  settings: Settings,
  clock: Clock,
  pacer: Pacer | undefined,
  onFailure: (error: AppError) => void,
): Promise<MassiveFetcher> {
  const { createFetcher } = await import('../app.ts');
  const atMost = (path: 'polygon.max_tries' | 'polygon.throttled_patience_seconds', most: number): string =>
    String(Math.min(settings.get(path), most));
  const impatient = cli.settings({
    'polygon.max_tries': atMost('polygon.max_tries', MOST_TRIES),
    'polygon.throttled_patience_seconds': atMost(
      'polygon.throttled_patience_seconds',
      THROTTLED_PATIENCE_SECONDS,
    ),
  });
  return createFetcher(impatient, clock, {
    ...(pacer !== undefined && { pacer }),
    isUrgent: true,
    onRetry({ error, delayMs }) {
      onFailure(error);
      cli.err.write(`${error.message} Trying again in ${Math.ceil(delayMs / 1000)} s.\n`);
    },
  });
}

const lookbacksOf = (settings: Settings): Record<string, number> =>
  Object.fromEntries(
    timeframes.map((name) => [`lookback.${name}_days`, settings.get(`lookback.${name}_days`)]),
  );

async function checkKey(fetcher: MassiveFetcher, clock: Clock, signal: AbortSignal): Promise<Finding[]> {
  const askedAt = clock.now();
  const status = await unlessNotEntitled(fetcher.marketStatus(signal));
  if ('refusal' in status)
    return [
      warned(
        'key',
        `known, but its plan does not tell the market status, so the clock was not compared: ${status.refusal}`,
      ),
    ];
  // Half the round trip, as the answer was written on the way.
  const skewMs = Math.abs(status.answer.serverTime - (askedAt + clock.now()) / 2);
  return [passed('key', `accepted; the market is ${status.answer.market}`), findSkew(skewMs)];
}

function findSkew(skewMs: number): Finding {
  const seconds = `${Math.round(skewMs / 1000)} s from the vendor's`;
  if (skewMs <= TOLERATED_SKEW_MS) return passed('clock', seconds);
  const todo = "set this machine's clock (or TICKSTOCK_NOW with a sandbox)";
  return failed('clock', { message: `${seconds}: ${todo}`, exitCode: exitCodeOf('CONFIG_INVALID') });
}

/** A range that reaches back too far is clipped to what the plan serves, without a word. */
async function checkDays(
  fetcher: MassiveFetcher,
  lookbacks: Readonly<Record<string, number>>,
  today: IsoDate,
  signal: AbortSignal,
): Promise<{ finding: Finding; plan: Plan | null }> {
  // Not today: some plans refuse a day that has not ended.
  const range = { from: HISTORY_BEGINS, to: previousSession(today) };
  const days = await unlessNotEntitled(
    firstPage(fetcher, { symbol: OLD_COMPANY, timeframe: 'daily', ...range }, signal),
  );
  if ('refusal' in days) {
    const remedy = 'choose a plan that serves bars of US stocks, then: tickstock check';
    return { finding: warned('plan', `serves no daily bars: ${days.refusal}`, { remedy }), plan: null };
  }
  const first = days.answer[0];
  if (first === undefined)
    return {
      finding: warned('plan', `not known: the vendor sent no daily bars of ${OLD_COMPANY}; try again later`),
      plan: null,
    };
  const plan = judgePlan(first.session, today);
  return { finding: findHistory(plan, lookbacks, today), plan };
}

async function checkHours(fetcher: MassiveFetcher, session: IsoDate, signal: AbortSignal): Promise<Finding> {
  const request = { symbol: OLD_COMPANY, timeframe: 'hourly', from: session, to: session } as const;
  const hours = await unlessNotEntitled(firstPage(fetcher, request, signal));
  if ('refusal' in hours)
    return warned('hourly', `not in the plan: ${hours.refusal}`, {
      importFlag: '--timeframes daily,weekly,monthly',
    });
  return hours.answer.length > 0
    ? passed('hourly', `served: ${hours.answer.length} bars of ${OLD_COMPANY} on ${session}`)
    : warned('hourly', `the vendor sent no bars of ${OLD_COMPANY} on ${session}; try again later`);
}

async function firstPage(fetcher: MassiveFetcher, request: BarRequest, signal: AbortSignal) {
  for await (const { bars } of fetcher.bars(request, signal)) return bars;
  return [];
}

/** An answer, or the words of the plan's refusal. */
async function unlessNotEntitled<T>(answer: Promise<T>): Promise<{ answer: T } | { refusal: string }> {
  try {
    return { answer: await answer };
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code !== 'VENDOR_NOT_ENTITLED') throw error;
    return { refusal: error.message };
  }
}
