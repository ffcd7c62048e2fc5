import { useState } from 'react';
import type { Bars } from '../api/types.ts';
import { Table } from '../parts/table.tsx';
import { words } from '../parts/words.ts';
import { alignedPriceText, volumeText } from './bar-words.ts';
import { placeOf, placeWords } from './places.ts';

const PAGE = 100;

/** The bars as a table, the newest first. */
export function BarTable({ answer, label }: { readonly answer: Bars; readonly label: string }) {
  const [page, setPage] = useState(0);
  const { bars, timeframe } = answer;
  const pages = Math.ceil(bars.length / PAGE);
  const at = Math.min(page, pages - 1);
  const shown = bars.slice(Math.max(bars.length - (at + 1) * PAGE, 0), bars.length - at * PAGE).toReversed();
  return (
    <>
      <Table
        label={label}
        columns={[
          timeframe === 'hourly' ? 'Hour, New York' : 'Date',
          { number: 'Open' },
          { number: 'High' },
          { number: 'Low' },
          { number: 'Close' },
          { number: 'Volume' },
          { number: 'VWAP' },
          { number: 'Trades' },
          'State',
        ]}
      >
        {shown.map((bar) => (
          <tr key={bar.date}>
            <td>{placeWords(placeOf(bar.date), timeframe).replace(' New York', '')}</td>
            <td className="number">{alignedPriceText(bar.open)}</td>
            <td className="number">{alignedPriceText(bar.high)}</td>
            <td className="number">{alignedPriceText(bar.low)}</td>
            <td className="number">{alignedPriceText(bar.close)}</td>
            <td className="number">{volumeText(bar.volume)}</td>
            <td className="number">{bar.vwap === null ? '–' : alignedPriceText(bar.vwap)}</td>
            <td className="number">{bar.trades === null ? '–' : words.whole(bar.trades)}</td>
            <td>{bar.final ? 'final' : 'may still change'}</td>
          </tr>
        ))}
      </Table>
      {pages > 1 && (
        <div className="actions">
          <button type="button" disabled={at === 0} onClick={() => setPage(at - 1)}>
            Newer
          </button>
          <button type="button" disabled={at === pages - 1} onClick={() => setPage(at + 1)}>
            Older
          </button>
          <output>
            Page {at + 1} of {pages}
          </output>
        </div>
      )}
    </>
  );
}
