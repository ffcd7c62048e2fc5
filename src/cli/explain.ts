import { Command } from 'commander';
import {
  closureReason,
  latestClosedSession,
  nextSession,
  previousSession,
  sessionHours,
} from '../market/calendar.ts';
import type { IsoDate } from '../market/date.ts';
import { parseSymbol } from '../market/symbol.ts';
import { type SessionFacts, findSpelling, readSessionFacts } from '../storage/session-facts.ts';
import type { CliContext } from './context.ts';
import { type Explained, importCommandFor, renderExplained, verdictOf } from './explain-words.ts';
import { parseDate } from './parse-options.ts';

/** `tickstock explain`: everything known about one session of one symbol. */
export function explainCommand(cli: CliContext): Command {
  return new Command('explain')
    .description('say what is known of one session of one symbol: bars, why there are none, requests')
    .argument('<symbol>')
    .argument('<date>', 'a New York date')
    .option('--json', 'print one JSON object')
    .action(async (symbolText: string, dateText: string, options: { json?: true }) => {
      const symbol = parseSymbol(symbolText);
      const date = parseDate(dateText, 'the date');
      const { facts, spelling, names, now } = await cli.withApp(cli.settings(), async (app) => ({
        ...(await app.database.transaction('read what is known', async (client) => ({
          facts: await readSessionFacts(client, symbol, date),
          spelling: await findSpelling(client, symbol),
        }))),
        names: (await app.renames.history()).namesOn(symbol, date),
        now: app.clock.now(),
      }));
      const explained: Explained = { symbol, date, day: dayOf(date, now), facts, names };
      cli.out.write(
        options.json ? `${JSON.stringify(toJson(explained, facts))}\n` : renderExplained(explained),
      );
      if (!facts.isKnown) cli.err.write(strangerWords(explained, spelling));
    });
}

/** What to do about a symbol of which nothing is stored. */
function strangerWords({ symbol, date, day, names }: Explained, spelling: string | null): string {
  if (names.length > 0) return `Nothing is stored of ${symbol}: it was never asked for.\n`;
  const other = spelling === null ? '' : ` Did you mean ${spelling}? Case matters.`;
  const session = day.isSession ? date : day.before;
  const next = day.isSession && !day.isOver ? '' : ` Import it: ${importCommandFor(symbol, session)}`;
  return `Nothing is stored of ${symbol}: it was never asked for.${other}${next}\n`;
}

/** What the calendar says of a date. */
function dayOf(date: IsoDate, now: number): Explained['day'] {
  const closed = closureReason(date);
  if (closed !== null) {
    return {
      isSession: false,
      closureReason: closed,
      before: previousSession(date),
      after: nextSession(date),
    };
  }
  const { opensAt, closesAt, earlyClose } = sessionHours(date);
  return {
    isSession: true,
    opensAt: new Date(opensAt),
    closesAt: new Date(closesAt),
    isEarlyClose: earlyClose,
    isOver: date <= latestClosedSession(now),
  };
}

function toJson({ symbol, date, day, names }: Explained, facts: SessionFacts): object {
  return {
    symbol,
    date,
    calendar: day.isSession
      ? {
          is_session: true,
          opens_at: day.opensAt,
          closes_at: day.closesAt,
          early_close: day.isEarlyClose,
          is_over: day.isOver,
        }
      : {
          is_session: false,
          closure_reason: day.closureReason,
          session_before: day.before,
          session_after: day.after,
        },
    known: facts.isKnown,
    renames: names,
    timeframes: facts.series.map((series) => ({
      timeframe: series.timeframe,
      asked: series.isCovered,
      to_be_asked_again: series.isProvisional,
      rule: verdictOf({ symbol, date, day, facts, names }, series).rule,
      bars: series.bars.map(({ startsAt, createdAt, updatedAt, ...values }) => ({
        starts_at: startsAt,
        ...values,
        stored_at: createdAt,
        updated_at: updatedAt,
      })),
      revisions: series.revisions.map(({ startsAt, storedAt, replacedAt, ...values }) => ({
        starts_at: startsAt,
        ...values,
        stored_at: storedAt,
        replaced_at: replacedAt,
      })),
      rejected: series.rejects.map(({ startsAt, runId, seenAt, ...values }) => ({
        starts_at: startsAt,
        ...values,
        run_id: runId,
        seen_at: seenAt,
      })),
      absence:
        series.absence === null
          ? null
          : {
              reason: series.absence.reason,
              grouped_rows: series.absence.groupedRows,
              noticed_at: series.absence.noticedAt,
            },
      refused_through: series.refusedThrough,
    })),
    listing:
      facts.life === null
        ? null
        : {
            listed_on: facts.life.listedOn,
            delisted_on: facts.life.delistedOn,
            looked_on: facts.life.lookedOn,
          },
    market_days: facts.marketDays,
    splits: facts.splits.map(({ executionDate, from, to, firstSeenAt }) => ({
      execution_date: executionDate,
      split_from: from,
      split_to: to,
      first_seen_at: firstSeenAt,
    })),
    requests: facts.requests.map((request) => ({
      run_id: request.runId,
      n: request.n,
      attempt: request.attempt,
      ended_at: request.endedAt,
      route: request.route,
      symbol: request.symbol,
      from: request.from,
      to: request.to,
      purpose: request.purpose,
      tries: request.tries,
      status: request.status,
      rows: request.rows,
      request_id: request.requestId,
      wait_ms: request.waitMs,
      net_ms: request.netMs,
      store_ms: request.storeMs,
      bytes: request.bytes,
      error_code: request.errorCode,
    })),
  };
}
