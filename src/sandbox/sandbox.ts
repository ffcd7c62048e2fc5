import { setMaxListeners } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../clock.ts';
import { toAppError } from '../errors.ts';
import { type Answer, defect, throttled, unauthorized, unknownPath } from './answer.ts';
import { createSettableClock } from './settable-clock.ts';
import { answerControl } from './control.ts';
import { createFaults } from './faults/faults.ts';
import { createGeneratedMarket } from './generated/generated-market.ts';
import { hashText, mix, toHex } from './hash.ts';
import type { PlanName } from './plan.ts';
import { type Rate, createRateLimit } from './rate-limit.ts';
import { createReplayMarket } from './replay/replay-market.ts';
import { type RequestCounts, countRequest, createCounts } from './request-counts.ts';
import { type MatchedRoute, matchRoute } from './routes.ts';
import { type Handler, listen } from './server.ts';

export interface SandboxOptions {
  /** What real time is measured by. */
  readonly clock: Clock;
  /** Port on 127.0.0.1; 0, the default, picks a free one. */
  readonly port?: number | undefined;
  /** Where the sandbox's clock starts, ms since the epoch; it then advances in real time. Default: `clock`. */
  readonly now?: number | undefined;
  /** Chooses the generated market, the key and all disorder. Default 1. */
  readonly seed?: number | undefined;
  /** How many companies the generated market has, or which. Default: all members of the predefined universes. */
  readonly symbols?: number | readonly string[] | undefined;
  /** A folder of real bars to serve instead of a generated market. */
  readonly replay?: string | undefined;
  /** Default `advanced`. */
  readonly plan?: PlanName | undefined;
  /** Default: no limit. */
  readonly rate?: Rate | undefined;
  /** Added before each answer; default 0. */
  readonly latencyMs?: number | undefined;
  /** Misbehaviour, each as `NAME[=key:value,…]`. Default: none. */
  readonly faults?: readonly string[] | undefined;
}

export interface Sandbox {
  /** Base URL, without a slash at the end. */
  readonly url: string;
  /** The one API key it accepts. */
  readonly key: string;
  /** The sandbox's time, ms since the epoch. */
  now(): number;
  setNow(now: number): void;
  /** Answers 429 above this from now on; undefined is no limit. */
  setRate(rate: Rate | undefined): void;
  /** Switches on just these faults. @throws AppError CONFIG_INVALID, and nothing changes. */
  setFaults(faults: readonly string[]): void;
  /** Requests so far, as `GET /sandbox/stats` tells them. */
  stats(): RequestCounts;
  /** Ends it and every connection. */
  close(): Promise<void>;
}

/**
 * Starts the Massive API on loopback: same routes, answers and oddities, bars generated or replayed.
 * @throws AppError CONFIG_INVALID for a time outside the calendar, an unusable replay folder or an unknown fault;
 * the system's own error for a port in use.
 */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { clock, seed = 1, plan = 'advanced', latencyMs = 0 } = options;
  const time = createSettableClock(clock, options.now);
  const market =
    options.replay === undefined
      ? createGeneratedMarket(seed, options.symbols)
      : createReplayMarket(options.replay);
  const key = toHex(hashText('key', seed), 32);
  const noLimit = (): boolean => true;
  let mayPass: (now: number) => boolean = noLimit;
  const setRate = (rate: Rate | undefined): void => {
    mayPass = rate === undefined ? noLimit : createRateLimit(rate);
  };
  setRate(options.rate);
  const counts = createCounts();
  const faults = createFaults(seed, counts.faults);
  faults.set(options.faults ?? []);
  const closing = new AbortController();
  // Every answer under way waits on it.
  setMaxListeners(0, closing.signal);
  let served = 0;
  let url = '';

  const handle: Handler = async (request, send) => {
    const target = request.url ?? '/';
    const mark = target.indexOf('?');
    const path = mark === -1 ? target : target.slice(0, mark);
    const query = new URLSearchParams(mark === -1 ? '' : target.slice(mark + 1));
    const id = toHex(mix(hashText('request', seed), ++served), 32);
    const control = await answerControl(request, path, { clock: time, counts, faults, setRate });
    if (control !== null) {
      await send(id, control);
      return;
    }
    if (latencyMs > 0) await clock.sleep(latencyMs, closing.signal);
    const matched = request.method === 'GET' ? matchRoute(path) : null;
    const given = keyOf(request, query);
    const right = answer(matched, given, id, query);
    const sent = await send(
      id,
      matched === null || given !== key
        ? right
        : faults.spoil(right, {
            id,
            route: matched.name,
            symbol: matched.symbol,
            origin: url,
            path,
            query,
            now: time.now(),
          }),
    );
    countRequest(counts, {
      route: matched?.name ?? 'unknown',
      key: given === key ? key : given === null ? 'none' : 'unknown',
      ...sent,
    });
  };

  function answer(
    matched: MatchedRoute | null,
    given: string | null,
    id: string,
    query: URLSearchParams,
  ): Answer {
    if (matched === null) return unknownPath;
    if (given === null) return unauthorized(id, 'API Key was not provided');
    if (given !== key) return unauthorized(id, 'Unknown API Key');
    if (!mayPass(clock.now())) return throttled(id);
    try {
      const vendorRequest = { id, origin: url, query, market, plan, seed, now: time.now() };
      return matched.route(vendorRequest, ...matched.parameters);
    } catch (error) {
      return defect(id, toAppError(error).message);
    }
  }

  const server = await listen(options.port ?? 0, handle);
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return {
    url,
    key,
    now: () => time.now(),
    setNow: (now) => time.set(now),
    setRate,
    setFaults: (texts) => faults.set(texts),
    stats: () => structuredClone(counts),
    async close() {
      closing.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The key of a request, from its header or its query; null when it has none. */
function keyOf(request: IncomingMessage, query: URLSearchParams): string | null {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ', 2);
  if (scheme?.toLowerCase() === 'bearer' && token) return token;
  return query.get('apiKey') || null;
}
