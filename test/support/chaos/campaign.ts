import { type CaseResult, type Undisturbed, runCase } from './case.ts';
import type { Fleet } from './fleets.ts';
import type { Ground } from './ground.ts';
import { FAULTS_A_CASE, scheduleOf } from './schedule.ts';

/** A case with what it takes to repeat it. */
export interface CampaignCase {
  readonly seed: number;
  readonly faultCount: number;
  readonly result: CaseResult;
}

export interface CampaignPlan {
  /** Of the first case; the next has the next. */
  readonly seed: number;
  /** How many are to strike. */
  readonly faults: number;
  readonly undisturbed: Undisturbed;
}

/** An import without faults, which says what all others must come to. @throws Error when it is not fit for that. */
export async function undisturbedImport(ground: Ground, fleet: Fleet): Promise<Undisturbed> {
  const { state, sent, broken } = await runCase(ground, fleet, { seed: 0, faults: [] });
  if (broken.length > 0) throw new Error(`The undisturbed import is no measure: ${broken.join('; ')}`);
  return { state, sent };
}

/** Cases, one after the other, until so many faults have struck. */
export async function* campaign(
  ground: Ground,
  fleet: Fleet,
  plan: CampaignPlan,
): AsyncGenerator<CampaignCase> {
  for (let seed = plan.seed, struck = 0; struck < plan.faults; seed++) {
    const faultCount = Math.min(FAULTS_A_CASE, plan.faults - struck);
    const faults = scheduleOf(seed, faultCount);
    const result = await runCase(ground, fleet, { seed, faults, undisturbed: plan.undisturbed });
    struck += countStruck(result);
    yield { seed, faultCount, result };
  }
}

export const countStruck = ({ faults }: CaseResult): number =>
  faults.filter(({ outcome }) => outcome === 'struck').length;

/** Of the faults that struck, those that met requests under way. */
export const countMet = ({ faults }: CaseResult): number =>
  faults.filter(({ outcome, inFlight }) => outcome === 'struck' && inFlight > 0).length;
