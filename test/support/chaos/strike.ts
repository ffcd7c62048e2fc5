import { type DatabaseServer, killBackend } from './database-server.ts';
import type { Strike } from './faults.ts';
import type { Ground } from './ground.ts';
import type { Member } from './member.ts';
import { waitUntil } from './wait-until.ts';

export interface Battlefield extends Pick<Ground, 'database' | 'redis' | 'sandbox' | 'holes'> {
  /** The name of the import's database. */
  readonly databaseName: string;
  /** After so long without a sign of life a process has lost its work. */
  readonly silenceMs: number;
}

/** Why a strike cannot happen here; null when it can. */
export const obstacleTo = ({ kind }: Strike, { disk }: DatabaseServer): string | null =>
  kind === 'disk-full' && disk === null ? 'needs root' : null;

/** What does not come along for so long is not waited for. */
const AMBUSH_PATIENCE_MS = 10_000;

/** A process that has woken up is back at work once it has said something to the database. */
const WAKE_PATIENCE_MS = 3000;

/**
 * Strikes; `member` is the process aimed at. `hits` is called when it strikes, which is later for what lies in wait.
 * Resolves when it is over: what was ended is being started again, what was spoilt is good. False when it hit nothing.
 */
export async function carryOut(
  strike: Strike,
  member: Member,
  field: Battlefield,
  hits: () => Promise<void>,
): Promise<boolean> {
  if (strike.kind === 'cut-copy') return ambush(member, strike.bytes, 'FROM STDIN', hits);
  if (strike.kind === 'cut-commit') return ambush(member, 0, 'COMMIT\0', hits);
  await hits();
  return strikeNow(strike, member, field);
}

async function strikeNow(
  strike: Exclude<Strike, { kind: 'cut-copy' | 'cut-commit' }>,
  member: Member,
  { database, redis, sandbox, holes, databaseName, silenceMs }: Battlefield,
): Promise<boolean> {
  switch (strike.kind) {
    case 'kill':
      return member.program.kill('SIGKILL', strike.backAfterMs);
    case 'freeze':
      member.program.signal('SIGSTOP');
      await pause(silenceMs + strike.beyondMs);
      return wake(member);
    case 'clock-jump':
      member.jumpClock(strike.byMs);
      return true;
    case 'database-restart':
      return database.program.kill(strike.mode === 'fast' ? 'SIGINT' : 'SIGQUIT', strike.backAfterMs);
    case 'database-kill':
      return database.program.kill('SIGKILL', strike.backAfterMs);
    case 'backend-kill':
      return killBackend(database, databaseName).catch(() => false);
    case 'disk-full':
      database.disk?.fill();
      await pause(strike.forMs);
      database.disk?.free();
      return true;
    case 'redis-restart':
      return redis.program.kill('SIGTERM', strike.backAfterMs);
    case 'redis-kill':
      return redis.program.kill('SIGKILL', strike.backAfterMs);
    case 'redis-flush':
      return redis.flush().then(
        () => true,
        () => false,
      );
    case 'cut':
      return member.links[strike.link].cut() > 0;
    case 'vendor':
      sandbox.setFaults([...holes, strike.fault]);
      return true;
    default:
      return spoilLink(strike, member);
  }
}

async function wake({ program, links }: Member): Promise<boolean> {
  const asleep = links.database.bytes;
  program.signal('SIGCONT');
  await waitUntil(() => (links.database.bytes > asleep ? true : null), WAKE_PATIENCE_MS);
  return true;
}

async function spoilLink(
  strike: Extract<Strike, { kind: 'slow' | 'narrow' | 'partition' }>,
  member: Member,
): Promise<boolean> {
  const link = member.links[strike.link];
  if (strike.kind === 'slow') link.delay(strike.delayMs);
  else if (strike.kind === 'narrow') link.throttle(strike.bytesPerSecond);
  else link.partition();
  await pause(strike.forMs);
  if (strike.kind === 'partition' && strike.endsBy === 'cut') link.cut();
  link.heal();
  return true;
}

async function ambush(
  member: Member,
  bytes: number,
  mark: string,
  hits: () => Promise<void>,
): Promise<boolean> {
  const cut = member.links.database.cutAfter(bytes, mark).then(async () => {
    await hits();
    return true;
  });
  const late = pause(AMBUSH_PATIENCE_MS).then(() => false);
  return Promise.race([cut, late]);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
