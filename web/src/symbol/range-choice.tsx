import type { SymbolFacts } from '../api/types.ts';
import { Choices } from '../parts/choices.tsx';
import type { Wanted } from './queries.ts';

/** Puts values into the address; an empty one leaves it. */
export type Change = (values: Readonly<Record<string, string>>) => void;

const SPANS = [
  ['1', '1 month'],
  ['6', '6 months'],
  ['12', '1 year'],
  ['60', '5 years'],
  ['', 'newest'],
] as const;

/** Which dates are looked at: back from the last session, or any. */
export function RangeChoice(props: {
  readonly facts: SymbolFacts;
  readonly wanted: Wanted;
  readonly change: Change;
}) {
  const { facts, wanted, change } = props;
  const { from, to } = wanted;
  const last = facts.coverage
    .flatMap(({ ranges }) => ranges.map((range) => range.to))
    .reduce((a, b) => (a > b ? a : b));
  const fromOf = (months: string): string | null =>
    months === '' ? null : monthsBefore(last, Number(months));
  const chosen = to === null ? SPANS.find(([months]) => fromOf(months) === from)?.[0] : undefined;
  return (
    <div className="bar-choices">
      <Choices<string>
        label="How far back"
        of={SPANS}
        chosen={chosen ?? 'dates'}
        choose={(months) => change({ from: fromOf(months) ?? '', to: '' })}
      />
      {(['from', 'to'] as const).map((end) => (
        <label key={end} className="quiet">
          {end}{' '}
          <input
            type="date"
            value={wanted[end] ?? ''}
            min={end === 'to' ? (from ?? undefined) : undefined}
            onChange={({ target }) => change({ [end]: target.value })}
          />
        </label>
      ))}
    </div>
  );
}

/** The same day of an earlier month, or its last one. */
function monthsBefore(date: string, months: number): string {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  const lastOfMonth = new Date(Date.UTC(year, month - months, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 - months, Math.min(day, lastOfMonth))).toISOString().slice(0, 10);
}
