import { writeFileSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type CampaignCase, countMet, countStruck } from './campaign.ts';
import { describeStrike } from './faults.ts';

export const tableHead = [
  '| seed | fault | where | in flight | extra requests | outcome |',
  '|---|---|---|---|---|---|',
].join('\n');

/** A row for each fault, and one for the import they struck. */
export function tableRows({ seed, result }: CampaignCase): string {
  const { faults, extra, allowed, broken, seconds } = result;
  const ofFaults = faults.map(
    ({ fault, where, inFlight, outcome }) =>
      `| ${seed} | ${describeStrike(fault.strike)} | ${where} | ${inFlight} | | ${outcome} |`,
  );
  const verdict = broken.length === 0 ? 'as undisturbed' : `BROKEN: ${broken.join('; ')}`;
  return [
    ...ofFaults,
    `| ${seed} | the import | | | ${extra} of ${allowed} | ${verdict}, ${seconds.toFixed(1)} s |`,
  ].join('\n');
}

/** The command that repeats a case. */
export const commandOf = ({ seed, faultCount }: CampaignCase, fleet: string): string =>
  `npm run chaos -- --fleet ${fleet} --seed ${seed} --faults ${faultCount}`;

/** Keeps what the processes of a case wrote and what it left; the folder. */
export function keepLogs({ seed, result }: CampaignCase): string {
  const folder = mkdtempSync(path.join(tmpdir(), `tickstock-chaos-seed-${seed}-`));
  for (const [name, lines] of Object.entries(result.logs))
    writeFileSync(path.join(folder, `${name}.log`), `${lines.join('\n')}\n`);
  const { logs: _, ...rest } = result;
  writeFileSync(path.join(folder, 'case.json'), JSON.stringify(rest, null, 2));
  return folder;
}

/** How a campaign went, and whether it is good. */
export function sumUp(cases: readonly CampaignCase[]): { readonly text: string; readonly isGood: boolean } {
  const sum = (count: (one: CampaignCase) => number): number =>
    cases.reduce((total, one) => total + count(one), 0);
  const struck = sum(({ result }) => countStruck(result));
  const met = sum(({ result }) => countMet(result));
  const broken = cases.filter(({ result }) => result.broken.length > 0);
  const skipped = new Set(
    cases.flatMap(({ result }) =>
      result.faults
        .filter(({ outcome }) => outcome.startsWith('skipped'))
        .map(({ fault, outcome }) => `${fault.strike.kind} (${outcome})`),
    ),
  );
  const seconds = sum(({ result }) => result.seconds);
  const isAimed = met >= LEAST_MET * struck;
  return {
    isGood: broken.length === 0 && isAimed,
    text: [
      `${struck} faults struck ${cases.length} imports in ${seconds.toFixed(0)} s; ${met} met work in flight (${((100 * met) / Math.max(1, struck)).toFixed(0)} %${isAimed ? '' : `, fewer than ${LEAST_MET * 100} %`}).`,
      broken.length === 0
        ? 'Every import ended as the undisturbed one.'
        : `${broken.length} imports did not end as the undisturbed one: seeds ${broken.map(({ seed }) => seed).join(', ')}.`,
      ...[...skipped].map((what) => `Left out: ${what}.`),
    ].join('\n'),
  };
}

const LEAST_MET = 0.8;
