import type { Ground } from './ground.ts';
import type { Member, MemberSpec } from './member.ts';

/** Processes that work on an import together, and how they are brought to it. */
export interface Fleet {
  readonly name: string;
  readonly members: readonly MemberSpec[];
  /** Settings of its processes. */
  readonly env: Readonly<Record<string, string>>;
  /** A process that gives no sign of life for so long has lost its work to others. */
  readonly silenceMs: number;
  /** Whatever happens there is one run, which ends completed. Otherwise an import is many runs, of which some are left behind. */
  readonly keepsRun: boolean;
  /** Somebody publishes events as long as it lives. */
  readonly publishes: boolean;
  drive(members: readonly Member[], asked: Ground['asked'], query: Query): Drive;
}

/** Reads the import's database; rejects while that is away. */
export type Query = <T extends object>(sql: string) => Promise<T[]>;

/** One import under way. */
export interface Drive {
  /** Resolves once it has begun. */
  begun(): Promise<boolean>;
  /** True once it has ended. May nudge it, where the program does not go on by itself. */
  hasEnded(): Promise<boolean>;
}

/** Ended with all symbols imported, or with some that failed. */
const GOOD_ENDS: ReadonlySet<number | null> = new Set([0, 3]);
const RUN_AGAIN_MS = 300;

/** The command line, run again until it has ended well. */
const importFleet = (asked: Ground['asked']): Fleet => ({
  name: 'import',
  members: [
    {
      name: 'import',
      args: ['import', '--symbols', asked.symbols.join(','), '--json'],
      backAfter: ({ code }) => (GOOD_ENDS.has(code) ? null : RUN_AGAIN_MS),
    },
  ],
  env: Object.fromEntries(
    Object.entries(asked.lookbackDays).map(([timeframe, days]) => [
      `DATA_IMPORT_LOOKBACK_${timeframe.toUpperCase()}_DAYS`,
      String(days),
    ]),
  ),
  silenceMs: 3000,
  keepsRun: false,
  publishes: false,
  drive: ([member]) => ({
    begun: async () => true,
    hasEnded: async () => {
      const last = member?.program.ends.at(-1);
      return member?.program.pid === undefined && last !== undefined && GOOD_ENDS.has(last.code);
    },
  }),
});

const serviceSpec = (name: string, ...args: string[]): MemberSpec => ({
  name,
  args: ['serve', '--port', '0', ...args],
});

const overHttp =
  (nudges: boolean): Fleet['drive'] =>
  (members, asked, query) => {
    let runId: string | undefined;
    let refused: Error | undefined;
    const post = async (path: string, body: object): Promise<Record<string, unknown> | null> => {
      const { url } = members.find((member) => member.url !== null) ?? {};
      if (url === null || url === undefined) return null;
      try {
        const response = await fetch(`${url}/api/processing/import/${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(5000),
        });
        if (response.ok) return (await response.json()) as Record<string, unknown>;
        if (response.status === 400) refused = new Error(`${path} was refused: ${await response.text()}`);
      } catch {
        // It may have been killed meanwhile.
      }
      return null;
    };
    return {
      async begun() {
        const { symbols, lookbackDays } = asked;
        const answer = await post('trigger', { symbols, lookback_days: lookbackDays });
        if (refused !== undefined) throw refused;
        // An answer may be lost on a busy machine; the run is there then.
        const recorded = await query<{ id: string }>('SELECT run_id AS id FROM processing_runs');
        runId = answer === null ? recorded[0]?.id : String(answer['run_id']);
        return runId !== undefined;
      },
      async hasEnded() {
        const [run] = await query<{ status: string; left: number }>(
          `SELECT r.status, p.total_items - p.completed_items - p.failed_items AS left
           FROM processing_runs r JOIN processing_progress p USING (run_id) WHERE run_id = '${runId}'`,
        );
        if (run === undefined) return false;
        if (run.status === 'completed') return true;
        if (nudges && run.status !== 'in_progress') await post('retry', { run_id: runId });
        return !nudges && run.status === 'failed';
      },
    };
  };

/** The service twice; a run whose process died is brought on by a retry once it is parked. */
const serviceFleet: Fleet = {
  name: 'serve',
  members: [serviceSpec('serve-1'), serviceSpec('serve-2')],
  env: {},
  silenceMs: 30_000,
  keepsRun: true,
  publishes: true,
  drive: overHttp(true),
};

/** A service that works itself and three workers. Nobody helps a run on. */
const workerFleet: Fleet = {
  name: 'fleet',
  members: [
    serviceSpec('serve', '--workers', '1'),
    ...['worker-1', 'worker-2', 'worker-3'].map((name) => ({ name, args: ['worker', '--slots', '1'] })),
  ],
  env: {},
  silenceMs: 10_000,
  keepsRun: true,
  publishes: true,
  drive: overHttp(false),
};

export const fleetNames = ['import', 'serve', 'fleet'] as const;
export type FleetName = (typeof fleetNames)[number];

export const fleetOf = (name: FleetName, asked: Ground['asked']): Fleet =>
  ({ import: importFleet(asked), serve: serviceFleet, fleet: workerFleet })[name];
