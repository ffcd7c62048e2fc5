import { type Fault, placeOf } from './faults.ts';
import type { InFlight } from './in-flight.ts';
import type { Member } from './member.ts';
import { type Battlefield, carryOut, obstacleTo } from './strike.ts';

/** What became of a fault. */
export interface FaultResult {
  readonly fault: Fault;
  /** The process it was aimed at, or the server it struck. */
  readonly where: string;
  /** Requests that were sent and not committed by those it struck. */
  readonly inFlight: number;
  /** `too late`: the import had ended. `missed`: there was nothing to strike. Or why it cannot happen here. */
  readonly outcome: 'struck' | 'too late' | 'missed' | `skipped: ${string}`;
}

/** Strikes one fault, whose time has come, and tells what it met once it is over. */
export async function strikeOne(
  fault: Fault,
  members: readonly Member[],
  inFlight: InFlight,
  field: Battlefield,
): Promise<FaultResult> {
  const { strike, aim } = fault;
  const obstacle = obstacleTo(strike, field.database);
  const place = placeOf(strike);
  if (obstacle !== null) return { fault, where: place, inFlight: 0, outcome: `skipped: ${obstacle}` };
  const busy = inFlight.atWork();
  const candidates = members.filter(({ name }) => busy.has(name));
  const choice = candidates.length > 0 ? candidates : members;
  const member = choice[Math.floor(aim * choice.length)]!;
  const hasAim = place === 'process' || place === 'link';
  const struck = new Set(hasAim ? [member.name] : members.map(({ name }) => name));
  let met = 0;
  const didStrike = await carryOut(strike, member, field, async () => {
    await inFlight.look();
    met = inFlight.struck(struck);
  });
  return {
    fault,
    where: hasAim ? member.name : place,
    inFlight: met,
    outcome: didStrike ? 'struck' : 'missed',
  };
}
