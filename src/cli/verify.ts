import { Command } from 'commander';
import type { Checked, Example } from '../storage/verify/check.ts';
import { type Verification, verifyStored } from '../storage/verify/verify.ts';
import { type SymbolOptions, addSymbolOptions, readSymbolOptions } from './chosen-symbols.ts';
import type { CliContext } from './context.ts';
import { countOf, grouped } from '../count-text.ts';
import { alignTable } from './table.ts';

const BROKEN_EXIT = 3;

/** `tickstock verify`: whether what is stored keeps its laws. */
export function verifyCommand(cli: CliContext): Command {
  return addSymbolOptions(new Command('verify'))
    .description('check coverage, bars, absences and views against each other and the calendar')
    .option('--json', 'print one JSON object')
    .action(async (options: SymbolOptions & { json?: true }) => {
      const symbolsOf = readSymbolOptions(options);
      const verified = await cli.withApp(cli.settings(), async (app) => {
        const symbols = await symbolsOf(app);
        return app.database.transaction('verify what is stored', (client) => verifyStored(client, symbols));
      });
      cli.out.write(options.json ? `${JSON.stringify(toJson(verified))}\n` : render(verified));
      cli.err.write(conclude(verified));
      if (!isClean(verified)) cli.exitWith(BROKEN_EXIT);
    });
}

const isClean = ({ laws }: Verification): boolean => laws.every(({ found }) => found === 0);

function toJson(verified: Verification): object {
  const toCheck = ({ name, words, found, examples }: Checked) => ({
    name,
    law: words,
    ok: found === 0,
    found,
    examples: examples.map((example) => ({ ...example, next: nextFor(example) })),
  });
  return {
    ok: isClean(verified),
    ...verified.extent,
    checks: verified.laws.map(toCheck),
    findings: verified.findings
      .map(toCheck)
      .map(({ name, law, found, examples }) => ({ name, what: law, found, examples })),
  };
}

/** A line for each check, with a few examples below those that found something. */
function render({ laws, findings }: Verification): string {
  return [
    ...laws.map((law) => renderCheck(law, law.found === 0 ? 'ok' : 'broken')),
    ...findings.map((finding) => renderCheck(finding, finding.found === 0 ? 'none' : 'look')),
  ].join('');
}

function renderCheck({ words, found, examples }: Checked, state: string): string {
  const line = `${state.padEnd(6)}  ${words}${found === 0 ? '' : `: ${grouped(found)}`}\n`;
  if (found === 0) return line;
  const [, ...rows] = alignTable(
    ['', '', '', '', ''],
    examples.map((example) => [
      example.symbol,
      example.timeframe,
      example.session,
      example.detail,
      nextFor(example),
    ]),
  ).split('\n');
  return line + rows.map((row) => (row === '' ? '' : `        ${row}\n`)).join('');
}

/** The command that shows more of it. */
const nextFor = ({ symbol, timeframe, session }: Example): string =>
  timeframe === 'daily' || timeframe === 'hourly'
    ? `tickstock explain ${symbol} ${session}`
    : `tickstock bars ${symbol} --timeframe ${timeframe} --from ${session} --to ${session}`;

function conclude(verified: Verification): string {
  const { extent, laws, findings, runInProgress } = verified;
  if (extent.bars === 0 && extent.sessions === 0)
    return 'Nothing is stored of that. Import it: tickstock import\n';
  const what = `${countOf(extent.symbols, 'symbol')}, ${countOf(extent.bars, 'bar')}, ${countOf(extent.sessions, 'covered session')}`;
  const broken = laws.filter(({ found }) => found > 0);
  const busy =
    runInProgress === null
      ? ''
      : `Run ${runInProgress} is at work; absences get their reasons at its end. Verify again then.\n`;
  if (broken.length === 0) {
    const look = findings.some(({ found }) => found > 0) ? ' Look at what was found beside them.' : '';
    return `All ${laws.length} laws hold for ${what}.${look}\n${busy}`;
  }
  return (
    `${broken.length} of ${laws.length} laws are broken for ${what}. Look with the commands beside the examples, then ask for those sessions ` +
    `again: ${askAgain(broken)}. What stays broken is a defect: please report it with the output of tickstock verify --json.\n${busy}`
  );
}

function askAgain(broken: readonly Checked[]): string {
  const examples = broken.flatMap((law) => law.examples);
  const symbols = [...new Set(examples.map(({ symbol }) => symbol))];
  const sessions = examples.map(({ session }) => session).toSorted();
  return `tickstock import --symbols ${symbols.join(',')} --from ${sessions[0]} --to ${sessions.at(-1)} --refresh`;
}
