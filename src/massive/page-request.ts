import { setMaxListeners } from 'node:events';
import type { Clock } from '../clock.ts';
import { AppError, VendorOutage, toAppError } from '../errors.ts';
import { type BackoffPolicy, backoffMs, throttledBackoff, transientBackoff } from './backoff.ts';
import { type Cause, causeOf } from './cause.ts';
import type { Circuit } from './circuit.ts';
import { type Attempt, createClassifier } from './classify.ts';
import { toFailure } from './failure.ts';
import type { DateRange } from '../market/date.ts';
import type { HttpAnswer, HttpGet } from './http-get.ts';
import type { Pacer, Turn } from './pacing.ts';
import { type PageReader, type ReadAnswer, readAnswer } from './read-answer.ts';
import type { FetchStats, RequestLog, RetryNotice } from './request-log.ts';
import { timedBody } from './timed-body.ts';
import type { TimeBudget } from '../time-budget.ts';
import { createRedactor } from './vendor-words.ts';

export interface PageRequest<T> {
  /** The route's name in logs. */
  readonly route: string;
  readonly attempt: Attempt;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The dates asked for, inclusive, for logs. */
  readonly sessions?: DateRange | undefined;
  /** From 1. */
  readonly page: number;
  /** Asked to settle a doubt, not to fetch data; counted apart. */
  readonly evidence: boolean;
  /** Shared by the requests of one symbol; none when absent. */
  readonly budget?: TimeBudget | undefined;
  /** What a good answer without rows says about the vendor's health: bars are missed, a listing may have nothing to list. */
  readonly emptyMeans: 'failure' | 'nothing' | 'success';
  /** A new reader for each try. */
  read(): PageReader<T>;
}

/**
 * Asks for one page until it came, was refused for good, or patience ended; every try takes a slot.
 * @throws AppError the last failure, classified; VendorOutage when nothing works for anybody; CANCELLED (or the signal's own AppError) once the signal aborts.
 */
export type RequestPage = <T>(request: PageRequest<T>, signal: AbortSignal) => Promise<Page<T>>;

export type Page<T> = ReadAnswer<T> & {
  /** Its number in the log. */
  readonly n: number;
};

export interface RetryPolicy {
  /** Tries of a page that fails for a moment. */
  readonly maxTries: number;
  /** How long one page waits out throttling, which counts no tries. */
  readonly throttledPatienceMs: number;
  readonly transient: BackoffPolicy;
  readonly throttled: BackoffPolicy;
}

// The vendor has taken two to three minutes to answer again after a burst.
export const defaultRetryPolicy: RetryPolicy = {
  maxTries: 6,
  throttledPatienceMs: 300_000,
  transient: transientBackoff,
  throttled: throttledBackoff,
};

export interface PageRequestDeps {
  readonly http: HttpGet;
  readonly pacer: Pacer;
  /** Goes ahead of what is not urgent. */
  readonly isUrgent?: boolean | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly circuit: Circuit;
  readonly stats: FetchStats;
  onRequest?(log: RequestLog): void;
  onRetry?(notice: RetryNotice): void;
}

export function createPageRequests(apiKey: string, retry: RetryPolicy, deps: PageRequestDeps): RequestPage {
  const { http, pacer, clock, circuit, stats } = deps;
  let pausedUntil = 0;
  let asked = 0;
  const classify = createClassifier(apiKey);
  const redact = createRedactor(apiKey);

  return async (request, signal) => {
    // All requests of a run wait on one signal, and Node warns of the eleventh.
    setMaxListeners(0, signal);
    const log = newLog(request, ++asked);
    const patience = createPatience(retry, deps);
    try {
      for (;;) {
        circuit.check();
        const waitedFrom = clock.now();
        const turn = await pacer.take(signal, { isUrgent: deps.isUrgent === true || log.tries > 0 });
        log.waitMs += clock.now() - waitedFrom;
        circuit.check();
        log.tries++;
        const sentAt = clock.steady();
        try {
          const page = await send(request, log, signal);
          judgeUse(request, page.rowCount);
          return { ...page, n: log.n };
        } catch (thrown) {
          if (signal.aborted || thrown instanceof VendorOutage) throw thrown;
          const failure = toFailure(thrown);
          if (failure === null) throw toAppError(thrown);
          const error = classify(failure, request.attempt, log.tries);
          const triedMs = clock.steady() - sentAt;
          countFailure(request, error, causeOf(failure, error));
          const delayMs = patience.delayAfter(error);
          if (delayMs === null) throw error;
          spend(request, triedMs + delayMs, error);
          stats.retries++;
          const notice = { ...symbolOf(request.attempt), error, delayMs, attempt: log.tries };
          // Throttling concerns the key, so everybody waits; the next slot comes after the pause.
          if (error.code === 'API_RATE_LIMIT') {
            deps.onRetry?.({ ...notice, slowedToMs: await pauseAll(turn, delayMs) });
            continue;
          }
          deps.onRetry?.(notice);
          stats.retriesMs += triedMs + delayMs;
          const pausedFrom = clock.now();
          await clock.sleep(delayMs, signal);
          log.waitMs += clock.now() - pausedFrom;
        }
      }
    } catch (error) {
      const failure = signal.aborted ? cancelled(signal, request.attempt) : error;
      log.errorCode = toAppError(failure).code;
      throw failure;
    } finally {
      if (log.tries > 0) record(request, log);
    }
  };

  function judgeUse({ attempt, page, emptyMeans }: PageRequest<unknown>, rows: number): void {
    // The last of several pages may be empty.
    if (rows > 0 || page > 1 || emptyMeans === 'success') circuit.usable();
    else if (emptyMeans === 'failure') circuit.unusable('empty answer', attempt.symbol, `no ${attempt.what}`);
  }

  function countFailure({ attempt }: PageRequest<unknown>, error: AppError, cause: Cause): void {
    // Not to know a symbol is an answer too, and a refused key stops everything by itself.
    if (error.code === 'SYMBOL_NOT_FOUND') return circuit.usable();
    if (error.code === 'API_KEY_INVALID') return;
    stats.failedTries[cause] = (stats.failedTries[cause] ?? 0) + 1;
    circuit.unusable(cause, attempt.symbol, error.message);
  }

  /** The time between requests from now on, where that is news. */
  async function pauseAll(turn: Turn, delayMs: number): Promise<number | null> {
    const now = clock.now();
    stats.throttledMs += Math.max(0, now + delayMs - Math.max(now, pausedUntil));
    pausedUntil = Math.max(pausedUntil, now + delayMs);
    return pacer.refused(turn, delayMs);
  }

  /** @throws AppError NETWORK_TIMEOUT when that was all the time there was. */
  function spend({ budget, attempt }: PageRequest<unknown>, ms: number, last: AppError): void {
    budget?.spend(ms);
    if (budget === undefined || budget.leftMs() > 0) return;
    throw new AppError(
      'NETWORK_TIMEOUT',
      `Gave up on ${attempt.what}: the vendor took more than ${budget.totalMs / 1000} s over ${attempt.symbol ?? 'it'}. The last answer: ${last.message}`,
      { cause: last },
    );
  }

  async function send<T>(request: PageRequest<T>, log: OpenLog, signal: AbortSignal): Promise<ReadAnswer<T>> {
    const sentAt = clock.now();
    const target = request.query.size === 0 ? request.path : `${request.path}?${request.query}`;
    let answer: HttpAnswer | undefined;
    log.status = null;
    const patient = outliving(signal, IN_FLIGHT_MS);
    try {
      const page = await http.get(target, patient.signal, (came) => {
        answer = came;
        log.status = came.status;
        const body = timedBody(came.body, (ms) => {
          log.parseMs += ms;
        });
        return readAnswer({ ...came, body }, clock.now(), request.read());
      });
      log.rows = page.rowCount;
      return { ...page, requestId: page.requestId === undefined ? undefined : redact(page.requestId) };
    } finally {
      patient.release();
      log.requestId = answer?.requestId === undefined ? undefined : redact(answer.requestId);
      log.netMs += clock.now() - sentAt;
      log.bytes += answer?.wireBytes() ?? 0;
    }
  }

  function record(request: PageRequest<unknown>, log: OpenLog): void {
    stats[request.evidence ? 'evidenceRequests' : 'requests']++;
    if (request.page > 1) stats.laterPages++;
    stats.bytes += log.bytes;
    stats.rows += log.rows;
    stats.waitMs += log.waitMs;
    stats.netMs += log.netMs;
    log.endedAt = clock.now();
    deps.onRequest?.(log);
  }
}

/** How long what was sent may still be answered after everything was told to stop: it was paid for. */
const IN_FLIGHT_MS = 3000;

/** A signal that aborts so much later than another; to be released. */
function outliving(signal: AbortSignal, ms: number): { signal: AbortSignal; release(): void } {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    timer = setTimeout(() => late.abort(signal.reason), ms);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    signal: late.signal,
    release() {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    },
  };
}

type OpenLog = { -readonly [K in keyof RequestLog]: RequestLog[K] };

function newLog(request: PageRequest<unknown>, n: number): OpenLog {
  const { route, path, query, evidence, page, attempt, sessions } = request;
  const params = { path, ...Object.fromEntries(query) };
  return {
    n,
    purpose: evidence ? 'evidence' : page > 1 ? 'page' : 'planned',
    route,
    symbol: attempt.symbol ?? null,
    sessions: sessions ?? null,
    params,
    status: null,
    tries: 0,
    waitMs: 0,
    netMs: 0,
    parseMs: 0,
    bytes: 0,
    rows: 0,
    requestId: undefined,
    errorCode: null,
    endedAt: 0,
  };
}

/** How long to wait after each failure of one page; null once it is time to give up. */
function createPatience(
  retry: RetryPolicy,
  { clock, random }: PageRequestDeps,
): { delayAfter(error: AppError): number | null } {
  let failed = 0;
  let throttled = 0;
  let throttledSince: number | null = null;
  return {
    delayAfter(error) {
      // "Not ready" passes with the day, not while a request waits.
      if (!error.retryable || error.code === 'VENDOR_NOT_READY') return null;
      if (error.code !== 'API_RATE_LIMIT') {
        failed++;
        if (failed >= retry.maxTries) return null;
        return error.retryAfterMs ?? backoffMs(failed, retry.transient, random);
      }
      throttled++;
      throttledSince ??= clock.steady();
      const delayMs = error.retryAfterMs ?? backoffMs(throttled, retry.throttled, random);
      return clock.steady() + delayMs - throttledSince > retry.throttledPatienceMs ? null : delayMs;
    },
  };
}

const symbolOf = ({ symbol }: Attempt): { symbol?: string } => (symbol === undefined ? {} : { symbol });

function cancelled(signal: AbortSignal, attempt: Attempt): AppError {
  if (signal.reason instanceof AppError) return signal.reason;
  return new AppError('CANCELLED', `Cancelled while fetching ${attempt.what}.`);
}
