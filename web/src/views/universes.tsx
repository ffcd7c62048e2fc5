import { Link } from 'wouter';
import { useUniverses } from '../api/queries.ts';
import { Failure } from '../parts/failure.tsx';
import { Table } from '../parts/table.tsx';
import { words } from '../parts/words.ts';
import { CombineUniverses } from './combine-universes.tsx';
import { CompareUniverses } from './compare-universes.tsx';
import { NewUniverse } from './new-universe.tsx';

/** The lists of symbols there are, making others, and comparing two. */
export function UniversesView() {
  const { data, error } = useUniverses();
  return (
    <>
      <h1>Universes</h1>
      <Failure error={error} />
      <Table label="Table of universes" columns={['Name', { number: 'Members' }, 'As of', 'Whose', 'From']}>
        {data?.universes.map((one) => (
          <tr key={one.name}>
            <td>
              <Link data-row href={`/universes/${encodeURIComponent(one.name)}`}>
                {one.name}
              </Link>
            </td>
            <td className="number">{words.whole(one.members)}</td>
            <td className="nowrap">{one.as_of}</td>
            <td>{one.kind === 'predefined' ? 'predefined' : 'your own'}</td>
            <td className="long">{one.source}</td>
          </tr>
        ))}
      </Table>
      <datalist id="universe-names">
        {data?.universes.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <div className="beside">
        <NewUniverse />
        <CombineUniverses />
      </div>
      <CompareUniverses />
    </>
  );
}
