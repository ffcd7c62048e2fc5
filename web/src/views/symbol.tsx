import { useMutation } from '@tanstack/react-query';
import { Suspense, lazy, useMemo } from 'react';
import { Link, useSearchParams } from 'wouter';
import { Refused } from '../api/client.ts';
import type { Bars as Answer, SymbolFacts, Timeframe } from '../api/types.ts';
import { Choices } from '../parts/choices.tsx';
import { Failure } from '../parts/failure.tsx';
import { withParams } from '../parts/with-params.ts';
import { words } from '../parts/words.ts';
import { BarTable } from '../symbol/bar-table.tsx';
import { Facts } from '../symbol/facts.tsx';
import { FetchButton } from '../symbol/fetch-button.tsx';
import { toColumns } from '../symbol/places.ts';
import { type Wanted, downloadCsv, useBars, useSymbolFacts } from '../symbol/queries.ts';
import { type Change, RangeChoice } from '../symbol/range-choice.tsx';
import '../symbol/symbol.css';

/** Only who looks at a chart loads what draws it. */
const Chart = lazy(() => import('../symbol/chart.tsx'));

const TIMEFRAMES = [
  ['hourly', 'hourly'],
  ['daily', 'daily'],
  ['weekly', 'weekly'],
  ['monthly', 'monthly'],
] as const;
const PRICES = [
  ['true', 'adjusted'],
  ['false', 'raw'],
] as const;
const SHOWS = [
  ['chart', 'chart'],
  ['table', 'table'],
] as const;

/** A symbol's bars, and what is known of it. What is looked at is in the address. */
export function SymbolView({ symbol: named }: { readonly symbol: string }) {
  const facts = useSymbolFacts(named);
  const symbol = facts.data?.symbol ?? named;
  const unknown = facts.error instanceof Refused && facts.error.status === 404 ? facts.error : null;
  return (
    <>
      <h1>
        {symbol} {facts.data?.name != null && <span className="company">{facts.data.name}</span>}
      </h1>
      {unknown !== null ? (
        <>
          <p className="empty">{unknown.message}</p>
          <div className="actions">
            <FetchButton isMain name={`Import ${symbol}`} trigger={{ symbols: [symbol] }} />
          </div>
        </>
      ) : (
        <Failure error={facts.error} />
      )}
      {facts.data !== undefined && <Stored facts={facts.data} />}
      <p className="quiet">
        <Link href="/symbols">All symbols</Link>
      </p>
    </>
  );
}

function Stored({ facts }: { readonly facts: SymbolFacts }) {
  const [search, setSearch] = useSearchParams();
  const wanted = readWanted(facts.symbol, search);
  const isTable = search.get('show') === 'table';
  const change: Change = (values) => setSearch((before) => withParams(before, values));
  const isRolledUp = wanted.timeframe === 'weekly' || wanted.timeframe === 'monthly';
  return (
    <div className="symbol">
      <section aria-label="Bars" className="bars">
        <div className="bar-choices">
          <Choices
            label="Timeframe"
            of={TIMEFRAMES}
            chosen={wanted.timeframe}
            choose={(timeframe) => change({ timeframe })}
          />
          {isRolledUp ? (
            <span className="quiet">adjusted: rolled up from adjusted days</span>
          ) : (
            <Choices
              label="Prices"
              of={PRICES}
              chosen={wanted.isAdjusted ? 'true' : 'false'}
              choose={(adjusted) => change({ adjusted })}
            />
          )}
          <Choices
            label="Shown as"
            of={SHOWS}
            chosen={isTable ? 'table' : 'chart'}
            choose={(show) => change({ show })}
          />
        </div>
        <RangeChoice facts={facts} wanted={wanted} change={change} />
        <Bars facts={facts} wanted={wanted} isTable={isTable} />
      </section>
      <Facts facts={facts} />
    </div>
  );
}

function readWanted(symbol: string, search: URLSearchParams): Wanted {
  const timeframe = TIMEFRAMES.find(([value]) => value === search.get('timeframe'))?.[0] ?? 'daily';
  const isBase = timeframe === 'hourly' || timeframe === 'daily';
  return {
    symbol,
    timeframe,
    isAdjusted: !isBase || search.get('adjusted') !== 'false',
    from: search.get('from'),
    to: search.get('to'),
  };
}

function Bars(props: { readonly facts: SymbolFacts; readonly wanted: Wanted; readonly isTable: boolean }) {
  const { facts, wanted, isTable } = props;
  const { from, to } = wanted;
  const { data, error, isFetching } = useBars(wanted);
  const save = useMutation({ mutationFn: downloadCsv });
  const columns = useMemo(
    () => (data === undefined ? [] : toColumns(data.bars, facts, data.timeframe, to)),
    [data, facts, to],
  );
  return (
    <div className="shown" aria-busy={isFetching}>
      <Failure error={error} />
      {data?.bars.length === 0 && <NoBars wanted={wanted} />}
      {data !== undefined && data.bars.length > 0 && (
        <>
          {isTable ? (
            <BarTable
              key={`${data.timeframe} ${from} ${to}`}
              label={`Table of ${whatOf(data)}`}
              answer={data}
            />
          ) : (
            <Suspense fallback={<p className="price-chart quiet">The chart is loading…</p>}>
              <Chart
                key={`${data.timeframe} ${from} ${to}`}
                label={`Chart of ${whatOf(data)}`}
                columns={columns}
                timeframe={data.timeframe}
                isAllInSight={(from ?? to) !== null}
              />
            </Suspense>
          )}
          <p className="quiet">{cutWords(data.bars.length, data.next_after, (from ?? to) !== null)}</p>
        </>
      )}
      <div className="actions">
        <button
          type="button"
          disabled={data === undefined || data.bars.length === 0 || save.isPending}
          onClick={() => save.mutate(wanted)}
        >
          Download CSV
        </button>
        {data !== undefined && data.bars.length > 0 && (
          <FetchButton name="Fetch this again" trigger={{ ...triggerOf(wanted), refresh: true }} />
        )}
        <Failure error={save.error} />
      </div>
    </div>
  );
}

const whatOf = ({ symbol, timeframe, adjusted }: Answer): string =>
  `${symbol}, ${timeframe} bars, ${adjusted ? 'adjusted for splits' : 'as traded'}`;

const triggerOf = ({ symbol, timeframe, from, to }: Wanted) => ({
  symbols: [symbol],
  timeframes: [timeframe] as Timeframe[],
  ...(from !== null && { from, ...(to !== null && { to }) }),
});

/** As many as the service gives where no dates are chosen. */
const NEWEST = 5000;

function cutWords(bars: number, nextAfter: string | null, isRange: boolean): string {
  if (nextAfter !== null)
    return `The first ${words.count(bars, 'bar')} of these dates; choose fewer to see the others.`;
  if (!isRange && bars === NEWEST)
    return `The newest ${words.count(bars, 'bar')}; choose dates to see earlier ones.`;
  return words.count(bars, 'bar');
}

function NoBars({ wanted }: { readonly wanted: Wanted }) {
  const { from, to } = wanted;
  if (from !== null && to !== null && from > to)
    return <p className="empty">The first date lies after the last one: choose them the other way round.</p>;
  const isRange = (from ?? to) !== null;
  return (
    <>
      <p className="empty">
        No {wanted.timeframe} bars of {wanted.symbol} are stored{isRange && ' on these dates'}.{' '}
        {isRange ? 'Choose others, or import them.' : 'Import them, and they appear here.'}
      </p>
      <div className="actions">
        <FetchButton isMain name={`Import ${wanted.timeframe} bars`} trigger={triggerOf(wanted)} />
      </div>
    </>
  );
}
