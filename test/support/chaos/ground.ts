import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClock } from '../../../src/clock.ts';
import { createGeneratedMarket } from '../../../src/sandbox/generated/generated-market.ts';
import { type Sandbox, createSandbox } from '../../../src/sandbox/sandbox.ts';
import { type DatabaseServer, startDatabaseServer } from './database-server.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';

const PROGRAM = fileURLToPath(new URL('../../../bin/tickstock.js', import.meta.url));

/** Saturday 8 August 2026, 08:00 New York: a clock that is hours off is still between the same two sessions. */
const NOW = '2026-08-08T12:00:00Z';
const SEED = 1;
const COMPANIES = 59;
/** Nobody's, so that an import has a symbol that fails. */
const STRANGER = 'aapl';
/** Imported up to a week ago: of these the last days are cheapest by days of all stocks. */
const KNOWN = 30;
const KNOWN_UNTIL = '2026-07-31';
/** So that requests are under way at any moment. */
const LATENCY_MS = 120;
/** Bars the vendor does not have, whoever asks and however: what is planned anew after a fault may come another way. */
const HOLES = [
  'hole=symbols:V+ADBE+BCpC,from:2026-06-03,to:2026-06-05',
  'hole=symbols:KO+MCD+CDNS,from:2026-08-04,to:2026-08-04',
];
const TEMPLATE = 'history';

/** What every import here asks for. */
export interface AskedImport {
  readonly symbols: readonly string[];
  readonly lookbackDays: Readonly<Record<'hourly' | 'daily' | 'weekly' | 'monthly', number>>;
}

/** The servers that imports run on, and the history they find. */
export interface Ground {
  readonly database: DatabaseServer;
  readonly redis: RedisServer;
  readonly sandbox: Sandbox;
  /** Faults of the sandbox that belong to the market. */
  readonly holes: readonly string[];
  readonly vendorPort: number;
  /** Empty, for scratch files. */
  readonly folder: string;
  /** Of every process, beside the addresses of servers. */
  readonly env: Readonly<Record<string, string>>;
  readonly asked: AskedImport;
  /** Makes a database with the history and returns its name. */
  copyHistory(): Promise<string>;
  drop(database: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts the servers in a new folder of the system's temporary one. */
export async function prepareGround(): Promise<Ground> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tickstock-chaos-'));
  const closers: (() => Promise<void>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const end of closers.splice(0).toReversed()) await end();
  };
  try {
    const sandbox = await createSandbox({
      clock: createClock(),
      now: Date.parse(NOW),
      seed: SEED,
      symbols: COMPANIES,
      latencyMs: LATENCY_MS,
      faults: HOLES,
    });
    closers.push(() => sandbox.close());
    const redis = await startRedisServer(folder);
    closers.push(() => redis.close());
    const database = await startDatabaseServer(folder);
    closers.push(() => database.close());
    const companies = createGeneratedMarket(SEED, COMPANIES).daySymbols().slice(0, COMPANIES);
    const env = {
      TICKSTOCK_NOW: NOW,
      MASSIVE_API_KEY: sandbox.key,
      DATA_IMPORT_SCHEDULE_ENABLED: 'false',
      DATA_IMPORT_PROCESSING_PARALLEL_WORKERS: '3',
      DATA_IMPORT_POLYGON_TIMEOUT_SECONDS: '3',
      DATA_IMPORT_POLYGON_MAX_TRIES: '12',
      DATA_IMPORT_POLYGON_RETRY_BASE_MS: '50',
      DATA_IMPORT_POLYGON_RETRY_MAX_MS: '500',
      DATA_IMPORT_POLYGON_THROTTLED_BASE_MS: '200',
    };
    await makeHistory(database, companies.slice(0, KNOWN), { ...env, MASSIVE_BASE_URL: sandbox.url });
    let copies = 0;
    return {
      database,
      redis,
      sandbox,
      holes: HOLES,
      vendorPort: Number(new URL(sandbox.url).port),
      folder,
      env,
      asked: {
        symbols: [...companies, STRANGER],
        lookbackDays: { hourly: 160, daily: 200, weekly: 300, monthly: 400 },
      },
      async copyHistory() {
        const name = `case_${++copies}`;
        await database.ask(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
        return name;
      },
      drop: async (name) => void (await database.ask(`DROP DATABASE ${name} WITH (FORCE)`)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * A database that an earlier import has filled up to a week ago, with no trace of its runs. Its sequence begins anew: PostgreSQL
 * draws sequences in advance, and after a crash a copy of one that was drawn from would give numbers a second time.
 */
async function makeHistory(
  { ask, connection }: DatabaseServer,
  symbols: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  await ask(`CREATE DATABASE ${TEMPLATE}`);
  const url = `postgresql:///${TEMPLATE}?host=${encodeURIComponent(connection.host!)}&port=${connection.port}&user=${connection.user}`;
  for (const [timeframe, from] of [
    ['daily', '2025-06-01'],
    ['hourly', '2026-02-20'],
  ] as const) {
    const args = ['import', '--symbols', symbols.join(','), '--timeframes', timeframe, '--from', from];
    await runToEnd([...args, '--to', KNOWN_UNTIL, '--parallel-workers', '20'], { ...env, DATABASE_URL: url });
  }
  await ask(
    `TRUNCATE events RESTART IDENTITY; DELETE FROM processing_runs; DELETE FROM requests; UPDATE event_position SET numbered = 0, sent = 0`,
    TEMPLATE,
  );
}

async function runToEnd(args: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`tickstock ${args[0]} ended with ${code}: ${said.slice(-2000)}`);
}
