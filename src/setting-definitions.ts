import {
  apiKey,
  databaseUrl,
  flag,
  hostName,
  instant,
  list,
  logLevel,
  number,
  origins,
  redisUrl,
  text,
} from './setting-values.ts';

export type Value = string | number | boolean | readonly string[];

export interface Setting<T extends Value> {
  /** Undefined: it has none. */
  readonly default: T | undefined;
  /** Environment variables beside the one made from its path. */
  readonly env?: readonly string[];
  readonly secret?: true;
  readonly description: string;
  /** The value that text or YAML stands for; throws text that completes "expected …". */
  readonly parse: (raw: unknown) => T;
}
const setting = <T extends Value>(definition: Setting<T>): Setting<T> => definition;

/** Every setting once, by its path under `data_import`. The vendor's section may also be called `massive`. */
export const definitions = {
  'polygon.api_key': setting({
    default: undefined,
    env: ['MASSIVE_API_KEY'],
    secret: true,
    parse: apiKey,
    description: 'key of the Massive API',
  }),
  'polygon.base_url': setting({
    default: 'https://api.massive.com',
    env: ['MASSIVE_BASE_URL'],
    parse: text,
    description: 'address of the Massive API, or of a sandbox',
  }),
  'polygon.rate_limit_ms': setting({
    default: 12,
    parse: number(0, 3_600_000),
    description: 'least time between requests, in ms (free plan: 12500)',
  }),
  'polygon.max_tries': setting({
    default: 6,
    parse: number(1, 100, 'whole'),
    description: 'tries of a request that fails for a moment',
  }),
  'polygon.retry_base_ms': setting({
    default: 500,
    parse: number(1, 600_000),
    description: 'wait before the second try, in ms; doubles with each',
  }),
  'polygon.retry_max_ms': setting({
    default: 30_000,
    parse: number(1, 3_600_000),
    description: 'longest wait between two tries, in ms',
  }),
  'polygon.throttled_base_ms': setting({
    default: 5000,
    parse: number(1, 600_000),
    description: 'first wait after a 429 that names none, in ms; doubles with each',
  }),
  'polygon.throttled_patience_seconds': setting({
    default: 300,
    parse: number(0, 86_400),
    description: 'how long one request waits out throttling, in seconds',
  }),
  'polygon.symbol_timeout_seconds': setting({
    default: 900,
    parse: number(1, 86_400),
    description: 'patience with all requests of one symbol, waits for pacing aside, in seconds',
  }),
  'polygon.outage_requests': setting({
    default: 50,
    parse: number(2, 100_000, 'whole'),
    description: 'requests in a row without anything usable, over several symbols, that park a run',
  }),
  'polygon.batch_size': setting({
    default: 100,
    parse: number(1, 100_000, 'whole'),
    description: 'symbols handed to workers at a time',
  }),
  'polygon.timeout_seconds': setting({
    default: 30,
    parse: number(0.1, 600),
    description: 'patience with one request, in seconds',
  }),
  'storage.batch_size': setting({
    default: 20_000,
    parse: number(1, 1_000_000, 'whole'),
    description: 'rows written at once',
  }),
  'storage.use_copy': setting({
    default: true,
    parse: flag,
    description: 'write by COPY; false for poolers that cannot',
  }),
  'storage.patience_seconds': setting({
    default: 120,
    parse: number(0, 86_400, 'whole'),
    description: 'how long a run waits for a database that is away',
  }),
  'storage.schema': setting({
    default: 'public',
    parse: text,
    description: 'PostgreSQL schema of the tables',
  }),
  'storage.database_url': setting({
    default: undefined,
    env: ['DATABASE_URL'],
    secret: true,
    parse: databaseUrl,
    description: 'PostgreSQL >= 15; without it an embedded one is used',
  }),
  'storage.data_dir': setting({
    default: './.tickstock',
    env: ['TICKSTOCK_DATA_DIR'],
    parse: text,
    description: 'folder of the embedded database',
  }),
  'events.redis_url': setting({
    default: undefined,
    env: ['REDIS_URL'],
    secret: true,
    parse: redisUrl,
    description: 'Redis that carries events; imports do not need it',
  }),
  'events.keep_days': setting({
    default: 7,
    parse: number(1, 3650, 'whole'),
    description: 'days events are kept, for Redis to take and for browsers to catch up',
  }),
  'requests.keep_days': setting({
    default: 90,
    parse: number(1, 3650, 'whole'),
    description: 'days the log of requests is kept, for explain and the timeline of runs',
  }),
  'service.host': setting({
    default: '127.0.0.1',
    parse: hostName,
    description: 'address the service listens on; beyond loopback it asks for keys',
  }),
  'service.port': setting({
    default: 8080,
    parse: number(0, 65_535, 'whole'),
    description: 'port the service listens on; 0 picks a free one',
  }),
  'service.require_keys': setting({
    default: false,
    parse: flag,
    description: 'ask for API keys on loopback too',
  }),
  'service.cors_origins': setting<readonly string[]>({
    default: [],
    parse: origins,
    description: 'origins of web pages that may call the service',
  }),
  'service.requests_per_second': setting({
    default: 5000,
    parse: number(1, 1_000_000, 'whole'),
    description: 'requests a client may make in a second',
  }),
  'service.changes_per_second': setting({
    default: 20,
    parse: number(1, 1_000_000, 'whole'),
    description: 'of those, requests that change something',
  }),
  'service.event_clients': setting({
    default: 500,
    parse: number(1, 100_000, 'whole'),
    description: 'clients that may follow events at once',
  }),
  'service.log_level': setting({
    default: 'info',
    parse: logLevel,
    description: 'least important log lines: trace, debug, info, warn, error, fatal or silent',
  }),
  'schedule.enabled': setting({
    default: true,
    parse: flag,
    description: 'whether a new database gets a nightly import; later changed over HTTP',
  }),
  'schedule.delay_minutes': setting({
    default: 10,
    parse: number(0, 1440, 'whole'),
    description: 'minutes after the close at which it begins, in a new database',
  }),
  universes: setting<readonly string[]>({
    default: ['sp500'],
    parse: list,
    description: 'what is imported when nothing is named',
  }),
  'lookback.hourly_days': setting({
    default: 90,
    parse: number(1, 15_000, 'whole'),
    description: 'days of hourly bars',
  }),
  'lookback.daily_days': setting({
    default: 365,
    parse: number(1, 15_000, 'whole'),
    description: 'days of daily bars',
  }),
  'lookback.weekly_days': setting({
    default: 730,
    parse: number(1, 15_000, 'whole'),
    description: 'days of weekly bars',
  }),
  'lookback.monthly_days': setting({
    default: 1825,
    parse: number(1, 15_000, 'whole'),
    description: 'days of monthly bars',
  }),
  'processing.parallel_workers': setting({
    default: 10,
    parse: number(0, 200, 'whole'),
    description: 'symbols in work at once; 0 leaves the work to the fleet',
  }),
  'processing.continue_on_error': setting({
    default: true,
    parse: flag,
    description: 'go on when a symbol fails',
  }),
  'processing.success_threshold': setting({
    default: 80,
    parse: number(0, 100),
    description: 'percent of symbols that must succeed',
  }),
  now: setting({
    default: undefined,
    env: ['TICKSTOCK_NOW'],
    parse: instant,
    description: 'the time to take for now, with a sandbox only',
  }),
};
