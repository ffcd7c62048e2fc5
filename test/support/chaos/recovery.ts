import type { Fleet } from './fleets.ts';
import type { Ground } from './ground.ts';
import { watchInFlight } from './in-flight.ts';
import { openScene } from './scene.ts';
import type { Exchange } from './vendor-traffic.ts';
import { waitUntil } from './wait-until.ts';

/** One process that was killed. */
export interface Recovery {
  readonly killed: string;
  /** Requests it had sent and not committed. */
  readonly inFlight: number;
  /**
   * From its death to another process's request for one of the same symbols or days; of whoever conducted the run, to
   * the first request of the run's next attempt. Null when nobody came.
   */
  readonly takenUpMs: number | null;
  readonly by: string | null;
}

const PATIENCE_MS = 120_000;
/** Kills when so many requests were sent: in the middle of an import. */
const KILL_AFTER = 40;
const NEVER_MS = 2 ** 31 - 1;

/** Kills one process of an import for good, and measures how long its work lies. `aim` in [0, 1) chooses among those at work. */
export async function measureRecovery(ground: Ground, fleet: Fleet, aim: number): Promise<Recovery> {
  const scene = await openScene(ground, fleet, 0);
  const { members, traffic, query } = scene;
  const { exchanges } = traffic;
  try {
    const inFlight = watchInFlight(traffic, query);
    const drive = await scene.begin();
    if (drive === null) throw new Error('The import did not begin.');
    await waitUntil(() => exchanges.length >= KILL_AFTER || null, PATIENCE_MS);
    const busy = await waitUntil(() => {
      const names = inFlight.atWork();
      const found = members.filter(({ name }) => names.has(name));
      return found.length > 0 ? found : null;
    }, PATIENCE_MS);
    const victim = busy?.[Math.floor(aim * busy.length)];
    if (victim === undefined) throw new Error('Nobody was at work.');
    const readAttempt = async (): Promise<number> => {
      const [run] = await query<{ attempt: number }>('SELECT max(attempt) AS attempt FROM processing_runs');
      return run?.attempt ?? 0;
    };
    const attempt = await readAttempt();
    await victim.program.kill('SIGKILL', NEVER_MS);
    const killedAt = performance.now();
    await inFlight.look();
    const lost = inFlight.uncommitted(victim.name);
    const subjects = new Set(lost.map(subjectOf));
    let adoptedAt = Number.POSITIVE_INFINITY;
    const isTakeUp = (one: Exchange): boolean =>
      one.by !== victim.name &&
      one.sentAt > killedAt &&
      (subjects.has(subjectOf(one)) || one.sentAt > adoptedAt);
    // What a fleet that does not go on by itself needs, too.
    const takeUp = await waitUntil(async () => {
      if (adoptedAt === Number.POSITIVE_INFINITY && (await readAttempt().catch(() => 0)) > attempt)
        adoptedAt = performance.now();
      const found = exchanges.find(isTakeUp);
      if (found === undefined) await drive.hasEnded().catch(() => false);
      return found ?? null;
    }, PATIENCE_MS);
    return {
      killed: victim.name,
      inFlight: lost.length,
      takenUpMs: takeUp === null ? null : takeUp.sentAt - killedAt,
      by: takeUp?.by ?? null,
    };
  } finally {
    await scene.close();
  }
}

/** The symbol or the day that a request is about. */
function subjectOf({ path }: Exchange): string {
  const [, symbol] = /\/ticker\/([^/?]+)/.exec(path) ?? [];
  const [, day] = /\/stocks\/([\d-]+)/.exec(path) ?? [];
  return symbol ?? day ?? path;
}

/** As rows of bench/results.md. */
export function recoveryTable(fleet: string, found: readonly Recovery[]): string {
  const times = found.flatMap(({ takenUpMs }) => takenUpMs ?? []).toSorted((a, b) => a - b);
  const seconds = (ms: number | undefined): string => (ms === undefined ? '' : (ms / 1000).toFixed(2));
  const middle = times[Math.floor((times.length - 1) / 2)];
  return [
    '| fleet | kills | requests in flight, median | taken up | median s | worst s |',
    '|---|---|---|---|---|---|',
    `| ${fleet} | ${found.length} | ${found.map(({ inFlight }) => inFlight).toSorted((a, b) => a - b)[Math.floor(found.length / 2)]} | ${times.length} | ${seconds(middle)} | ${seconds(times.at(-1))} |`,
  ].join('\n');
}
