import type { FormEvent } from 'react';
import { Link, useLocation } from 'wouter';
import { Failure } from '../parts/failure.tsx';
import { Pager, usePages } from '../parts/pages.tsx';
import { SymbolLink, addressOfSymbol } from '../parts/symbol-link.tsx';
import { Table } from '../parts/table.tsx';
import { useAddressed } from '../parts/use-addressed.ts';
import { words } from '../parts/words.ts';
import { FetchButton } from '../symbol/fetch-button.tsx';
import { useStoredSymbols } from '../symbol/queries.ts';

/** What may be imported by its symbol; a name may not. */
const SYMBOL = /^[A-Za-z0-9]+(?:[./-][A-Za-z0-9]+)*$/;

/** The stored symbols, found as one types; what is looked for is in the address. */
export function SymbolsView() {
  const find = useAddressed('find');
  const [, go] = useLocation();
  const wanted = find.settled.trim();
  const pages = usePages(wanted);
  const { data, error } = useStoredSymbols({
    limit: '100',
    ...(wanted !== '' && { find: wanted }),
    ...pages.cursor,
  });
  const symbols = data?.symbols ?? [];
  const openFirst = (event: FormEvent): void => {
    event.preventDefault();
    const exact = symbols.find(({ symbol }) => symbol.toLowerCase() === find.text.trim().toLowerCase());
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
            value={find.text}
            onChange={({ target }) => find.write(target.value)}
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
      <Pager pages={pages} next={data?.next_cursor} names={['Before', 'Next']} />
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
