import { parseArgs } from 'node:util';
import { type CampaignCase, campaign, countStruck, undisturbedImport } from './campaign.ts';
import { type Fleet, type FleetName, fleetNames, fleetOf } from './fleets.ts';
import { type Ground, prepareGround } from './ground.ts';
import { type Recovery, measureRecovery, recoveryTable } from './recovery.ts';
import { commandOf, keepLogs, sumUp, tableHead, tableRows } from './report.ts';

const usage = `Usage: npm run chaos -- [--seed N] [--faults M] [--fleet ${fleetNames.join('|')}]
       npm run chaos -- --recovery KILLS [--fleet …]`;

const RECOVERY_BOUND_MS = 10_000;

/** Runs a campaign and prints a row for each fault as it goes; the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === null) {
    console.error(usage);
    return 2;
  }
  const ground = await prepareGround();
  const stop = (): void => void ground.close().finally(() => process.exit(130));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const fleet = fleetOf(options.fleet, ground.asked);
    return options.recovery === 0
      ? await strikeImports(ground, fleet, options)
      : await killWorkers(ground, fleet, options.recovery);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    await ground.close();
  }
}

async function strikeImports(
  ground: Ground,
  fleet: Fleet,
  plan: { readonly seed: number; readonly faults: number },
): Promise<number> {
  const undisturbed = await undisturbedImport(ground, fleet);
  console.log(`Undisturbed: ${undisturbed.sent} requests, ${JSON.stringify(undisturbed.state.digests)}\n`);
  console.log(tableHead);
  const cases: CampaignCase[] = [];
  let struck = 0;
  for await (const one of campaign(ground, fleet, { ...plan, undisturbed })) {
    cases.push(one);
    console.log(tableRows(one));
    struck += countStruck(one.result);
    console.error(`${struck} of ${plan.faults} faults`);
    if (one.result.broken.length > 0)
      console.error(`Repeat it with: ${commandOf(one, fleet.name)}\nLogs: ${keepLogs(one)}`);
  }
  const { text, isGood } = sumUp(cases);
  console.log(`\n${text}`);
  return isGood ? 0 : 1;
}

/** Good when all work is taken up within the bound. */
async function killWorkers(ground: Ground, fleet: Fleet, kills: number): Promise<number> {
  const found: Recovery[] = [];
  for (let n = 0; n < kills; n++) {
    const one = await measureRecovery(ground, fleet, n / kills);
    found.push(one);
    console.error(JSON.stringify(one));
  }
  console.log(recoveryTable(fleet.name, found));
  return found.every(({ takenUpMs }) => takenUpMs !== null && takenUpMs <= RECOVERY_BOUND_MS) ? 0 : 1;
}

interface Options {
  readonly seed: number;
  readonly faults: number;
  readonly fleet: FleetName;
  /** Kills to measure instead of faults to strike; 0 for none. */
  readonly recovery: number;
}

function readOptions(args: readonly string[]): Options | null {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string', default: '1' },
        faults: { type: 'string', default: '200' },
        fleet: { type: 'string', default: 'fleet' },
        recovery: { type: 'string', default: '0' },
      },
    });
    const [seed, faults, recovery] = [Number(values.seed), Number(values.faults), Number(values.recovery)];
    const fleet = fleetNames.find((name) => name === values.fleet);
    if (![seed, faults, recovery].every((one) => Number.isInteger(one) && one >= 0)) return null;
    return fleet === undefined ? null : { seed, faults, fleet, recovery };
  } catch {
    return null;
  }
}
