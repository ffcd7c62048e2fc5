import type { IsoDate } from '../market/date.ts';
import type { NameSpan } from '../market/name-history.ts';
import { newYorkOffset } from '../market/new-york.ts';
import type { Revision, SeriesFacts, SessionFacts } from '../storage/session-facts.ts';
import { otherOf, ruleSentences } from '../absence-words.ts';
import { countOf, grouped } from '../count-text.ts';
import { nameText, namesText } from './name-words.ts';
import { alignTable } from './table.ts';

/** One session of one symbol, with what the calendar and the database know of it. */
export interface Explained {
  readonly symbol: string;
  readonly date: IsoDate;
  readonly day:
    | {
        readonly isSession: true;
        readonly opensAt: Date;
        readonly closesAt: Date;
        readonly isEarlyClose: boolean;
        /** It has closed. */
        readonly isOver: boolean;
      }
    | {
        readonly isSession: false;
        readonly closureReason: string;
        readonly before: IsoDate;
        readonly after: IsoDate;
      };
  readonly facts: SessionFacts;
  /** Under which names to look for it on that date, when it was not yet or no longer the symbol's. */
  readonly names: readonly NameSpan[];
}

/** How a timeframe of the session stands, and the rule that says so. */
export function verdictOf(
  { symbol, date, day, facts, names }: Explained,
  series: SeriesFacts,
): { readonly state: string; readonly rule: string } {
  const { bars, absence, timeframe } = series;
  if (bars.length > 0) {
    const isFinal = bars.every(({ final }) => final);
    const revised = series.revisions.length > 0 ? ', revised' : '';
    return {
      state: `${countOf(bars.length, 'bar')}, ${isFinal ? 'final' : 'to be asked again'}${revised}`,
      rule: isFinal
        ? 'The bars kept every row rule, and were answered after the next session had closed.'
        : 'The bars kept every row rule, and are asked again once the next session has closed.',
    };
  }
  if (absence !== null) return { state: `no bar: ${absence.reason}`, rule: ruleSentences[absence.reason] };
  if (!day.isSession) {
    return { state: 'no bar', rule: 'No bar is expected: the date is no trading session.' };
  }
  if (series.isCovered) {
    return {
      state: 'no bar, and no reason',
      rule: `Asked and answered, yet neither a bar nor an absence is stored. See: tickstock verify --symbols ${symbol}`,
    };
  }
  if (!day.isOver) return { state: 'not due', rule: 'The session is not over yet.' };
  if (facts.life?.delistedOn && facts.life.delistedOn <= date)
    return { state: 'never asked', rule: ruleSentences.delisted };
  if (facts.life?.listedOn && facts.life.listedOn > date)
    return { state: 'never asked', rule: ruleSentences.not_listed };
  if (series.refusedThrough !== null && series.refusedThrough >= date)
    return { state: 'never answered', rule: ruleSentences.clipped };
  if (names.length > 0) return { state: 'never asked', rule: `The symbol was renamed: ${namesText(names)}.` };
  return {
    state: 'never asked',
    rule: `No import asked for the ${timeframe} bars of the session. Ask: ${importCommandFor(symbol, date)}`,
  };
}

export const importCommandFor = (symbol: string, date: IsoDate): string =>
  `tickstock import --symbols ${symbol} --from ${date} --to ${date}`;

/** What is known, for people: facts first, then tables of bars, of what they were before, of rejects and requests. */
export function renderExplained(explained: Explained): string {
  const { symbol, date, facts, names } = explained;
  const rows: [string, string][] = [
    [symbol, `${date}, ${dayWords(explained.day)}`],
    ['listing', lifeWords(facts)],
    ['all stocks', marketWords(facts, date)],
    ...names.map((name): [string, string] => [
      'renamed',
      `${nameText(name)}. See: tickstock explain ${name.symbol} ${date}`,
    ]),
  ];
  for (const series of facts.series) {
    const { state, rule } = verdictOf(explained, series);
    rows.push([series.timeframe, state], ['', rule]);
    const evidence = evidenceOf(facts, series);
    if (evidence !== null) rows.push(['', `Evidence: ${evidence}.`]);
  }
  for (const split of facts.splits) {
    rows.push([
      'split',
      split.executionDate > date
        ? `${split.to} for ${split.from} on ${split.executionDate}: the views give this session's prices times ${split.from}/${split.to} from that day on`
        : `${split.to} for ${split.from} on this day: it is the first session in new shares`,
    ]);
  }
  if (facts.series.some(({ isCovered, bars }) => isCovered && bars.length === 0) && explained.day.isSession)
    rows.push(['ask again', `${importCommandFor(symbol, date)} --refresh`]);
  const width = Math.max(...rows.map(([name]) => name.length));
  const head = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
  return [head, ...facts.series.flatMap(seriesTables), requestTable(facts)]
    .filter((part) => part !== '')
    .join('\n');
}

function dayWords(day: Explained['day']): string {
  if (!day.isSession)
    return `no trading session (${day.closureReason}); those beside it are ${day.before} and ${day.after}`;
  const hours = `${newYorkTime(day.opensAt)} to ${newYorkTime(day.closesAt)} New York`;
  return `a trading session, ${hours}${day.isEarlyClose ? ' (early close)' : ''}${day.isOver ? '' : ', not over yet'}`;
}

function lifeWords({ life }: SessionFacts): string {
  if (life === null) return 'not looked up';
  const listed = life.listedOn === null ? 'listing date unknown' : `listed ${life.listedOn}`;
  const delisted = life.delistedOn === null ? '' : `, delisted ${life.delistedOn}`;
  return `${listed}${delisted}, looked up ${life.lookedOn}`;
}

function marketWords({ marketDays }: SessionFacts, date: IsoDate): string {
  const own = marketDays.find(({ session }) => session === date);
  const others = marketDays.filter(({ session }) => session !== date).map(({ stocks }) => stocks);
  const [least, most] = [Math.min(...others), Math.max(...others)];
  const around = least === most ? grouped(most) : `${grouped(least)} to ${grouped(most)}`;
  const beside = others.length === 0 ? '' : `; ${countOf(others.length, 'session')} around it had ${around}`;
  return own === undefined ? `not asked for this day${beside}` : `${countOf(own.stocks, 'stock')}${beside}`;
}

/** What speaks for the reason of an absence beyond what is shown of listing and all stocks; null when nothing does. */
function evidenceOf(
  facts: SessionFacts,
  { absence, timeframe, refusedThrough, rejects }: SeriesFacts,
): string | null {
  if (absence === null) return null;
  const daily = facts.series.find((series) => series.timeframe === 'daily');
  const stocks = absence.groupedRows ?? (timeframe === 'hourly' ? daily?.absence?.groupedRows : null) ?? null;
  switch (absence.reason) {
    case 'rejected':
      return rejects[0] === undefined
        ? null
        : `${countOf(rejects.length, 'bar')} in quarantine: ${rejects[0].reason}`;
    case 'clipped':
      return `refused up to ${refusedThrough}`;
    case 'vendor_gap':
      return `${otherOf(timeframe)} bars of the session are stored`;
    case 'not_listed':
    case 'delisted':
    case 'vendor_outage':
      return null;
    default:
      return stocks === null ? null : `the bars of all stocks had ${grouped(stocks)} others`;
  }
}

const VALUES = ['open', 'high', 'low', 'close', 'volume', 'vwap', 'trades'] as const;

function seriesTables({ timeframe, bars, revisions, rejects }: SeriesFacts): string[] {
  const values = (bar: Pick<Revision, (typeof VALUES)[number]>): (number | null)[] =>
    VALUES.map((name) => bar[name]);
  return [
    table(
      [timeframe, ...VALUES, 'final', 'stored', 'changed'],
      bars.map((bar) => [
        stampOf(bar.startsAt, timeframe),
        ...values(bar),
        bar.final ? 'yes' : 'not yet',
        instant(bar.createdAt),
        bar.updatedAt.getTime() === bar.createdAt.getTime() ? '' : instant(bar.updatedAt),
      ]),
    ),
    table(
      [`${timeframe}, before`, ...VALUES, 'stored', 'replaced'],
      revisions.map((bar) => [
        stampOf(bar.startsAt, timeframe),
        ...values(bar),
        instant(bar.storedAt),
        instant(bar.replacedAt),
      ]),
    ),
    table(
      [`${timeframe}, rejected`, 'open', 'high', 'low', 'close', 'volume', 'why', 'seen'],
      rejects.map((bar) => [
        stampOf(bar.startsAt, timeframe),
        bar.open,
        bar.high,
        bar.low,
        bar.close,
        bar.volume,
        bar.reason,
        instant(bar.seenAt),
      ]),
    ),
  ];
}

function requestTable({ requests }: SessionFacts): string {
  if (requests.length === 0)
    return 'No request for it is on record: none was sent, or requests.keep_days are over.\n';
  return table(
    [
      'request',
      'route',
      'for',
      'purpose',
      'tries',
      'status',
      'rows',
      'wait ms',
      'net ms',
      'store ms',
      'id',
      'run',
    ],
    requests.map((request) => [
      instant(request.endedAt),
      request.route,
      `${request.from} to ${request.to}`,
      request.purpose,
      request.tries,
      request.errorCode === null
        ? (request.status ?? 'none')
        : `${request.status ?? 'none'} ${request.errorCode}`,
      request.rows,
      request.waitMs,
      request.netMs,
      request.storeMs ?? '',
      request.requestId,
      request.runId,
    ]),
  );
}

const table: typeof alignTable = (header, rows) => (rows.length === 0 ? '' : alignTable(header, rows));

const stampOf = (startsAt: Date, timeframe: SeriesFacts['timeframe']): string =>
  timeframe === 'daily' ? 'the day' : newYorkTime(startsAt);

const newYorkTime = (at: Date): string =>
  new Date(at.getTime() + newYorkOffset(at.getTime())).toISOString().slice(11, 16);

const instant = (at: Date): string => `${at.toISOString().slice(0, 19)}Z`;
