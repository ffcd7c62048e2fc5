import type { Universe, UniverseHistory } from '../api/types.ts';
import { SymbolLink } from '../parts/symbol-link.tsx';
import { Table } from '../parts/table.tsx';
import { words } from '../parts/words.ts';

const MOST_SHOWN = 1000;

type Stay = UniverseHistory['stays'][number];

/** A member and the dates of its stay; undefined where they are not known, null being open. */
export type ShownMember = Universe['members'][number] & {
  readonly since?: string | null;
  readonly until?: string | null;
};

/** Members of a date, each with the stay that held on it. */
export function withDates(members: Universe['members'], stays: readonly Stay[], date: string): ShownMember[] {
  const held = stays.filter(({ since, until }) => (since ?? date) <= date && date <= (until ?? date));
  const bySymbol = new Map(held.map((stay) => [stay.symbol, stay]));
  return members.map((member) => {
    const stay = bySymbol.get(member.symbol);
    return stay === undefined ? member : { ...member, since: stay.since, until: stay.until };
  });
}

/** Members, the first thousand of them; with `toggle` each has a box that marks it for removal. */
export function MemberTable(props: {
  readonly members: readonly ShownMember[];
  readonly removed: ReadonlySet<string>;
  readonly toggle: ((symbol: string) => void) | undefined;
}) {
  const { members, removed, toggle } = props;
  const left = members.length - MOST_SHOWN;
  return (
    <>
      <Table
        label="Table of members"
        columns={[...(toggle ? [{ unseen: 'Remove' }] : []), 'Symbol', 'Name', 'Sector', 'Since', 'Until']}
      >
        {members.slice(0, MOST_SHOWN).map(({ symbol, name, sector, since, until }) => (
          <tr key={`${symbol} ${since}`} className={toggle && removed.has(symbol) ? 'removed' : ''}>
            {toggle && (
              <td>
                <input
                  type="checkbox"
                  aria-label={`Remove ${symbol}`}
                  checked={removed.has(symbol)}
                  onChange={() => toggle(symbol)}
                />
              </td>
            )}
            <td>
              <SymbolLink symbol={symbol} />
            </td>
            <td>{name}</td>
            <td>{sector}</td>
            <td className="nowrap">{since === null ? 'ever' : (since ?? '–')}</td>
            <td className="nowrap">{until === null ? 'today' : (until ?? '–')}</td>
          </tr>
        ))}
      </Table>
      {left > 0 && <p className="quiet">{words.whole(left)} more: write what to find to see them.</p>}
    </>
  );
}
