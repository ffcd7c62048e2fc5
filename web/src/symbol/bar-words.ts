import type { Timeframe } from '../api/types.ts';
import { type Column, placeWords } from './places.ts';

const prices = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 4 });
const volumes = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

const aligned = new Intl.NumberFormat('en-US', { minimumFractionDigits: 4, maximumFractionDigits: 4 });
const rounded = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 4 });

export const priceText = (price: number): string => prices.format(price);
/** All with the same places, for a column. */
export const alignedPriceText = (price: number): string => aligned.format(price);
export const volumeText = (volume: number): string => volumes.format(volume);
export const shortVolumeText = (volume: number): string => rounded.format(volume);

/** A column in a line. */
export function barWords({ bar, marks }: Column): string {
  const traded =
    bar === null
      ? []
      : [
          `open ${priceText(bar.open)}`,
          `high ${priceText(bar.high)}`,
          `low ${priceText(bar.low)}`,
          `close ${priceText(bar.close)}`,
          `volume ${volumeText(bar.volume)}`,
          ...(bar.final ? [] : ['may still change']),
        ];
  return [...traded, ...marks.map(({ text }) => text)].join(' · ');
}

/** What a glance at the chart tells. */
export function summaryWords(columns: readonly Column[], timeframe: Timeframe): string {
  const bars = columns.flatMap(({ place, bar }) => (bar === null ? [] : [{ ...bar, place }]));
  const [first] = bars;
  const last = bars.at(-1);
  if (first === undefined || last === undefined) return 'No bars.';
  const when = (place: number): string => placeWords(place, timeframe);
  const highest = bars.reduce((a, b) => (b.high > a.high ? b : a));
  const lowest = bars.reduce((a, b) => (b.low < a.low ? b : a));
  const marks = columns.reduce((sum, column) => sum + column.marks.length, 0);
  return [
    `${volumeText(bars.length)} bars`,
    `first ${when(first.place)}, close ${priceText(first.close)}`,
    `last ${when(last.place)}, close ${priceText(last.close)}`,
    `highest ${priceText(highest.high)}, ${when(highest.place)}`,
    `lowest ${priceText(lowest.low)}, ${when(lowest.place)}`,
    ...(marks > 0 ? [`${volumeText(marks)} marked`] : []),
  ].join('; ');
}
