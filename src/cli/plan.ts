import { Command } from 'commander';
import { createClock } from '../clock.ts';
import type { PlanReport } from '../planning/plan-report.ts';
import type { CliContext } from './context.ts';
import { grouped } from '../count-text.ts';
import { type ImportOptions, addImportOptions, flagsOf, readOptions, resolveRequest } from './import.ts';
import { alignTable } from './table.ts';

/** `tickstock plan`: what the same flags of `import` would ask of the vendor; nothing is fetched. */
export function planCommand(cli: CliContext): Command {
  return addImportOptions(new Command('plan'))
    .description('the requests an import would make; nothing is fetched')
    .option('--json', 'print one JSON object')
    .action(async (options: ImportOptions) => {
      const settings = cli.settings(flagsOf(options));
      const asked = readOptions(options, settings, createClock(settings.find('now')).now());
      const report = await cli.withApp(settings, async (app) =>
        app.planImport(await resolveRequest(app, asked)),
      );
      cli.out.write(options.json === true ? `${JSON.stringify(report)}\n` : render(report));
    });
}

function render(report: PlanReport): string {
  const { by_route: routes } = report;
  const rows: [string, string][] = [
    ['requests', grouped(report.requests)],
    ['  all stocks of a session', grouped(routes.grouped_daily)],
    ['  days of a symbol', grouped(routes.range_daily)],
    ['  hours of a symbol', `${grouped(routes.range_hourly)}${laterPages(report.later_pages_at_most)}`],
    ['  splits', grouped(routes.splits)],
    ['one series at a time', grouped(report.naive_requests)],
    ['bytes', `about ${(report.bytes_estimate / 1_000_000).toFixed(1)} MB before compression`],
    ['time at the pacing', `${grouped(report.seconds_estimate)} s`],
    ['symbols', `${grouped(report.symbols_asked)} of ${grouped(report.symbols)} lack something`],
    ['sessions', `${grouped(report.sessions_asked)} of ${grouped(report.sessions)} are asked for`],
  ];
  return alignTable(['plan', ''], rows);
}

const laterPages = (most: number): string =>
  most === 0 ? '' : ` (and at most ${grouped(most)} second pages)`;
