import {
  CandlestickSeries,
  CrosshairMode,
  HistogramSeries,
  type UTCTimestamp,
  createChart,
} from 'lightweight-charts';
import type { Timeframe } from '../api/types.ts';
import { createMarkLines } from './mark-lines.ts';
import { type Column, placeWords } from './places.ts';

export interface PriceChart {
  /** What is shown from here on; the first time also how much of it: all, or the newest. */
  show(columns: readonly Column[], timeframe: Timeframe, isAllInSight: boolean): void;
  /** Puts the crosshair on a column and that into sight. */
  lookAt(index: number): void;
  /** Shows so many times as many bars, a column in their middle. */
  zoom(factor: number, index: number): void;
  close(): void;
}

const NEWEST_IN_SIGHT = 160;
/** Of what is in sight at first, at either end, so that labels of the axis have room. */
const FREE_SHARE = 0.02;
const PRICE_SHARE = 4;
const LEAST_IN_SIGHT = 8;

/** Candles over volume. `onLook` hears which column the pointer is at, or null when it has left. */
export function createPriceChart(element: HTMLElement, onLook: (index: number | null) => void): PriceChart {
  let columns: readonly Column[] = [];
  let timeframe: Timeframe = 'daily';
  let isShown = false;
  const chart = createChart(element, {
    autoSize: true,
    // The logo brings a style element, which the page's policy refuses; the view has the link in words.
    layout: { attributionLogo: false, panes: { enableResize: false } },
    crosshair: { mode: CrosshairMode.Magnet },
    rightPriceScale: {
      borderVisible: false,
      entireTextOnly: true,
      scaleMargins: { top: 0.1, bottom: 0.05 },
    },
    timeScale: {
      borderVisible: false,

      minBarSpacing: 0.05,
      secondsVisible: false,
    },
    handleScroll: { vertTouchDrag: false },
    kineticScroll: { touch: !matchMedia('(prefers-reduced-motion: reduce)').matches },
    localization: {
      locale: 'en-US',
      timeFormatter: (time: UTCTimestamp) => placeWords(time, timeframe),
    },
  });
  const candles = chart.addSeries(CandlestickSeries, { priceLineVisible: false, lastValueVisible: false });
  const volume = chart.addSeries(
    HistogramSeries,
    { priceFormat: { type: 'volume' }, priceLineVisible: false, lastValueVisible: false },
    1,
  );
  const [prices, volumes] = chart.panes();
  prices?.setStretchFactor(PRICE_SHARE);
  volumes?.setStretchFactor(1);
  const marks = createMarkLines();
  prices?.attachPrimitive(marks);
  const scale = chart.timeScale();

  const colour = (): void => {
    const { colourOf, font } = readLook(element);
    const [paper, quiet, line] = [colourOf('--card'), colourOf('--quiet'), colourOf('--line')];
    const [good, bad, warn] = [colourOf('--good'), colourOf('--bad'), colourOf('--warn')];
    chart.applyOptions({
      layout: {
        background: { color: paper },
        textColor: quiet,
        fontFamily: font,
        panes: { separatorColor: line },
      },
      grid: { vertLines: { color: line }, horzLines: { color: line } },
      crosshair: {
        vertLine: { color: quiet, labelBackgroundColor: colourOf('--ink') },
        horzLine: { color: quiet, labelBackgroundColor: colourOf('--ink') },
      },
    });
    // A rise is hollow, a fall is filled: told apart without their colours too.
    candles.applyOptions({
      upColor: paper,
      borderUpColor: good,
      wickUpColor: good,
      downColor: bad,
      borderDownColor: bad,
      wickDownColor: bad,
    });
    volume.applyOptions({ color: quiet });
    marks.show(
      columns,
      { gap: warn, reject: bad, split: colourOf('--accent'), unapplied: warn },
      `600 11px ${font}`,
    );
  };
  const theme = matchMedia('(prefers-color-scheme: dark)');
  theme.addEventListener('change', colour);
  chart.subscribeCrosshairMove(({ logical }) => {
    onLook(logical !== undefined && columns[logical] !== undefined ? logical : null);
  });

  return {
    show(nextColumns, nextTimeframe, isAllInSight) {
      columns = nextColumns;
      timeframe = nextTimeframe;
      scale.applyOptions({ timeVisible: timeframe === 'hourly' });
      const time = (place: number) => place as UTCTimestamp;
      candles.applyOptions({ priceFormat: priceFormatOf(columns) });
      candles.setData(columns.map(({ place, bar }) => ({ time: time(place), ...bar })));
      volume.setData(
        columns.map(({ place, bar }) => ({ time: time(place), ...(bar !== null && { value: bar.volume }) })),
      );
      colour();
      if (isShown || columns.length === 0) return;
      isShown = true;
      const last = columns.length - 1;
      const first = isAllInSight ? 0 : Math.max(last - NEWEST_IN_SIGHT, 0);
      const margin = (last - first) * FREE_SHARE + 1;
      scale.setVisibleLogicalRange({ from: first - margin, to: last + margin });
    },
    lookAt(index) {
      const column = columns[index];
      if (column === undefined) return;
      const seen = scale.getVisibleLogicalRange();
      if (seen !== null && (index < seen.from || index > seen.to)) {
        const half = (seen.to - seen.from) / 2;
        scale.setVisibleLogicalRange({ from: index - half, to: index + half });
      }
      const price =
        column.bar?.close ?? columns.slice(0, index).findLast(({ bar }) => bar !== null)?.bar?.close;
      chart.setCrosshairPosition(price ?? 0, column.place as UTCTimestamp, candles);
    },
    zoom(factor, index) {
      const seen = scale.getVisibleLogicalRange();
      if (seen === null) return;
      const half = Math.max(((seen.to - seen.from) / 2) * factor, LEAST_IN_SIGHT / 2);
      scale.setVisibleLogicalRange({ from: index - half, to: index + half });
    },
    close() {
      theme.removeEventListener('change', colour);
      chart.remove();
    },
  };
}

/** Cents, or finer for shares of less than a dollar. */
function priceFormatOf(columns: readonly Column[]): { type: 'price'; precision: number; minMove: number } {
  const lowest = columns.reduce((least, { bar }) => Math.min(least, bar?.low ?? Infinity), Infinity);
  return lowest < 1
    ? { type: 'price', precision: 4, minMove: 0.0001 }
    : { type: 'price', precision: 2, minMove: 0.01 };
}

/** The page's colours as they are in its theme now. */
function readLook(element: HTMLElement): { colourOf(variable: string): string; font: string } {
  return {
    font: getComputedStyle(element).fontFamily,
    colourOf(variable) {
      element.style.color = `var(${variable})`;
      const { color } = getComputedStyle(element);
      element.style.color = '';
      return color;
    },
  };
}
