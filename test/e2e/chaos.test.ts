import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type CampaignCase,
  campaign,
  countMet,
  countStruck,
  undisturbedImport,
} from '../support/chaos/campaign.ts';
import type { Undisturbed } from '../support/chaos/case.ts';
import { type Fleet, type FleetName, fleetOf } from '../support/chaos/fleets.ts';
import { type Ground, prepareGround } from '../support/chaos/ground.ts';
import { commandOf, keepLogs, tableHead, tableRows } from '../support/chaos/report.ts';
import { describeWithRedis } from '../support/redis.ts';

const FLEET: FleetName = 'fleet';
const SEED = 100;
const FAULTS = 40;
const PATIENCE_MS = 900_000;

describeWithRedis('imports under faults', () => {
  let ground: Ground;
  let fleet: Fleet;
  let undisturbed: Undisturbed;
  beforeAll(async () => {
    ground = await prepareGround();
    fleet = fleetOf(FLEET, ground.asked);
    undisturbed = await undisturbedImport(ground, fleet);
  }, PATIENCE_MS);
  afterAll(() => ground?.close());

  it(
    `end as the undisturbed one, ${FAULTS} faults long, of which four in five meet work in flight`,
    async () => {
      const cases: CampaignCase[] = [];
      const plan = { seed: SEED, faults: FAULTS, undisturbed };
      for await (const one of campaign(ground, fleet, plan)) cases.push(one);
      const broken = cases
        .filter(({ result }) => result.broken.length > 0)
        .map(
          (one) =>
            `Repeat it with: ${commandOf(one, fleet.name)}\n${tableHead}\n${tableRows(one)}\nLogs: ${keepLogs(one)}`,
        );
      expect(broken.join('\n')).toBe('');
      const sum = (count: (result: CampaignCase['result']) => number): number =>
        cases.reduce((total, { result }) => total + count(result), 0);
      expect(sum(countMet)).toBeGreaterThanOrEqual(0.8 * sum(countStruck));
    },
    PATIENCE_MS,
  );
});
