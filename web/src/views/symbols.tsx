import { type FormEvent, useEffect, useState } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import { Failure } from '../parts/failure.tsx';
import { SymbolLink, addressOfSymbol } from '../parts/symbol-link.tsx';
import { Table } from '../parts/table.tsx';
import { useSettled } from '../parts/use-settled.ts';
import { words } from '../parts/words.ts';
import { FetchButton } from '../symbol/fetch-button.tsx';
import { useStoredSymbols } from '../symbol/queries.ts';

const SETTLES_MS = 150;
/** What may be imported by its symbol; a name may not. */
const SYMBOL = /^[A-Za-z0-9]+(?:[./-][A-Za-z0-9]+)*$/;

/** The stored symbols, found as one types; what is looked for is in the address. */
export function SymbolsView() {
  const [search, setSearch] = useSearchParams();
  const [find, setFind] = useState(search.get('find') ?? '');
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const [, go] = useLocation();
  const wanted = useSettled(find.trim(), SETTLES_MS);
  const cursor = cursors.at(-1);
  const { data, error } = useStoredSymbols({
    limit: '100',
    ...(wanted !== '' && { find: wanted }),
    ...(cursor !== undefined && { cursor }),
  });
  useEffect(() => setSearch(wanted === '' ? {} : { find: wanted }, { replace: true }), [wanted, setSearch]);
  const symbols = data?.symbols ?? [];
  const next = data?.next_cursor ?? null;
  const openFirst = (event: FormEvent): void => {
    event.preventDefault();
    const exact = symbols.find(({ symbol }) => symbol.toLowerCase() === find.trim().toLowerCase());
    const first = exact ?? symbols[0];
    if (first !== undefined) go(addressOfSymbol(first.symbol));
  };
  return (
    <>
      <h1>Symbols</h1>
      <form role="search" className="filters" onSubmit={openFirst}>
        <label>
          Find by symbol or name; Enter opens the first
          <input
            type="search"
            maxLength={100}
            value={find}
            onChange={({ target }) => {
              setFind(target.value);
              setCursors([]);
            }}
          />
        </label>
      </form>
      <Failure error={error} />
      {data !== undefined && symbols.length === 0 && <NoSymbol wanted={wanted} />}
      {symbols.length > 0 && (
        <Table
          label="Table of stored symbols"
          columns={[
            'Symbol',
            'Name',
            'Timeframes',
            'First session',
            'Last session',
            { number: 'Days' },
            { number: 'Sessions with hours' },
          ]}
        >
          {symbols.map((one) => (
            <tr key={one.symbol}>
              <td>
                <SymbolLink symbol={one.symbol} />
              </td>
              <td>{one.name}</td>
              <td>{one.timeframes.join(', ')}</td>
              <td>{one.first_session}</td>
              <td>{one.last_session}</td>
              <td className="number">{words.whole(one.daily_bars)}</td>
              <td className="number">{words.whole(one.hourly_sessions)}</td>
            </tr>
          ))}
        </Table>
      )}
      <div className="actions">
        {cursors.length > 0 && (
          <button type="button" onClick={() => setCursors(cursors.slice(0, -1))}>
            Before
          </button>
        )}
        {next !== null && (
          <button type="button" onClick={() => setCursors([...cursors, next])}>
            Next
          </button>
        )}
      </div>
    </>
  );
}

function NoSymbol({ wanted }: { readonly wanted: string }) {
  if (wanted === '')
    return (
      <p className="empty">
        Nothing is stored yet. <Link href="/import">Import something</Link>, and it can be looked at here.
      </p>
    );
  return (
    <>
      <p className="empty">No stored symbol begins with “{wanted}” or has it in its name.</p>
      {SYMBOL.test(wanted) && (
        <div className="actions">
          <FetchButton name={`Import ${wanted}`} trigger={{ symbols: [wanted] }} />
        </div>
      )}
    </>
  );
}
