import type { ReactNode } from 'react';
import type { Timeframe } from '../api/types.ts';
import { toggled } from './toggled.ts';

const ALL: readonly Timeframe[] = ['hourly', 'daily', 'weekly', 'monthly'];
export const allTimeframes: ReadonlySet<Timeframe> = new Set(ALL);

/** The chosen ones in their order. */
export const inOrder = (chosen: ReadonlySet<Timeframe>): Timeframe[] =>
  ALL.filter((timeframe) => chosen.has(timeframe));

/** Timeframes of which any number can be chosen; below them what is wrong with the choice. */
export function Timeframes(props: {
  readonly chosen: ReadonlySet<Timeframe>;
  readonly children?: ReactNode;
  choose(chosen: ReadonlySet<Timeframe>): void;
}) {
  const { chosen, choose, children } = props;
  return (
    <fieldset>
      <legend>Timeframes</legend>
      <div className="boxes">
        {ALL.map((timeframe) => (
          <label key={timeframe}>
            <input
              type="checkbox"
              checked={chosen.has(timeframe)}
              onChange={() => choose(toggled(chosen, timeframe))}
            />{' '}
            {timeframe}
          </label>
        ))}
      </div>
      {children}
    </fieldset>
  );
}
