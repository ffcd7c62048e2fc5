import { Link } from 'wouter';
import type { Coverage } from '../api/types.ts';
import { addressOfSymbol } from '../parts/symbol-link.tsx';
import { Table } from '../parts/table.tsx';
import { words } from '../parts/words.ts';
import type { Gaps } from './runs.ts';
import { meaningOf } from './states.ts';

const MOST = 50;

/** The symbols with the most gaps, in words. */
export function GapTable({
  coverage,
  gaps,
}: {
  readonly coverage: Coverage;
  readonly gaps: readonly Gaps[];
}) {
  const worst = gaps
    .filter(({ sessions }) => sessions > 0)
    .toSorted((a, b) => b.sessions - a.sessions)
    .slice(0, MOST);
  return (
    <section aria-labelledby="gaps">
      <h2 id="gaps">Most gaps</h2>
      {worst.length === 0 ? (
        <p className="empty">
          No gaps: of what was imported, every session that is due has its bars, or a reason why not.
        </p>
      ) : (
        <Table
          label="Table of symbols with the most gaps"
          columns={['Symbol', { number: 'Sessions' }, 'Newest', 'Why the newest']}
        >
          {worst.map(({ row: { symbol }, sessions, newest }) => (
            <tr key={symbol}>
              <td>
                <Link data-row href={symbolAddress(symbol, coverage.timeframe)}>
                  {symbol}
                </Link>
              </td>
              <td className="number">{words.whole(sessions)}</td>
              <td>{newest !== null && rangeOf(coverage.sessions, newest)}</td>
              <td>{newest !== null && meaningOf(coverage.states[newest.code]!).name}</td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

/** Where a symbol is shown. */
export const symbolAddress = (symbol: string, timeframe: string): string =>
  `${addressOfSymbol(symbol)}?timeframe=${timeframe}`;

function rangeOf(sessions: readonly string[], { from, before }: { from: number; before: number }): string {
  const [first, last] = [sessions[from]!, sessions[before - 1]!];
  return first === last ? first : `${first} to ${last}`;
}
