import { Command } from 'commander';
import { createClock } from '../clock.ts';
import { initialScheduleOf } from '../config.ts';
import { toInstant } from '../events/announcement.ts';
import { newYorkDate, newYorkOffset } from '../market/new-york.ts';
import { nextFirings, triggerTime } from '../planning/firing.ts';
import { readSchedule } from '../storage/schedule.ts';
import type { CliContext } from './context.ts';
import { alignTable } from './table.ts';

const SHOWN = 10;

/** `tickstock schedule`: when the nightly import comes next. */
export function scheduleCommand(cli: CliContext): Command {
  return new Command('schedule')
    .description('show the next ten nightly imports')
    .option('--json', 'print one JSON object')
    .action(async (options: { json?: true }) => {
      const settings = cli.settings();
      const now = createClock(settings.find('now')).now();
      const schedule = await cli.withApp(settings, (app) =>
        readSchedule(app.database.pool, { ...initialScheduleOf(settings), enabledSince: new Date(now) }),
      );
      const next = schedule.enabled ? nextFirings(now, schedule.delayMinutes, SHOWN) : [];
      if (options.json) {
        const firings = next.map(({ session, at, earlyClose }) => ({
          session,
          at: toInstant(at),
          early_close: earlyClose,
        }));
        cli.out.write(
          `${JSON.stringify({ enabled: schedule.enabled, delay_minutes: schedule.delayMinutes, trigger_time: triggerTime(schedule.delayMinutes), timezone: 'America/New_York', universes: schedule.universes, timeframes: schedule.timeframes, next_runs: firings })}\n`,
        );
        return;
      }
      if (!schedule.enabled) {
        cli.err.write(
          'The schedule is off. Turn it on with PUT /api/processing/schedule {"enabled": true}.\n',
        );
        return;
      }
      const rows = next.map(({ session, at, earlyClose }) => [
        session,
        wallTime(at),
        toInstant(at),
        earlyClose ? 'early close' : '',
      ]);
      cli.out.write(alignTable(['session', 'New York', 'UTC', ''], rows));
      cli.err.write(
        `${schedule.universes.join(', ')} · ${schedule.timeframes.join(', ')}, ${schedule.delayMinutes} min after each close, while tickstock serve runs\n`,
      );
    });
}

/** `2026-11-25 16:10`, New York. */
const wallTime = (at: number): string =>
  `${newYorkDate(at)} ${new Date(at + newYorkOffset(at)).toISOString().slice(11, 16)}`;
