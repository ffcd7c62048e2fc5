import { useState } from 'react';
import { useSettings } from '../api/schedule-queries.ts';
import { Failure } from '../parts/failure.tsx';
import { Table } from '../parts/table.tsx';
import { words } from '../parts/words.ts';

/** Every setting as it takes effect, and where it came from. */
export function SettingsTable() {
  const { data, error } = useSettings();
  const [find, setFind] = useState('');
  const wanted = find.trim().toLowerCase();
  const settings = data?.settings ?? [];
  const found = settings.filter(({ name, source, description }) =>
    `${name} ${source} ${description}`.toLowerCase().includes(wanted),
  );
  return (
    <section aria-labelledby="settings">
      <h2 id="settings">Settings of this service</h2>
      <p className="quiet">
        They are read once, when it starts: flags before the environment before the file before the defaults.
      </p>
      <Failure error={error} />
      <div className="filters">
        <label>
          Find
          <input type="search" value={find} onChange={({ target }) => setFind(target.value)} />
        </label>
        {data !== undefined && (
          <output>
            {words.whole(found.length)} of {words.count(settings.length, 'setting')}
          </output>
        )}
      </div>
      <Table label="Table of settings" columns={['Setting', 'Value', 'From', 'What it is']}>
        {found.map(({ name, value, source, description }) => (
          <tr key={name}>
            <td className="mono nowrap">{name}</td>
            <td className="mono nowrap">
              {value === null ? <span className="quiet">(not set)</span> : shown(value)}
            </td>
            <td>{source === 'default' ? <span className="quiet">{source}</span> : source}</td>
            <td className="long">{description}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

const shown = (value: string | number | boolean | string[]): string =>
  Array.isArray(value) ? value.join(', ') || '(none)' : String(value);
