import { type EndState, readEndState } from './end-state.ts';
import type { Fault } from './faults.ts';
import type { Fleet } from './fleets.ts';
import type { Ground } from './ground.ts';
import { type InFlight, watchInFlight } from './in-flight.ts';
import { brokenLaws } from './laws.ts';
import type { Member } from './member.ts';
import { awaitQuiet, leftBehind } from './quiet.ts';
import { type Scene, openScene } from './scene.ts';
import { type FaultResult, strikeOne } from './strike-one.ts';
import type { Exchange } from './vendor-traffic.ts';
import { waitUntil } from './wait-until.ts';

/** What an import comes to when nothing happens. */
export interface Undisturbed {
  readonly state: EndState;
  /** Requests to the vendor. */
  readonly sent: number;
}

/** One import and what struck it. */
export interface CaseResult extends Undisturbed {
  readonly faults: readonly FaultResult[];
  /** Requests beyond those of the undisturbed import, and how many the faults explain. */
  readonly extra: number;
  readonly allowed: number;
  /** The laws it broke. */
  readonly broken: readonly string[];
  readonly seconds: number;
  /** What its processes wrote lately, by name, and all `requests` to the vendor. */
  readonly logs: Readonly<Record<string, readonly string[]>>;
}

export interface CasePlan {
  readonly seed: number;
  readonly faults: readonly Fault[];
  /** Without it there is nothing to compare with. */
  readonly undisturbed?: Undisturbed;
}

const STORAGE_EXIT = 75;
const END_PATIENCE_MS = 180_000;
/** A fault aims at somebody who has work in hand, and does not wait longer for that. */
const AIM_PATIENCE_MS = 3000;

/** Imports on the ground while faults strike, and judges what came of it. */
export async function runCase(ground: Ground, fleet: Fleet, plan: CasePlan): Promise<CaseResult> {
  const startedAt = performance.now();
  const scene = await openScene(ground, fleet, plan.seed);
  try {
    const result = await judge(ground, fleet, plan, scene);
    return { ...result, seconds: (performance.now() - startedAt) / 1000 };
  } finally {
    await scene.close();
  }
}

async function judge(
  ground: Ground,
  fleet: Fleet,
  plan: CasePlan,
  scene: Scene,
): Promise<Omit<CaseResult, 'seconds'>> {
  const { query, traffic, members, subscriber } = scene;
  const { undisturbed } = plan;
  const spoiltBefore = spoiltAnswers(ground);
  const inFlight = watchInFlight(traffic, query);
  const { faults, broken } = await disturb(ground, fleet, plan, scene, inFlight);
  broken.push(...(await awaitQuiet(query, traffic, fleet)));
  await inFlight.look();
  const state = await readEndState(query);
  // On a busy machine an undisturbed import may have a timeout, too.
  const isCounted = undisturbed === undefined ? (one: Exchange) => one.state === 'answered' : () => true;
  const sent = traffic.exchanges.filter(isCounted).length;
  const allowed = inFlight.lost + spoiltAnswers(ground) - spoiltBefore;
  const extra = undisturbed === undefined ? 0 : sent - undisturbed.sent;
  const heard = fleet.publishes ? subscriber.heard.map(({ number }) => number) : null;
  // Of an import that did not end nothing else is to be expected.
  if (undisturbed !== undefined && broken.length === 0) {
    const requests = { planned: undisturbed.sent, sent, allowed };
    const { keepsRun } = fleet;
    broken.push(...brokenLaws({ expected: undisturbed.state, found: state, keepsRun, heard, requests }));
  }
  await Promise.all(members.map(({ program }) => program.stop()));
  broken.push(...members.flatMap((member) => misbehaviour(member, fleet)));
  broken.push(...(await leftBehind(query, faults.some(crashesDatabase))));
  const logs = Object.fromEntries(members.map(({ name, program }) => [name, program.lines]));
  logs['requests'] = traffic.exchanges.map(inFlight.describe);
  return { faults, state, sent, extra, allowed, broken, logs };
}

/** The import from its beginning to its end, with its faults. */
async function disturb(
  ground: Ground,
  fleet: Fleet,
  plan: CasePlan,
  { begin, databaseName, traffic, members }: Scene,
  inFlight: InFlight,
): Promise<{ faults: FaultResult[]; broken: string[] }> {
  const drive = await begin();
  if (drive === null) return { faults: [], broken: ['the import did not begin'] };
  let isOver = false;
  const ended = (async () => {
    const hasEnded = async (): Promise<true | null> => (await drive.hasEnded().catch(() => false)) || null;
    const end = await waitUntil(hasEnded, END_PATIENCE_MS);
    isOver = true;
    return end !== null;
  })();
  const field = { ...ground, databaseName, silenceMs: fleet.silenceMs };
  const strikes: Promise<FaultResult>[] = [];
  for (const fault of plan.faults) {
    const due = fault.at * (plan.undisturbed?.sent ?? 0);
    await waitUntil(
      () => traffic.exchanges.length >= due || null,
      END_PATIENCE_MS,
      () => isOver,
    );
    await waitUntil(
      () => inFlight.atWork().size > 0 || null,
      AIM_PATIENCE_MS,
      () => isOver,
    );
    if (isOver) strikes.push(Promise.resolve({ fault, where: '', inFlight: 0, outcome: 'too late' }));
    else strikes.push(strikeOne(fault, members, inFlight, field));
  }
  const hasEnded = await ended;
  const faults = await Promise.all(strikes);
  await ground.database.ready();
  await ground.redis.ready();
  return { faults, broken: hasEnded ? [] : ['the import did not end'] };
}

const spoiltAnswers = ({ sandbox }: Ground): number =>
  Object.entries(sandbox.stats().faults)
    .filter(([name]) => name !== 'hole')
    .flatMap(([, routes]) => Object.values(routes))
    .reduce((sum, count) => sum + count, 0);

const crashesDatabase = ({ fault: { strike } }: FaultResult): boolean =>
  /^(database-kill|backend-kill|disk-full)$/.test(strike.kind) ||
  (strike.kind === 'database-restart' && strike.mode === 'immediate');

/** Ends nobody wanted, and words that tell of a defect. */
function misbehaviour({ name, program }: Member, { keepsRun }: Fleet): string[] {
  // One that does not find its database when it starts says so and leaves the rest to whoever starts it again.
  const ends = program.ends
    .filter(({ wanted, isEarly, code }) => !wanted && !(isEarly && code === STORAGE_EXIT))
    .map(({ code, signal }) => code ?? signal);
  const defects = program.lines.filter((line) =>
    /^\s+at .+:\d+:\d+|[Uu]nhandled|UnhandledPromise/.test(line),
  );
  return [
    ...(keepsRun && ends.length > 0 ? [`${name} ended by itself: ${ends.join(', ')}`] : []),
    ...(defects.length > 0 ? [`${name} says: ${defects[0]}`] : []),
  ];
}
