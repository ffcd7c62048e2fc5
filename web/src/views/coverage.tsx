import { useEffect, useMemo, useRef, useState } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import { useEvents } from '../api/live.tsx';
import { useCoverage, useUniverses } from '../api/queries.ts';
import type { Coverage } from '../api/types.ts';
import { Choices } from '../parts/choices.tsx';
import { Failure } from '../parts/failure.tsx';
import { toggled } from '../parts/toggled.ts';
import { withParams } from '../parts/with-params.ts';
import { words } from '../parts/words.ts';
import type { Place } from '../wall/control.ts';
import { GapTable, symbolAddress } from '../wall/gap-table.tsx';
import { Legend } from '../wall/legend.tsx';
import { type Gaps, chooseRows, countStates, gapsOf } from '../wall/runs.ts';
import type { State } from '../wall/states.ts';
import { Wall } from '../wall/wall.tsx';

const TIMEFRAMES = [
  ['daily', 'daily'],
  ['hourly', 'hourly'],
] as const;
const ORDERS = [
  ['symbol', 'by symbol'],
  ['gaps', 'by gaps'],
] as const;
/** While an import is under way the wall is read again no sooner. */
const READ_AGAIN_MS = 5000;
/** The address follows what is shown once it rests. */
const REST_MS = 300;

/** Which sessions of which symbols are there, all at once. What is shown is in the address. */
export function CoverageView() {
  const { address, change } = useAddress();
  const timeframe = address.get('timeframe') === 'hourly' ? 'hourly' : 'daily';
  const universe = address.get('universe') ?? '';
  const { data, error, isPlaceholderData, refetch } = useCoverage({
    timeframe,
    ...(universe !== '' && { universe }),
  });
  const { data: universes } = useUniverses();
  const names = universes?.universes.map(({ name }) => name) ?? [];
  useReadAgain(() => void refetch({ cancelRefetch: false }));
  return (
    <>
      <h1>Coverage</h1>
      <div className="filters">
        <Choices
          label="Timeframe"
          of={TIMEFRAMES}
          chosen={timeframe}
          choose={(value) => change({ timeframe: value })}
        />
        <label>
          Symbols
          <select value={universe} onChange={({ target }) => change({ universe: target.value, top: null })}>
            <option value="">all that were imported</option>
            {(names.includes(universe) || universe === '' ? names : [universe, ...names]).map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {isPlaceholderData && <output className="quiet">Reading…</output>}
      </div>
      <Failure error={error} />
      {data === undefined ? (
        error === null && <p className="empty">Reading…</p>
      ) : isEmpty(data) ? (
        <p className="empty">
          Nothing {timeframe} {universe !== '' && `of ${universe} `}has been imported yet.{' '}
          <Link href="/import">Import something</Link>, and every session of it has its cell here.
        </p>
      ) : (
        <Shown key={`${data.timeframe} ${universe}`} coverage={data} address={address} change={change} />
      )}
    </>
  );
}

function Shown({ coverage, address, change }: { readonly coverage: Coverage } & Address) {
  const [find, setFind] = useState('');
  const [, go] = useLocation();
  const order = address.get('sort') === 'gaps' ? 'gaps' : 'symbol';
  const onlyGaps = address.get('only') === 'gaps';
  const hiddenText = address.get('hide') ?? '';
  const gaps = useMemo(() => coverage.symbols.map((row) => gapsOf(coverage, row)), [coverage]);
  const counts = useMemo(() => countStates(coverage), [coverage]);
  const rows = useMemo(
    () => chooseRows(gaps, { isSortedByGaps: order === 'gaps', onlyGaps }),
    [gaps, order, onlyGaps],
  );
  const hidden = useMemo(
    () => new Set(coverage.states.filter((state) => hiddenText.split(',').includes(state))),
    [coverage, hiddenText],
  );
  const hiddenCodes = useMemo(
    () => new Set([...hidden].map((state) => coverage.states.indexOf(state))),
    [coverage, hidden],
  );
  const found = findSymbol(gaps, find);
  const sought = rows.some(({ symbol }) => symbol === found) ? found : null;
  const toggle = (state: State): void => change({ hide: [...toggled(hidden, state)].join(',') });
  return (
    <>
      <div className="filters">
        <label>
          Find a symbol
          <input type="search" value={find} onChange={({ target }) => setFind(target.value)} />
        </label>
        <Choices label="Order" of={ORDERS} chosen={order} choose={(sort) => change({ sort, top: null })} />
        <label className="inline">
          <input
            type="checkbox"
            checked={onlyGaps}
            onChange={({ target }) => change({ only: target.checked ? 'gaps' : '', top: null })}
          />{' '}
          only with gaps
        </label>
        <output>
          {find !== '' && sought === null
            ? found === null
              ? 'No symbol begins so.'
              : `${found} has no gaps, and only those with gaps are shown.`
            : `${words.whole(rows.length)} of ${words.count(gaps.length, 'symbol')}, ${words.count(coverage.sessions.length, 'session')}`}
        </output>
      </div>
      <Legend states={coverage.states} counts={counts} hidden={hidden} toggle={toggle} />
      {rows.length === 0 ? (
        <p className="empty">
          No symbol has gaps: every session that is due has its bars, or a reason why not.
        </p>
      ) : (
        <Wall
          coverage={coverage}
          rows={rows}
          hidden={hiddenCodes}
          start={placeOf(address)}
          sought={sought}
          moved={({ from, to, top, at }) =>
            change({ from, to, top, at: at === null ? null : `${at.symbol} ${at.session}` }, REST_MS)
          }
          opened={(symbol) => {
            // What the address lacks yet, so that who comes back is where they were.
            change({});
            go(symbolAddress(symbol, coverage.timeframe));
          }}
        />
      )}
      <GapTable coverage={coverage} gaps={gaps} />
    </>
  );
}

/** Of none of the symbols anything was asked for. */
const isEmpty = ({ states, sessions, symbols }: Coverage): boolean =>
  sessions.length === 0 || symbols.every(({ runs }) => runs.length === 2 && states[runs[0]!] === 'not_asked');

function placeOf(address: URLSearchParams): Place {
  const [symbol = '', session = ''] = (address.get('at') ?? '').split(' ');
  return {
    from: address.get('from'),
    to: address.get('to'),
    top: address.get('top'),
    at: session === '' ? null : { symbol, session },
  };
}

/** The symbol that is spelled so, else the first one that begins so. */
function findSymbol(gaps: readonly Gaps[], text: string): string | null {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return null;
  const names = gaps.map(({ row }) => row.symbol);
  return (
    names.find((name) => name.toLowerCase() === wanted) ??
    names.find((name) => name.toLowerCase().startsWith(wanted)) ??
    null
  );
}

type Changes = Readonly<Record<string, string | null>>;

interface Address {
  readonly address: URLSearchParams;
  /** What is empty or null leaves the address. */
  change(changes: Changes, afterMs?: number): void;
}

function useAddress(): Address {
  const [address, setAddress] = useSearchParams();
  const waiting = useRef<Changes>({});
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const write = (): void => {
    const changes = waiting.current;
    waiting.current = {};
    setAddress((before) => withParams(before, changes), { replace: true });
  };
  return {
    address,
    change(changes, afterMs = 0) {
      waiting.current = { ...waiting.current, ...changes };
      clearTimeout(timer.current);
      if (afterMs === 0) write();
      else timer.current = setTimeout(write, afterMs);
    },
  };
}

/** Reads again while symbols are imported, now and then; what the end of an import changes is read anew by itself. */
function useReadAgain(read: () => void): void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEvents(({ event }) => {
    if (event !== 'symbol_processing_complete' || timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      read();
    }, READ_AGAIN_MS);
  });
}
