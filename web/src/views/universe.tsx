import { useState } from 'react';
import { Link } from 'wouter';
import { useUniverse } from '../api/queries.ts';
import { Failure } from '../parts/failure.tsx';
import { Table } from '../parts/table.tsx';
import { words } from '../parts/words.ts';

/** A universe and its members. */
export function UniverseView({ name }: { readonly name: string }) {
  const [find, setFind] = useState('');
  const { data, error } = useUniverse(name);
  const wanted = find.trim().toLowerCase();
  const members = (data?.members ?? []).filter((one) =>
    `${one.symbol} ${one.name ?? ''} ${one.sector ?? ''}`.toLowerCase().includes(wanted),
  );
  return (
    <>
      <h1>{name}</h1>
      <Failure error={error} />
      <div className="filters">
        <label>
          Find
          <input type="search" value={find} onChange={({ target }) => setFind(target.value)} />
        </label>
        {data !== undefined && (
          <output>
            {words.whole(members.length)} of {words.count(data.total_symbols, 'member')}
          </output>
        )}
      </div>
      {data !== undefined && (
        <Table label="Table of members" columns={['Symbol', 'Name', 'Sector']}>
          {members.map((one) => (
            <tr key={one.symbol}>
              <td className="mono">{one.symbol}</td>
              <td>{one.name}</td>
              <td>{one.sector}</td>
            </tr>
          ))}
        </Table>
      )}
      <p className="quiet">
        <Link href="/universes">All universes</Link>
      </p>
    </>
  );
}
