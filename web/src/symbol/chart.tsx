import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import type { Timeframe } from '../api/types.ts';
import { barWords, priceText, shortVolumeText, summaryWords } from './bar-words.ts';
import { type Column, placeWords } from './places.ts';
import { type PriceChart, createPriceChart } from './price-chart.ts';

const PAGE = 20;
const ZOOM = 1.5;

/**
 * The chart, with a line on what the pointer or the keys are at. It is a slider over its bars, so that keys and screen
 * readers get at each of them.
 */
export default function Chart(props: {
  readonly label: string;
  readonly columns: readonly Column[];
  readonly timeframe: Timeframe;
  /** All bars at first, not only the newest. */
  readonly isAllInSight: boolean;
}) {
  const { label, columns, timeframe, isAllInSight } = props;
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<PriceChart>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const last = columns.length - 1;
  const at = Math.min(pointed ?? last, last);
  const summary = useMemo(() => summaryWords(columns, timeframe), [columns, timeframe]);

  useEffect(() => {
    const made = createPriceChart(box.current!, setPointed);
    chart.current = made;
    return () => made.close();
  }, []);
  useEffect(() => {
    chart.current?.show(columns, timeframe, isAllInSight);
  }, [columns, timeframe, isAllInSight]);

  const onKey = (event: KeyboardEvent): void => {
    const to = goesTo(event.key, at, last);
    if (to !== null) {
      setPointed(to);
      chart.current?.lookAt(to);
    } else if (event.key === '+' || event.key === '=') chart.current?.zoom(1 / ZOOM, at);
    else if (event.key === '-') chart.current?.zoom(ZOOM, at);
    else return;
    event.preventDefault();
  };
  const column = columns[at];
  const said = column === undefined ? '' : `${placeWords(column.place, timeframe)}: ${barWords(column)}`;
  return (
    <figure className="price-chart">
      {column !== undefined && <LookedAt column={column} timeframe={timeframe} />}
      <div
        ref={box}
        className="canvas"
        role="slider"
        tabIndex={0}
        aria-label={`${label}. ${summary}`}
        aria-valuemin={1}
        aria-valuemax={columns.length}
        aria-valuenow={at + 1}
        aria-valuetext={said}
        onKeyDown={onKey}
      />
      <figcaption className="quiet">
        Arrows move from bar to bar, + and − zoom. ○ no bar, ✕ rejected, 2:1 a split, with ? one not applied.
        Charts by{' '}
        <a href="https://www.tradingview.com/" rel="noreferrer">
          TradingView Lightweight Charts™
        </a>
        , © 2026 TradingView, Inc.
      </figcaption>
    </figure>
  );
}

function LookedAt({ column, timeframe }: { readonly column: Column; readonly timeframe: Timeframe }) {
  const { place, bar, marks } = column;
  return (
    <p className="looked-at" aria-hidden="true">
      <strong>{placeWords(place, timeframe)}</strong>
      {marks.map(({ text }) => (
        <span key={text}>{text}</span>
      ))}
      {bar !== null && (
        <span className="looked-at-bar">
          {figures.map(([letter, name]) => (
            <span key={name}>
              {letter} {priceText(bar[name])}
            </span>
          ))}
          <span>V {shortVolumeText(bar.volume)}</span>
          {!bar.final && <span className="quiet">may still change</span>}
        </span>
      )}
    </p>
  );
}

const figures = [
  ['O', 'open'],
  ['H', 'high'],
  ['L', 'low'],
  ['C', 'close'],
] as const;

function goesTo(key: string, at: number, last: number): number | null {
  const wanted = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    PageUp: at - PAGE,
    PageDown: at + PAGE,
    Home: 0,
    End: last,
  }[key];
  return wanted === undefined ? null : Math.min(Math.max(wanted, 0), last);
}
